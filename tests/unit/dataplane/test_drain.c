/* Pairs in a drain: which are waited for, how long, and what control hears. */
#include <check.h>

#include "tests/unit/dataplane/stop_world.h"
#include "tests/unit/suite.h"

static const struct ipc_node_beat *
beat(void)
{
	return &fixture_event(IPC_NODE_BEAT, 0)->u.node_beat;
}

START_TEST(a_drain_is_said_at_once_and_with_every_beat)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
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
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_pair_runs_to_its_end_and_the_node_ends_with_it)
{
	int peers[2];
	char c;

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	stop_signal(n);
	fixture_advance(OWN_MS - 1000);
	sockets_put(peers[0], "x", 1);
	fixture_rounds(5);
	ck_assert_int_eq(sockets_get(peers[1], &c, 1), 1);
	ck_assert(!world_said_goodbye());
	world_part(peers);
	ck_assert_int_ne(world_how_pair_ended(), REASON_DRAINED);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	world_answer_goodbye();
	world_expect_end();
}
END_TEST

START_TEST(a_pair_is_cut_at_the_deadline_and_counted_as_drained)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	stop_signal(n);
	fixture_advance(OWN_MS - 1);
	ck_assert_uint_eq(n->pairs.n, 1);
	fixture_advance(1);
	fixture_rounds(3);
	ck_assert_int_eq(world_how_pair_ended(), REASON_DRAINED);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_DRAINED], 1);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_pair_that_is_not_waited_for_has_a_second)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_ENDS);
	stop_signal(n);
	fixture_advance(STOP_GRACE_MS - 1);
	ck_assert_uint_eq(n->pairs.n, 1);
	fixture_advance(1);
	fixture_rounds(3);
	ck_assert_int_eq(world_how_pair_ended(), REASON_SHUTDOWN);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_pair_that_is_not_waited_for_may_end_before)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_ENDS);
	stop_signal(n);
	world_part(peers);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	fixture_end();
}
END_TEST

START_TEST(without_control_nobody_ends_such_a_pair_better)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_ENDS);
	link_give_up(n, "a test wants it");
	stop_signal(n);
	fixture_rounds(5);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_SHUTDOWN], 1);
	world_part(peers);
	world_expect_end();
}
END_TEST

START_TEST(a_long_drain_does_not_keep_such_a_pair)
{
	int waits[2], ends[2];

	world_begin();
	world_make_pair(waits, IPC_DRAIN_WAITS);
	world_make_pair(ends, IPC_DRAIN_ENDS);
	stop_signal(n);
	fixture_advance(2 * STOP_GRACE_MS);
	world_part(waits);
	ck_assert_uint_eq(n->pairs.n, 0);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_SHUTDOWN], 1);
	world_part(ends);
	fixture_end();
}
END_TEST

START_TEST(control_drains_a_node_like_a_signal_does)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	world_drain(IPC_DRAIN_OWN_MS);
	ck_assert_uint_eq(beat()->flags, IPC_NODE_DRAINS);
	ck_assert_uint_eq(stop_left_ms(n), OWN_MS);
	fixture_advance(OWN_MS);
	fixture_rounds(3);
	ck_assert_int_eq(world_how_pair_ended(), REASON_DRAINED);
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_later_drain_gives_another_time)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	world_drain(5000);
	fixture_advance(1000);
	world_drain(IPC_DRAIN_MAX_MS);
	ck_assert_uint_eq(beat()->drain_ms, IPC_DRAIN_MAX_MS);
	fixture_advance(10000);
	ck_assert_uint_eq(n->pairs.n, 1);
	world_drain(0);
	fixture_rounds(3);
	ck_assert_int_eq(world_how_pair_ended(), REASON_DRAINED);
	world_drain(5000); /* too late to change anything */
	ck_assert_uint_eq(stop_left_ms(n), 0);
	world_acknowledge();
	ck_assert(world_said_goodbye());
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_signal_shortens_controls_drain_and_never_lengthens_it)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	world_drain(2 * OWN_MS);
	stop_signal(n);
	ck_assert_uint_eq(stop_left_ms(n), OWN_MS);
	world_part(peers);
	fixture_end();
	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	world_drain(OWN_MS / 2);
	stop_signal(n);
	ck_assert_uint_eq(stop_left_ms(n), OWN_MS / 2);
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_new_control_is_told_of_the_drain)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	stop_signal(n);
	fake_links.n_peers = 0;
	fixture_advance(IPC_HELLO_MS + 1);
	ck_assert(!link_in_session(n));
	fake_links.n_peers = 1;
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_int_eq(fixture.events[0].type, IPC_NODE_READY);
	ck_assert_uint_eq(beat()->flags, IPC_NODE_DRAINS);
	world_part(peers);
	fixture_end();
}
END_TEST

START_TEST(a_drain_goes_on_without_control)
{
	int peers[2];

	world_begin();
	world_make_pair(peers, IPC_DRAIN_WAITS);
	fake_links.n_peers = 0;
	fixture_advance(IPC_HELLO_MS + 1);
	stop_signal(n);
	fixture_advance(OWN_MS - 1);
	ck_assert_uint_eq(n->pairs.n, 1);
	fixture_advance(1);
	fixture_rounds(3);
	ck_assert_uint_eq(n->account.pairs_ended[REASON_DRAINED], 1);
	world_part(peers);
	world_expect_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("drain");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, a_drain_is_said_at_once_and_with_every_beat);
	tcase_add_test(t, a_pair_runs_to_its_end_and_the_node_ends_with_it);
	tcase_add_test(t, a_pair_is_cut_at_the_deadline_and_counted_as_drained);
	tcase_add_test(t, a_pair_that_is_not_waited_for_has_a_second);
	tcase_add_test(t, a_pair_that_is_not_waited_for_may_end_before);
	tcase_add_test(t, without_control_nobody_ends_such_a_pair_better);
	tcase_add_test(t, a_long_drain_does_not_keep_such_a_pair);
	tcase_add_test(t, control_drains_a_node_like_a_signal_does);
	tcase_add_test(t, a_later_drain_gives_another_time);
	tcase_add_test(
	    t, a_signal_shortens_controls_drain_and_never_lengthens_it);
	tcase_add_test(t, a_new_control_is_told_of_the_drain);
	tcase_add_test(t, a_drain_goes_on_without_control);
	return suite_run("drain", (TCase *[]){t, NULL});
}
