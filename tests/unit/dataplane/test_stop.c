/* The end of a node: who may finish, for how long, and what control hears. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/dataplane/fixture.h"

#define OWN_MS 60000 /* drain_timeout_ms by default */

static struct node *n;

static void
begin(void)
{
	fixture_session(NULL);
	n = fixture.node;
}

static void
acknowledge(void)
{
	fixture_acknowledge(n->releases.next_seq - 1);
}

static void
answer_goodbye(void)
{
	struct ipc_msg m = {.type = IPC_BYE_ACK};

	m.from = n->link.session;
	fixture_command(&m);
}

static void
drain(uint32_t timeout_ms)
{
	struct ipc_msg m = {.type = IPC_DRAIN};

	m.u.drain.timeout_ms = timeout_ms;
	fixture_command(&m);
}

/* A pair that a drain waits for, or not; its peers. */
static void
make_pair(int peers[2], enum ipc_on_drain on_drain)
{
	struct ipc_msg m = fixture_pair(fixture_open(&peers[0], false, "a"),
	    fixture_open(&peers[1], false, "b"));

	m.u.conn_pair.limits.on_drain = (uint8_t)on_drain;
	fixture_command(&m);
	fixture_rounds(3);
	ck_assert_uint_ge(n->pairs.n, 1);
}

static void
part(int peers[2])
{
	fd_close(&peers[0]);
	fd_close(&peers[1]);
	fixture_rounds(5);
}

static const struct ipc_node_beat *
beat(void)
{
	return &fixture_event(IPC_NODE_BEAT, 0)->u.node_beat;
}

static int
how_pair_ended(void)
{
	return fixture_event(IPC_PAIR_ENDED, 0)->u.pair_ended.reason;
}

static bool
said_goodbye(void)
{
	return fixture_count(IPC_NODE_BYE) > 0;
}

/* The loop was stopped: it would wait for ever otherwise. */
static void
expect_end(void)
{
	ck_assert_int_eq(loop_run(n->loop), 0);
	fixture_end();
}

START_TEST(a_node_with_nobody_says_goodbye_at_once)
{
	begin();
	stop_signal(n);
	ck_assert_uint_eq(fixture_count(IPC_NODE_BYE), 1);
	ck_assert_int_eq(
	    fixture.events[fixture.n_events - 1].type, IPC_NODE_BYE);
	answer_goodbye();
	expect_end();
}
END_TEST

START_TEST(an_end_waits_a_second_for_the_answer)
{
	begin();
	stop_signal(n);
	fixture_advance(IPC_BYE_TIMEOUT_MS - 1);
	ck_assert(deadline_is_armed(&n->stop.deadline));
	fixture_advance(1);
	ck_assert(!deadline_is_armed(&n->stop.deadline));
	expect_end();
}
END_TEST

START_TEST(a_goodbye_answered_unasked_is_malformed)
{
	begin();
	answer_goodbye();
	ck_assert(!link_in_session(n));
	fixture_end();
}
END_TEST

START_TEST(without_control_an_end_needs_no_goodbye)
{
	fixture_begin(NULL);
	n = fixture.node;
	stop_signal(n);
	ck_assert_uint_eq(fixture_count(IPC_NODE_BYE), 0);
	expect_end();
}
END_TEST

START_TEST(a_drain_is_said_at_once_and_with_every_beat)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	fixture_advance(IPC_BEAT_MS);
	ck_assert_uint_eq(beat()->flags, 0);
	ck_assert_uint_eq(beat()->drain_ms, 0);
	fixture_forget();
	stop_signal(n);
	ck_assert_uint_eq(beat()->flags, IPC_NODE_DRAINS);
	ck_assert_uint_eq(beat()->drain_ms, OWN_MS);
	fixture_forget();
	fixture_advance(IPC_BEAT_MS);
	ck_assert_uint_eq(beat()->flags, IPC_NODE_DRAINS);
	ck_assert_uint_lt(beat()->drain_ms, OWN_MS);
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_pair_runs_to_its_end_and_the_node_ends_with_it)
{
	int peers[2];
	char c;

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	stop_signal(n);
	fixture_advance(OWN_MS - 1000);
	sockets_put(peers[0], "x", 1);
	fixture_rounds(5);
	ck_assert_int_eq(sockets_get(peers[1], &c, 1), 1);
	ck_assert(!said_goodbye());
	part(peers);
	ck_assert_int_ne(how_pair_ended(), REASON_DRAINED);
	acknowledge();
	ck_assert(said_goodbye());
	answer_goodbye();
	expect_end();
}
END_TEST

