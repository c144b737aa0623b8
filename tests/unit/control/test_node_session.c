/* Sessions: how they begin, what ends them, and whose events they take. */
#include "tests/unit/control/world.h"

START_TEST(ready_begins_a_session_and_asks_for_pairs)
{
	fake_ready(c, &a);
	ck_assert_ptr_nonnull(node_of(&a));
	ck_assert_uint_eq(node_of(&a)->epoch, a.epoch);
	ck_assert_uint_eq(counted(COUNT_SESSIONS), 1);
}
END_TEST

START_TEST(ready_that_names_no_welcome_is_stale)
{
	struct ipc_msg m = {.type = IPC_NODE_READY};

	m.u.node_ready.first_seq = 1;
	fake_hello(c, &a);
	a.session++;
	fake_send(c, &a, m);
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 1);
	ck_assert_uint_eq(c->nodes.by_session.n, 0);
	a.session--;
	a.epoch++;
	fake_send(c, &a, m);
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 2);
}
END_TEST

START_TEST(event_of_another_epoch_is_stale)
{
	struct fake_node was;

	fake_ready(c, &a);
	was = a;
	was.epoch++;
	fake_open(c, &was, 1, 1, fake_relay(c));
	was = a;
	was.session++;
	fake_open(c, &was, 1, 1, fake_relay(c));
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 2);
	ck_assert_uint_eq(counted(COUNT_ARRIVALS), 0);
}
END_TEST

START_TEST(restarted_node_replaces_its_session_and_voids_what_was_pending)
{
	uint64_t before;

	fake_ready(c, &a);
	before = a.session;
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	a.epoch = 0xa2;
	a.seq = 0;
	fake_ready(c, &a);
	ck_assert_uint_ne(a.session, before);
	ck_assert_uint_eq(node_of(&a)->arrivals.n, 0);
	ck_assert_uint_eq(streams_ended(STREAM_END_NODE_LOST), 1);
	ck_assert_uint_eq(c->nodes.n, 1);
}
END_TEST

START_TEST(silence_of_five_seconds_ends_a_session)
{
	fake_ready(c, &a);
	fake_advance(c, IPC_LOST_MS - 1);
	ck_assert_ptr_nonnull(node_of(&a));
	fake_advance(c, 1);
	ck_assert_ptr_null(node_of(&a));
}
END_TEST

START_TEST(beats_keep_a_session)
{
	fake_ready(c, &a);
	pass(10 * IPC_BEAT_MS);
	ck_assert_ptr_nonnull(node_of(&a));
}
END_TEST

START_TEST(session_without_a_connection_ends_at_the_next_tick)
{
	fake_ready(c, &a);
	fake_disconnected = true;
	fake_advance(c, NODES_TICK_MS);
	ck_assert_ptr_null(node_of(&a));
}
END_TEST

START_TEST(command_without_room_ends_the_session)
{
	fake_ready(c, &a);
	fake_queue_full = true;
	fake_open(c, &a, 1, 1, fake_digest(9));
	ck_assert_ptr_null(node_of(&a));
	ck_assert_uint_gt(counted(COUNT_COMMANDS_LOST), 0);
}
END_TEST

START_TEST(bye_is_acknowledged_and_ends_the_session)
{
	fake_ready(c, &a);
	fake_bye(c, &a);
	(void)fake_command(IPC_BYE_ACK);
	ck_assert_ptr_null(node_of(&a));
}
END_TEST

START_TEST(loss_of_a_node_leaves_the_others)
{
	fake_ready(c, &a);
	fake_ready(c, &b);
	lose(&a);
	ck_assert_ptr_null(node_of(&a));
	ck_assert_ptr_nonnull(node_of(&b));
}
END_TEST

