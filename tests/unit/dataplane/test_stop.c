/* The end of a node: newcomers, who is pending, and what control hears. */
#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/dataplane/stop_world.h"
#include "tests/unit/suite.h"

START_TEST(a_node_with_nobody_says_goodbye_at_once)
{
	world_begin();
	stop_signal(n);
	ck_assert_uint_eq(fixture_count(IPC_NODE_BYE), 1);
	ck_assert_int_eq(
	    fixture.events[fixture.n_events - 1].type, IPC_NODE_BYE);
	world_answer_goodbye();
	world_expect_end();
}
END_TEST

START_TEST(the_last_beat_has_all_that_was_moved)
{
	const struct ipc_msg *last;
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	stop_signal(n);
	sockets_put(peers[0], "12345", 5);
	fixture_rounds(5);
	world_part(peers);
	world_acknowledge();
	last = &fixture.events[fixture.n_events - 1];
	ck_assert_int_eq(last[0].type, IPC_NODE_BYE);
	ck_assert_int_eq(last[-1].type, IPC_NODE_BEAT);
	ck_assert_uint_eq(last[-1].u.node_beat.figures[FIGURE_BYTES_SPLICED] +
			      last[-1].u.node_beat.figures[FIGURE_BYTES_COPIED],
	    7); /* and what the two said at first */
	world_answer_goodbye();
	world_expect_end();
}
END_TEST

START_TEST(an_end_waits_a_second_for_the_answer)
{
	world_begin();
	stop_signal(n);
	fixture_advance(IPC_BYE_TIMEOUT_MS - 1);
	ck_assert(deadline_is_armed(&n->stop.deadline));
	fixture_advance(1);
	ck_assert(!deadline_is_armed(&n->stop.deadline));
	world_expect_end();
}
END_TEST

START_TEST(a_goodbye_answered_unasked_is_malformed)
{
	world_begin();
	world_answer_goodbye();
	ck_assert(!link_in_session(n));
	fixture_end();
}
END_TEST

START_TEST(without_control_an_end_needs_no_goodbye)
{
	n = fixture_begin(NULL);
	stop_signal(n);
	ck_assert_uint_eq(fixture_count(IPC_NODE_BYE), 0);
	world_expect_end();
}
END_TEST

START_TEST(what_is_pending_may_still_become_a_pair)
{
	struct ipc_msg m;
	uint64_t held;
	int a, b, peers[2];

	world_begin();
	held = fixture_open(&a, false, "a");
	fixture_hold(held, 0, IPC_FIN_DROPS, "");
	stop_signal(n);
	fixture_advance(5000);
	ck_assert_int_eq(fixture_state(held), PENDING_HELD);
	m = fixture_pair(held, fixture_open(&b, true, "b"));
	fixture_command(&m);
	fixture_rounds(3);
	ck_assert_uint_eq(n->pairs.n, 1);
	ck_assert(!world_said_goodbye());
	peers[0] = a;
	peers[1] = b;
	world_part(peers);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	fixture_end();
}
END_TEST

START_TEST(what_is_pending_keeps_its_own_deadline)
{
	int peer;

	world_begin();
	fixture_hold(fixture_open(&peer, false, "a"), 0, IPC_FIN_DROPS, "");
	stop_signal(n);
	fixture_advance(10000 - 1); /* fixture_hold's */
	ck_assert_uint_eq(fixture_ended(REASON_HELD_TIMEOUT), 0);
	fixture_advance(1);
	ck_assert_uint_eq(fixture_ended(REASON_HELD_TIMEOUT), 1);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(who_says_nothing_for_a_second_is_closed)
{
	int silent, late;

	world_begin();
	silent = fixture_arrive(false, 1);
	late = fixture_arrive(false, 2);
	stop_signal(n);
	fixture_advance(STOP_GRACE_MS - 1);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 0);
	sockets_put(late, "x", 1);
	fixture_rounds(2);
	fixture_advance(1);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 1);
	ck_assert_uint_eq(n->pendings.n, 1);
	fixture_advance(IPC_ASK_TIMEOUT_MS);
	ck_assert_uint_eq(n->pendings.n, 0);
	fd_close(&silent);
	fd_close(&late);
	fixture_end();
}
END_TEST

