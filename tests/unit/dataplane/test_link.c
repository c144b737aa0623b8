/* The session with control, and what it does to connections. */
#include <check.h>
#include <errno.h>

#include "common/fd.h"
#include "tests/unit/dataplane/fixture.h"
#include "tests/unit/suite.h"

static struct node *n;

static uint64_t
counter(enum figure f)
{
	return n->account.counters[f];
}

START_TEST(it_says_hello_until_it_is_welcomed)
{
	const struct ipc_node_hello *b;

	n = fixture_begin(NULL);
	fixture_advance(4 * IPC_HELLO_MS + 50);
	ck_assert_uint_ge(fixture_count(IPC_NODE_HELLO), 4);
	ck_assert_uint_le(fixture_count(IPC_NODE_HELLO), 5);
	b = &fixture_event(IPC_NODE_HELLO, 0)->u.node_hello;
	ck_assert_str_eq(b->name, "n1");
	fixture_welcome(SESSION);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_READY, 0)->u.node_ready.first_seq, 1);
	fixture_forget();
	fixture_advance(3000);
	ck_assert_uint_eq(fixture_count(IPC_NODE_HELLO), 0);
	ck_assert_uint_eq(fixture_count(IPC_NODE_BEAT), 3);
	fixture_end();
}
END_TEST

/* What is moved before its figures are told would be counted by nobody. */
START_TEST(a_session_begins_with_the_figures_so_far)
{
	n = fixture_begin(NULL);
	n->account.counters[FIGURE_ACCEPTED] = 7;
	fixture_advance(IPC_HELLO_MS);
	fixture_forget();
	fixture_welcome(SESSION);
	ck_assert_uint_eq(fixture.n_events, 2);
	ck_assert_int_eq(fixture.events[0].type, IPC_NODE_READY);
	ck_assert_int_eq(fixture.events[1].type, IPC_NODE_BEAT);
	ck_assert_uint_eq(
	    fixture.events[1].u.node_beat.figures[FIGURE_ACCEPTED], 7);
	fixture_end();
}
END_TEST

START_TEST(hellos_do_not_pile_up)
{
	n = fixture_begin(NULL);
	fixture_advance(1000);
	ck_assert_uint_eq(fake_links.n_flushes, fixture_count(IPC_NODE_HELLO));
	fixture_end();
}
END_TEST

START_TEST(nobody_is_told_hello_while_nobody_is_there)
{
	n = fixture_begin(NULL);
	fake_links.connected = false;
	fixture_advance(1000);
	ck_assert_uint_eq(fixture_count(IPC_NODE_HELLO), 0);
	fake_links.connected = true;
	fixture_advance(IPC_HELLO_MS);
	ck_assert_uint_eq(fixture_count(IPC_NODE_HELLO), 1);
	fixture_end();
}
END_TEST

/* nanomsg believes for ever in a control that ended as it greeted us. */
START_TEST(the_way_is_made_anew_while_there_is_no_session)
{
	n = fixture_begin(NULL);
	fixture_advance(UPLINK_RENEW_MS - 50);
	ck_assert_uint_eq(fake_links.n_opened, 1);
	fixture_advance(IPC_HELLO_MS + 50);
	ck_assert_uint_eq(fake_links.n_opened, 2);
	fixture_welcome(SESSION);
	fixture_advance(2 * UPLINK_RENEW_MS);
	ck_assert_uint_eq(fake_links.n_opened, 2);
	fixture_end();
}
END_TEST

START_TEST(a_welcome_for_another_start_is_stale)
{
	struct ipc_msg m = {.type = IPC_WELCOME};

	n = fixture_begin(NULL);
	m.to = n->link.epoch + 1;
	fixture_command(&m);
	ck_assert(!link_in_session(n));
	ck_assert_uint_eq(counter(FIGURE_IPC_STALE), 1);
	fixture_end();
}
END_TEST

START_TEST(a_second_welcome_of_the_same_session_changes_nothing)
{
	n = fixture_session(NULL);
	fixture_welcome(SESSION);
	ck_assert_uint_eq(fixture.n_events, 0);
	ck_assert_uint_eq(counter(FIGURE_CONTROL_LOSSES), 0);
	fixture_end();
}
END_TEST

START_TEST(a_welcome_of_the_session_that_was_lost_last_is_stale)
{
	n = fixture_session(NULL);
	fixture_lose();
	fixture_welcome(SESSION);
	ck_assert(!link_in_session(n));
	ck_assert_uint_eq(counter(FIGURE_IPC_STALE), 1);
	fixture_welcome(NEXT_SESSION);
	fixture_welcome(SESSION);
	ck_assert_uint_eq(n->link.session, NEXT_SESSION);
	ck_assert_uint_eq(counter(FIGURE_IPC_STALE), 2);
	fixture_end();
}
END_TEST

/* A PAIR_LIST_ASK that is a byte too long. */
static void
receive_malformed(uint64_t from, uint64_t to)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST_ASK, .from = from, .to = to};
	uint8_t buf[64];
	size_t len = ipc_encode(&m, buf, sizeof buf);

	ck_assert_uint_gt(len, 0);
	buf[len] = 0;
	command_receive(n, buf, len + 1);
}

START_TEST(what_is_malformed_ends_no_session_but_its_own)
{
	n = fixture_session(NULL);
	receive_malformed(SESSION + 1, n->link.epoch);
	receive_malformed(SESSION, n->link.epoch + 1);
	ck_assert_uint_eq(counter(FIGURE_IPC_STALE), 2);
	ck_assert_uint_eq(counter(FIGURE_IPC_BAD), 0);
	command_receive(n, "?", 1);
	ck_assert_uint_eq(counter(FIGURE_IPC_BAD), 1);
	ck_assert(link_in_session(n));
	receive_malformed(SESSION, n->link.epoch);
	ck_assert_uint_eq(counter(FIGURE_IPC_BAD), 2);
	ck_assert(!link_in_session(n));
	fixture_end();
}
END_TEST