START_TEST(a_pair_is_cut_at_the_deadline_and_counted_as_drained)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	stop_signal(n);
	fixture_advance(OWN_MS - 1);
	ck_assert_uint_eq(n->pairs.n, 1);
	fixture_advance(1);
	fixture_rounds(3);
	ck_assert_int_eq(how_pair_ended(), REASON_DRAINED);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_DRAINED], 1);
	acknowledge();
	ck_assert(said_goodbye());
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(what_is_pending_may_still_become_a_pair)
{
	struct ipc_msg m;
	uint64_t held;
	int a, b, peers[2];

	begin();
	held = fixture_open(&a, false, "a");
	fixture_hold(held, 0, IPC_FIN_DROPS, "");
	stop_signal(n);
	fixture_advance(5000);
	ck_assert_int_eq(fixture_state(held), PENDING_HELD);
	m = fixture_pair(held, fixture_open(&b, true, "b"));
	fixture_command(&m);
	fixture_rounds(3);
	ck_assert_uint_eq(n->pairs.n, 1);
	ck_assert(!said_goodbye());
	peers[0] = a;
	peers[1] = b;
	part(peers);
	acknowledge();
	ck_assert(said_goodbye());
	fixture_end();
}
END_TEST

START_TEST(what_is_pending_keeps_its_own_deadline)
{
	int peer;

	begin();
	fixture_hold(fixture_open(&peer, false, "a"), 0, IPC_FIN_DROPS, "");
	stop_signal(n);
	fixture_advance(10000 - 1); /* fixture_hold's */
	ck_assert_uint_eq(fixture_ended(REASON_HELD_TIMEOUT), 0);
	fixture_advance(1);
	ck_assert_uint_eq(fixture_ended(REASON_HELD_TIMEOUT), 1);
	acknowledge();
	ck_assert(said_goodbye());
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(who_says_nothing_for_a_second_is_closed)
{
	int silent, late;

	begin();
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

	begin();
	(void)fixture_open(&peer, false, "a");
	drain(500);
	fixture_advance(499);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 0);
	fixture_advance(1);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 1);
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(a_pair_that_is_not_waited_for_has_a_second)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_ENDS);
	stop_signal(n);
	fixture_advance(STOP_GRACE_MS - 1);
	ck_assert_uint_eq(n->pairs.n, 1);
	fixture_advance(1);
	fixture_rounds(3);
	ck_assert_int_eq(how_pair_ended(), REASON_SHUTDOWN);
	acknowledge();
	ck_assert(said_goodbye());
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_pair_that_is_not_waited_for_may_end_before)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_ENDS);
	stop_signal(n);
	part(peers);
	acknowledge();
	ck_assert(said_goodbye());
	fixture_end();
}
END_TEST

START_TEST(without_control_nobody_ends_such_a_pair_better)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_ENDS);
	link_give_up(n, "a test wants it");
	stop_signal(n);
	fixture_rounds(5);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_SHUTDOWN], 1);
	part(peers);
	expect_end();
}
END_TEST

START_TEST(a_long_drain_does_not_keep_such_a_pair)
{
	int waits[2], ends[2];

	begin();
	make_pair(waits, IPC_DRAIN_WAITS);
	make_pair(ends, IPC_DRAIN_ENDS);
	stop_signal(n);
	fixture_advance(2 * STOP_GRACE_MS);
	part(waits);
	ck_assert_uint_eq(n->pairs.n, 0);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_SHUTDOWN], 1);
	part(ends);
	fixture_end();
}
END_TEST

START_TEST(a_second_signal_means_now)
{
	int peers[2], held;

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	fixture_hold(fixture_open(&held, false, "h"), 0, IPC_FIN_DROPS, "");
	stop_signal(n);
	fixture_rounds(5);
	ck_assert_uint_eq(n->pairs.n, 1);
	stop_signal(n);
	ck_assert_uint_eq(fixture_ended(REASON_SHUTDOWN), 1);
	fixture_rounds(5);
	ck_assert_int_eq(how_pair_ended(), REASON_SHUTDOWN);
	acknowledge();
	ck_assert(said_goodbye());
	answer_goodbye();
	part(peers);
	fd_close(&held);
	expect_end();
}
END_TEST

START_TEST(a_third_signal_waits_for_nothing)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	for (int i = 0; i < 3; i++)
		stop_signal(n);
	ck_abort_msg("the third signal did not end the process");
}
END_TEST

