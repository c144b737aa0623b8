/* Joins that come to nothing, and what control is told of them. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "tests/unit/dataplane/failing.h"
#include "tests/unit/dataplane/hop_world.h"
#include "tests/unit/suite.h"

START_TEST(nobody_is_joined_who_is_not_listed)
{
	struct addr other = there;
	struct ipc_msg m;

	other.port++;
	m = world_join_to(&other);
	fixture_command(&m);
	world_expect_refused(REASON_SIBLING_UNLISTED, IPC_GONE_B);
}
END_TEST

START_TEST(its_own_listener_is_no_sibling_unless_it_is_listed_singly)
{
	struct ipc_msg m = world_join_in_network();

	if (_i == 0) {
		fixture.node->accept.bound = m.u.conn_join.addr;
	} else if (_i == 1) {
		free(fixture.node->config.accept_advertise);
		fixture.node->config.accept_advertise =
		    strdup("192.0.2.7:7444");
	} else {
		fixture.node->n_listeners = 1;
		fixture.node->listeners[0].bound = m.u.conn_join.addr;
	}
	fixture_command(&m);
	world_expect_refused(REASON_SIBLING_UNLISTED, IPC_GONE_B);
}
END_TEST

/* Listening on all addresses it does not know them; where the connection
 * comes from tells. */

START_TEST(this_machine_is_no_sibling_by_its_network)
{
	struct hop *h;
	struct ipc_msg m = world_join_in_network();

	fixture_command(&m);
	h = LIST_FIRST(&fixture.node->hops);
	ck_assert_ptr_nonnull(h);
	h->addr = there; /* 127.0.0.1 reaches itself from there */
	world_expect_refused(REASON_SIBLING_UNLISTED, IPC_GONE_B);
	sibling = accept(listener, NULL, NULL);
	fixture_expect(sibling, "");
}
END_TEST

START_TEST(a_sibling_that_takes_nobody_is_told_as_unreached)
{
	fd_close(&listener);
	world_join();
	world_expect_refused(REASON_SIBLING_UNREACHED, IPC_GONE_B);
	ck_assert_uint_eq(fixture_ended(REASON_SIBLING_UNREACHED), 1);
}
END_TEST

START_TEST(a_connect_that_fails_at_once_is_told_as_unreached)
{
	connect_errno = ENETUNREACH;
	world_join();
	world_expect_refused(REASON_SIBLING_UNREACHED, IPC_GONE_B);
}
END_TEST

START_TEST(a_sibling_that_does_not_answer_has_its_time)
{
	connect_is_late = true;
	world_join();
	fixture_advance(TTL_MS - 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_JOINING);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 0);
	fixture_advance(1);
	world_expect_refused(REASON_SIBLING_UNREACHED, IPC_GONE_B);
}
END_TEST

START_TEST(a_reset_meanwhile_ends_it)
{
	connect_is_late = true;
	world_join();
	sockets_reset(&peer);
	world_expect_refused(REASON_RESET, IPC_GONE_A);
}
END_TEST

START_TEST(a_connection_that_is_gone_is_joined_to_nobody)
{
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	world_join();
	world_expect_refused(REASON_PARTNER_GONE, IPC_GONE_A);
}
END_TEST

START_TEST(a_join_that_skips_more_than_was_shown_is_impossible)
{
	struct ipc_msg m = world_join_to(&there);

	m.u.conn_join.skip = 15;
	fixture_command(&m);
	ck_assert(!link_in_session(fixture.node));
	ck_assert_uint_eq(fixture.node->account.counters[FIGURE_IPC_BAD], 1);
}
END_TEST

START_TEST(a_join_of_one_that_waits_is_impossible)
{
	fixture_wait(conn, 100, 1000);
	world_join();
	ck_assert(!link_in_session(fixture.node));
}
END_TEST

START_TEST(siblings_have_their_own_places)
{
	fixture.node->admissions.max[ADMISSION_SIBLING] = 0;
	world_join();
	world_expect_refused(REASON_LIMIT_CONNECTIONS, IPC_GONE_A);
}
END_TEST

START_TEST(without_a_descriptor_there_is_no_join)
{
	no_socket = true;
	world_join();
	no_socket = false;
	world_expect_refused(REASON_RESOURCES, IPC_GONE_A);
}
END_TEST

/* Each allocation and each event of a join fails once; what is told is one
 * refusal, and nothing stays open. */

START_TEST(whatever_fails_of_a_join_is_told_once)
{
	static const enum call CALLS[] = {
	    CALL_CALLOC, CALL_EVENT_NEW, CALL_EVENT_ADD, CALL_SEND, CALL_RECV};
	int n_fds = sockets_n_fds();

	failing = (struct failing){
	    .armed = true, .call = CALLS[_i], .error = ENOMEM, .at = 1};
	world_join();
	fixture_rounds(5);
	failing.armed = false;
	ck_assert_int_ge(failing.n_calls, 1);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_SIBLING], 0);
	ck_assert_int_eq(sockets_n_fds(), n_fds - 1); /* the peer's is closed */
}
END_TEST

START_TEST(without_memory_for_the_pair_it_is_refused)
{
	failing = (struct failing){
	    .armed = true, .call = CALL_CALLOC, .error = ENOMEM, .at = 2};
	world_join();
	fixture_rounds(5);
	failing.armed = false;
	world_expect_refused(REASON_RESOURCES, IPC_GONE_A);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("hop_refused");

	tcase_add_checked_fixture(tc, world_set_up, world_tear_down);
	tcase_add_test(tc, nobody_is_joined_who_is_not_listed);
	tcase_add_loop_test(tc,
	    its_own_listener_is_no_sibling_unless_it_is_listed_singly, 0, 3);
	tcase_add_test(tc, this_machine_is_no_sibling_by_its_network);
	tcase_add_test(tc, a_sibling_that_takes_nobody_is_told_as_unreached);
	tcase_add_test(tc, a_connect_that_fails_at_once_is_told_as_unreached);
	tcase_add_test(tc, a_sibling_that_does_not_answer_has_its_time);
	tcase_add_test(tc, a_reset_meanwhile_ends_it);
	tcase_add_test(tc, a_connection_that_is_gone_is_joined_to_nobody);
	tcase_add_test(tc, a_join_that_skips_more_than_was_shown_is_impossible);
	tcase_add_test(tc, a_join_of_one_that_waits_is_impossible);
	tcase_add_test(tc, siblings_have_their_own_places);
	tcase_add_test(tc, without_a_descriptor_there_is_no_join);
	tcase_add_loop_test(tc, whatever_fails_of_a_join_is_told_once, 0, 5);
	tcase_add_test(tc, without_memory_for_the_pair_it_is_refused);
	return suite_run("hop_refused", (TCase *[]){tc, NULL});
}