START_TEST(figures_are_kept_per_node)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	fake_ready(c, &a);
	fake_ready(c, &b);
	m.u.node_beat.n_figures = FIGURE_COUNT;
	m.u.node_beat.figures[FIGURE_ACCEPTED] = 7;
	fake_send(c, &a, m);
	m.u.node_beat.figures[FIGURE_ACCEPTED] = 8;
	fake_send(c, &b, m);
	ck_assert_uint_eq(node_of(&a)->figures[FIGURE_ACCEPTED], 7);
	ck_assert_uint_eq(node_of(&b)->figures[FIGURE_ACCEPTED], 8);
}
END_TEST

START_TEST(releases_are_taken_in_order_alone)
{
	struct ipc_msg ack;

	fake_ready(c, &a);
	a.seq = 2; /* 1 is missing */
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(dropped(EVENT_DROP_SEQ_GAP), 1);
	fake_no_command();
	a.seq = 1;
	fake_gone(c, &a, 99);
	ack = fake_command(IPC_RELEASE_ACK);
	ck_assert_uint_eq(ack.u.release_ack.seq, 1);
	fake_gone(c, &a, 99);
	ack = fake_command(IPC_RELEASE_ACK);
	ck_assert_uint_eq(ack.u.release_ack.seq, 2);
}
END_TEST

START_TEST(repeated_release_is_acknowledged_again_and_not_taken_again)
{
	struct ipc_msg ack;

	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	(void)fake_command(IPC_RELEASE_ACK);
	a.seq = 1;
	fake_gone(c, &a, 99);
	ack = fake_command(IPC_RELEASE_ACK);
	ck_assert_uint_eq(ack.u.release_ack.seq, 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_SEQ_AGAIN), 1);
	ck_assert_uint_eq(counted(COUNT_GONE_LATE), 1);
}
END_TEST

START_TEST(releases_go_on_in_a_new_session_of_the_same_node)
{
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	fake_gone(c, &a, 99);
	fake_forget_commands();
	a.seq = 1; /* it did not see the acks */
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	fake_gone(c, &a, 99);
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(dropped(EVENT_DROP_SEQ_AGAIN), 2);
	ck_assert_uint_eq(counted(COUNT_GONE_LATE), 3);
}
END_TEST

START_TEST(new_control_begins_with_the_oldest_release_the_node_has)
{
	a.seq = 41;
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(fake_command(IPC_RELEASE_ACK).u.release_ack.seq, 41);
}
END_TEST

START_TEST(releases_that_the_node_gave_up_are_not_waited_for)
{
	fake_ready(c, &a);
	a.seq = 500;
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(fake_command(IPC_RELEASE_ACK).u.release_ack.seq, 500);
}
END_TEST

static TCase *
sessions(void)
{
	TCase *t = world_case("sessions", no_node);

	tcase_add_test(t, ready_begins_a_session_and_asks_for_pairs);
	tcase_add_test(t, ready_that_names_no_welcome_is_stale);
	tcase_add_test(t, event_of_another_epoch_is_stale);
	tcase_add_test(
	    t, restarted_node_replaces_its_session_and_voids_what_was_pending);
	tcase_add_test(t, silence_of_five_seconds_ends_a_session);
	tcase_add_test(t, beats_keep_a_session);
	tcase_add_test(t, session_without_a_connection_ends_at_the_next_tick);
	tcase_add_test(t, command_without_room_ends_the_session);
	tcase_add_test(t, bye_is_acknowledged_and_ends_the_session);
	tcase_add_test(t, loss_of_a_node_leaves_the_others);
	tcase_add_test(t, figures_are_kept_per_node);
	return t;
}

static TCase *
releases(void)
{
	TCase *t = world_case("releases", no_node);

	tcase_add_test(t, releases_are_taken_in_order_alone);
	tcase_add_test(
	    t, repeated_release_is_acknowledged_again_and_not_taken_again);
	tcase_add_test(t, releases_go_on_in_a_new_session_of_the_same_node);
	tcase_add_test(
	    t, new_control_begins_with_the_oldest_release_the_node_has);
	tcase_add_test(t, releases_that_the_node_gave_up_are_not_waited_for);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {sessions(), releases(), NULL};

	return suite_run("node_session", CASES);
}