START_TEST(control_drains_a_node_like_a_signal_does)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	drain(IPC_DRAIN_OWN_MS);
	ck_assert_uint_eq(beat()->flags, IPC_NODE_DRAINS);
	ck_assert_uint_eq(stop_left_ms(n), OWN_MS);
	fixture_advance(OWN_MS);
	fixture_rounds(3);
	ck_assert_int_eq(how_pair_ended(), REASON_DRAINED);
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_later_drain_gives_another_time)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	drain(5000);
	fixture_advance(1000);
	drain(IPC_DRAIN_MAX_MS);
	ck_assert_uint_eq(beat()->drain_ms, IPC_DRAIN_MAX_MS);
	fixture_advance(10000);
	ck_assert_uint_eq(n->pairs.n, 1);
	drain(0);
	fixture_rounds(3);
	ck_assert_int_eq(how_pair_ended(), REASON_DRAINED);
	drain(5000); /* too late to change anything */
	ck_assert_uint_eq(stop_left_ms(n), 0);
	acknowledge();
	ck_assert(said_goodbye());
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_signal_shortens_controls_drain_and_never_lengthens_it)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	drain(2 * OWN_MS);
	stop_signal(n);
	ck_assert_uint_eq(stop_left_ms(n), OWN_MS);
	part(peers);
	fixture_end();
	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	drain(OWN_MS / 2);
	stop_signal(n);
	ck_assert_uint_eq(stop_left_ms(n), OWN_MS / 2);
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_new_control_is_told_of_the_drain)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	stop_signal(n);
	fake_links.n_peers = 0;
	fixture_advance(IPC_HELLO_MS + 1);
	ck_assert(!link_in_session(n));
	fake_links.n_peers = 1;
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_int_eq(fixture.events[0].type, IPC_NODE_READY);
	ck_assert_uint_eq(beat()->flags, IPC_NODE_DRAINS);
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_drain_goes_on_without_control)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	fake_links.n_peers = 0;
	fixture_advance(IPC_HELLO_MS + 1);
	stop_signal(n);
	fixture_advance(OWN_MS - 1);
	ck_assert_uint_eq(n->pairs.n, 1);
	fixture_advance(1);
	fixture_rounds(3);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_DRAINED], 1);
	part(peers);
	expect_end();
}
END_TEST

START_TEST(control_hears_of_all_ends_before_the_goodbye)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	drain(0);
	fixture_rounds(3);
	ck_assert_int_eq(how_pair_ended(), REASON_DRAINED);
	ck_assert(!said_goodbye());
	fixture_advance(STOP_RELEASES_MS - 1);
	ck_assert(!said_goodbye());
	fixture_advance(1); /* it does not answer: no more patience */
	ck_assert(said_goodbye());
	part(peers);
	fixture_end();
}
END_TEST

START_TEST(an_end_does_not_wait_for_pairs_that_do_not_end)
{
	int peers[2];

	begin();
	make_pair(peers, IPC_DRAIN_WAITS);
	drain(0);
	fake_now_ms += STOP_PAIRS_MS - 1;
	ck_assert_int_eq(loop_turn(n->loop), 0); /* and no worker's */
	ck_assert(!said_goodbye());
	fake_now_ms++;
	ck_assert_int_eq(loop_turn(n->loop), 0);
	ck_assert(said_goodbye());
	part(peers);
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
	fixture_session(SETTINGS);
	n = fixture.node;
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

static Suite *
stop_suite(void)
{
	Suite *s = suite_create("stop");
	TCase *t = tcase_create("stop");

	tcase_set_timeout(t, 20);
	suite_add_tcase(s, t);
	tcase_add_test(t, a_node_with_nobody_says_goodbye_at_once);
	tcase_add_test(t, an_end_waits_a_second_for_the_answer);
	tcase_add_test(t, a_goodbye_answered_unasked_is_malformed);
	tcase_add_test(t, without_control_an_end_needs_no_goodbye);
	tcase_add_test(t, a_drain_is_said_at_once_and_with_every_beat);
	tcase_add_test(t, a_pair_runs_to_its_end_and_the_node_ends_with_it);
	tcase_add_test(t, a_pair_is_cut_at_the_deadline_and_counted_as_drained);
	tcase_add_test(t, what_is_pending_may_still_become_a_pair);
	tcase_add_test(t, what_is_pending_keeps_its_own_deadline);
	tcase_add_test(t, who_says_nothing_for_a_second_is_closed);
	tcase_add_test(t, the_deadline_closes_what_is_pending);
	tcase_add_test(t, a_pair_that_is_not_waited_for_has_a_second);
	tcase_add_test(t, a_pair_that_is_not_waited_for_may_end_before);
	tcase_add_test(t, without_control_nobody_ends_such_a_pair_better);
	tcase_add_test(t, a_long_drain_does_not_keep_such_a_pair);
	tcase_add_test(t, a_second_signal_means_now);
	tcase_add_exit_test(t, a_third_signal_waits_for_nothing, EXIT_FAILURE);
	tcase_add_test(t, control_drains_a_node_like_a_signal_does);
	tcase_add_test(t, a_later_drain_gives_another_time);
	tcase_add_test(
	    t, a_signal_shortens_controls_drain_and_never_lengthens_it);
	tcase_add_test(t, a_new_control_is_told_of_the_drain);
	tcase_add_test(t, a_drain_goes_on_without_control);
	tcase_add_test(t, control_hears_of_all_ends_before_the_goodbye);
	tcase_add_test(t, an_end_does_not_wait_for_pairs_that_do_not_end);
	tcase_add_test(
	    t, newcomers_are_let_in_no_more_but_for_those_in_the_backlog);
	return s;
}

int
main(void)
{
	SRunner *sr = srunner_create(stop_suite());
	int failed;

	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
