/* What is released reaches control for certain, and in its order. */
#include <check.h>
#include <errno.h>

#include "tests/unit/dataplane/fixture.h"
#include "tests/unit/suite.h"

static struct node *n;

START_TEST(a_release_is_sent_again_until_it_is_acknowledged)
{
	n = fixture_session(NULL);
	fixture_release(2);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 2);
	fixture_advance(IPC_RESEND_MS - 100);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 2);
	fixture_advance(600);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 4);
	ck_assert_uint_eq(n->account.counters[FIGURE_RELEASES_RESENT], 2);
	ck_assert_uint_eq(fixture_event(IPC_CONN_GONE, 1)->u.conn_gone.seq, 1);
	fixture_acknowledge(1);
	fixture_advance(1500);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 5);
	ck_assert_uint_eq(fixture_event(IPC_CONN_GONE, 0)->u.conn_gone.seq, 2);
	fixture_acknowledge(2);
	fixture_acknowledge(1); /* an old one, crossed */
	fixture_advance(3000);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 5);
	fixture_end();
}
END_TEST

START_TEST(an_ack_of_what_was_never_sent_is_malformed)
{
	n = fixture_session(NULL);
	fixture_release(2);
	fixture_acknowledge(2);
	ck_assert(link_in_session(n));
	fixture_acknowledge(3);
	ck_assert(!link_in_session(n));
	fixture_end();
}
END_TEST

START_TEST(a_new_session_hears_all_that_was_not_acknowledged)
{
	n = fixture_session(NULL);
	fixture_release(3);
	fixture_acknowledge(1);
	fixture_lose();
	fixture_release(1);
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_READY, 0)->u.node_ready.first_seq, 2);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 3);
	ck_assert_uint_eq(fixture_event(IPC_CONN_GONE, 2)->u.conn_gone.seq, 2);
	ck_assert_uint_eq(fixture_event(IPC_CONN_GONE, 0)->u.conn_gone.seq, 4);
	fixture_end();
}
END_TEST

START_TEST(no_more_than_a_window_is_under_way)
{
	n = fixture_session(NULL);
	fixture_release(RELEASE_WINDOW + 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), RELEASE_WINDOW);
	fixture_acknowledge(1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), RELEASE_WINDOW + 1);
	fixture_end();
}
END_TEST

START_TEST(a_release_that_the_queue_does_not_take_is_sent_later)
{
	n = fixture_session(NULL);
	fake_links.send_errno = ENOBUFS;
	fixture_release(1);
	fake_links.send_errno = 0;
	ck_assert(link_in_session(n));
	fixture_advance(IPC_HELLO_MS + 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 1);
	fixture_end();
}
END_TEST

START_TEST(beyond_the_bound_the_oldest_go_and_the_session_with_them)
{
	n = fixture_begin(NULL);
	fixture_release(IPC_RELEASES_MAX);
	ck_assert_uint_eq(n->releases.first_seq, 1);
	fixture_welcome(SESSION);
	fixture_release(1);
	ck_assert_uint_eq(n->releases.first_seq, 2);
	ck_assert(!link_in_session(n));
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_READY, 0)->u.node_ready.first_seq, 2);
	fixture_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("releases");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, a_release_is_sent_again_until_it_is_acknowledged);
	tcase_add_test(t, an_ack_of_what_was_never_sent_is_malformed);
	tcase_add_test(t, a_new_session_hears_all_that_was_not_acknowledged);
	tcase_add_test(t, no_more_than_a_window_is_under_way);
	tcase_add_test(t, a_release_that_the_queue_does_not_take_is_sent_later);
	tcase_add_test(
	    t, beyond_the_bound_the_oldest_go_and_the_session_with_them);
	return suite_run("releases", (TCase *[]){t, NULL});
}