START_TEST(the_deadline_closes_what_is_pending)
{
	int peer;

	world_begin();
	(void)fixture_open(&peer, false, "a");
	world_drain(500);
	fixture_advance(499);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 0);
	fixture_advance(1);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 1);
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(a_second_signal_means_now)
{
	int peers[2], held;

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	fixture_hold(fixture_open(&held, false, "h"), 0, IPC_FIN_DROPS, "");
	stop_signal(n);
	fixture_rounds(5);
	ck_assert_uint_eq(n->pairs.n, 1);
	stop_signal(n);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 1);
	fixture_rounds(5);
	ck_assert_int_eq(world_how_pair_ended(), REASON_SHUTDOWN);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	world_answer_goodbye();
	world_part(peers);
	fd_close(&held);
	world_expect_end();
}
END_TEST

START_TEST(a_third_signal_waits_for_nothing)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	for (int i = 0; i < 3; i++)
		stop_signal(n);
	ck_abort_msg("the third signal did not end the process");
}
END_TEST

START_TEST(control_hears_of_all_ends_before_the_goodbye)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	world_drain(0);
	fixture_rounds(3);
	ck_assert_int_eq(world_how_pair_ended(), REASON_DRAINED);
	ck_assert(!world_said_goodbye());
	fixture_advance(STOP_RELEASES_MS - 1);
	ck_assert(!world_said_goodbye());
	fixture_advance(1); /* it does not answer: no more patience */
	ck_assert(world_said_goodbye());
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(an_end_does_not_wait_for_pairs_that_do_not_end)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	world_outgrow(peers);
	world_drain(0);
	fake_now_ms += STOP_PAIRS_MS - 1;
	ck_assert_int_eq(loop_turn(n->loop), 0); /* and no thread's */
	ck_assert(!world_said_goodbye());
	fake_now_ms++;
	ck_assert_int_eq(loop_turn(n->loop), 0);
	ck_assert(world_said_goodbye());
	world_part(peers);
	fixture_end();
}
END_TEST

static void
begin_listening(struct sockaddr_storage *where, socklen_t *len)
{
	static const char *const SETTINGS[] = {"listen=[127.0.0.1:0]", NULL};
	char why[CONF_WHY_CAP], path[64];

	(void)snprintf(
	    path, sizeof path, "/tmp/carrick-stop.%d.sock", (int)getpid());
	n = fixture_session(SETTINGS);
	ck_assert_int_eq(listeners_bind(n, why), 0);
	ck_assert_int_eq(listeners_bind_local(n, path, why), 0);
	ck_assert_int_eq(listeners_accept(n), 0);
	*len = addr_to_sockaddr(&n->listeners[0].bound, where);
}

START_TEST(newcomers_are_let_in_no_more_but_for_those_in_the_backlog)
{
	struct sockaddr_storage where;
	socklen_t len;
	int first, second;

	begin_listening(&where, &len);
	first = socket(where.ss_family, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(first, (void *)&where, len), 0);
	ck_assert_uint_eq(n->pendings.n, 0);
	stop_signal(n);
	ck_assert_uint_eq(n->pendings.n, 1);
	second = socket(where.ss_family, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(second, (void *)&where, len), -1);
	ck_assert_int_eq(access(n->accept_path, F_OK), 0);
	ck_assert_ptr_nonnull(n->local.acceptor);
	sockets_put(first, "x", 1);
	fixture_rounds(3);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 1);
	fd_close(&first);
	fd_close(&second);
	fixture_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("stop");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, a_node_with_nobody_says_goodbye_at_once);
	tcase_add_test(t, the_last_beat_has_all_that_was_moved);
	tcase_add_test(t, an_end_waits_a_second_for_the_answer);
	tcase_add_test(t, a_goodbye_answered_unasked_is_malformed);
	tcase_add_test(t, without_control_an_end_needs_no_goodbye);
	tcase_add_test(t, what_is_pending_may_still_become_a_pair);
	tcase_add_test(t, what_is_pending_keeps_its_own_deadline);
	tcase_add_test(t, who_says_nothing_for_a_second_is_closed);
	tcase_add_test(t, the_deadline_closes_what_is_pending);
	tcase_add_test(t, a_second_signal_means_now);
	tcase_add_exit_test(t, a_third_signal_waits_for_nothing, EXIT_FAILURE);
	tcase_add_test(t, control_hears_of_all_ends_before_the_goodbye);
	tcase_add_test(t, an_end_does_not_wait_for_pairs_that_do_not_end);
	tcase_add_test(
	    t, newcomers_are_let_in_no_more_but_for_those_in_the_backlog);
	return suite_run("stop", (TCase *[]){t, NULL});
}