START_TEST(a_malformed_welcome_ends_no_session)
{
	struct ipc_msg m = {.type = IPC_WELCOME, .from = NEXT_SESSION};
	uint8_t buf[128];

	n = fixture_session(NULL);
	m.to = n->link.epoch;
	command_receive(n, buf, ipc_encode(&m, buf, sizeof buf) - 1);
	ck_assert_uint_eq(counter(FIGURE_IPC_BAD), 1);
	ck_assert_uint_eq(n->link.session, SESSION);
	fixture_end();
}
END_TEST

START_TEST(commands_of_another_session_are_dropped_and_counted)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST_ASK, .from = SESSION + 1};

	n = fixture_session(NULL);
	fixture_command(&m);
	m.from = 0;
	m.to = n->link.epoch + 1;
	fixture_command(&m);
	ck_assert_uint_eq(counter(FIGURE_IPC_STALE), 2);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_LIST), 0);
	fixture_end();
}
END_TEST

START_TEST(beats_carry_figures_and_counts)
{
	const struct ipc_node_beat *b;
	int peer;

	n = fixture_session(NULL);
	(void)fixture_open(&peer, false, "x");
	fixture_release(3);
	fixture_advance(2000);
	b = &fixture_event(IPC_NODE_BEAT, 0)->u.node_beat;
	ck_assert_uint_eq(b->n_pending, 1);
	ck_assert_uint_eq(b->n_pairs, 0);
	ck_assert_uint_eq(b->last_seq, 3);
	ck_assert_uint_eq(b->figures[FIGURE_PENDING], 1);
	ck_assert_uint_eq(b->figures[FIGURE_CONNECTIONS], 1);
	ck_assert_uint_eq(b->figures[FIGURE_ASKS], 1);
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(silence_or_a_socket_that_is_gone_ends_the_session)
{
	n = fixture_session(NULL);
	fixture.silent = true;
	if (_i == 1)
		fake_links.connected = false;
	if (_i == 2)
		fake_links.n_peers = 0;
	fixture_advance(_i == 0 ? IPC_LOST_MS - 300 : 1);
	ck_assert(link_in_session(n));
	fixture_advance(_i == 0 ? 600 : IPC_HELLO_MS);
	ck_assert(!link_in_session(n));
	ck_assert_uint_eq(counter(FIGURE_CONTROL_LOSSES), 1);
	fake_links.connected = true;
	fixture_advance(IPC_HELLO_MS);
	ck_assert_uint_ge(fixture_count(IPC_NODE_HELLO), 1);
	fixture_end();
}
END_TEST

/* Control's beats of before are found at the same time. */

START_TEST(a_process_that_stood_still_begins_a_new_session)
{
	struct ipc_msg beat = {.type = IPC_CONTROL_BEAT};
	int peer;

	n = fixture_session(NULL);
	fixture_advance(1000);
	beat.from = n->link.session;
	fake_now_ms += IPC_LOST_MS;
	fixture_command(&beat);
	peer = fixture_arrive(false, 1);
	sockets_put(peer, "x", 1);
	fixture_rounds(2);
	ck_assert(!link_in_session(n));
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(a_full_queue_ends_the_session)
{
	int peer;

	n = fixture_session(NULL);
	fake_links.send_errno = ENOBUFS;
	peer = fixture_arrive(false, 1);
	sockets_put(peer, "x", 1);
	fixture_rounds(2);
	ck_assert(!link_in_session(n));
	ck_assert_uint_ge(counter(FIGURE_IPC_QUEUE_FULL), 1);
	fixture_advance(10);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(a_new_session_on_top_of_one_voids_it)
{
	int peer;
	uint64_t conn;

	n = fixture_session(NULL);
	conn = fixture_open(&peer, false, "x");
	fixture_hold(conn, 1, IPC_FIN_DROPS, "");
	fixture_welcome(NEXT_SESSION);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture_ended(REASON_CONTROL_LOST), 1);
	ck_assert_uint_eq(n->link.session, NEXT_SESSION);
	fd_close(&peer);
	fixture_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("link");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, it_says_hello_until_it_is_welcomed);
	tcase_add_test(t, a_session_begins_with_the_figures_so_far);
	tcase_add_test(t, hellos_do_not_pile_up);
	tcase_add_test(t, nobody_is_told_hello_while_nobody_is_there);
	tcase_add_test(t, the_way_is_made_anew_while_there_is_no_session);
	tcase_add_test(t, a_welcome_for_another_start_is_stale);
	tcase_add_test(t, a_second_welcome_of_the_same_session_changes_nothing);
	tcase_add_test(t, a_welcome_of_the_session_that_was_lost_last_is_stale);
	tcase_add_test(t, what_is_malformed_ends_no_session_but_its_own);
	tcase_add_test(t, a_malformed_welcome_ends_no_session);
	tcase_add_test(t, commands_of_another_session_are_dropped_and_counted);
	tcase_add_test(t, beats_carry_figures_and_counts);
	tcase_add_loop_test(
	    t, silence_or_a_socket_that_is_gone_ends_the_session, 0, 3);
	tcase_add_test(t, a_process_that_stood_still_begins_a_new_session);
	tcase_add_test(t, a_full_queue_ends_the_session);
	tcase_add_test(t, a_new_session_on_top_of_one_voids_it);
	return suite_run("link", (TCase *[]){t, NULL});
}
