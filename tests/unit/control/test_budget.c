/* How many control streams and handshakes there may be. */
#include "tests/unit/control/world.h"

START_TEST(streams_up_to_the_limit_and_room_again_after_one_left)
{
	struct stream *s;

	c->config.max_control_streams = 3;
	fake_client(c, &a, 1);
	fake_client(c, &a, 2);
	s = fake_client(c, &b, 3);
	ck_assert_uint_eq(counted(COUNT_STREAMS), 3);
	fake_open(c, &a, 9, 9, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS), 1);
	fake_forget_commands();
	stream_end(s, STREAM_END_CLOSED);
	ck_assert_ptr_nonnull(fake_client(c, &b, 4));
}
END_TEST

START_TEST(one_of_two_nodes_has_half_of_the_control_streams)
{
	struct stream *s = NULL;

	c->config.max_control_streams = 5;
	for (uint8_t i = 1; i <= 3; i++)
		s = fake_client(c, &a, i);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_NODE), 0);
	fake_open(c, &a, 9, 9, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_NODE), 1);
	ck_assert_uint_eq(c->budget.n_streams, 3);
	fake_forget_commands();
	fake_client(c, &b, 4);
	fake_client(c, &b, 5);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_NODE), 1);
	stream_end(s, STREAM_END_CLOSED);
	ck_assert_ptr_nonnull(fake_client(c, &a, 6));
}
END_TEST

START_TEST(source_at_its_limit_takes_no_room_of_its_node)
{
	c->config.max_control_streams = 4;
	c->config.max_control_streams_per_source = 1;
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open(c, &a, 2, 1, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_SOURCE), 1);
	fake_open(c, &a, 3, 2, fake_relay(c));
	ck_assert_uint_eq(c->budget.n_streams, 2);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_NODE), 0);
}
END_TEST

START_TEST(only_node_has_all_of_the_control_streams)
{
	c->config.max_control_streams = 3;
	fake_bye(c, &b);
	fake_forget_commands();
	for (uint8_t i = 1; i <= 3; i++)
		fake_client(c, &a, i);
	ck_assert_uint_eq(c->budget.n_streams, 3);
}
END_TEST

/* All of its clients are to find room at the other one. */
START_TEST(node_beside_one_that_drains_has_all_of_both)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	c->config.max_control_streams = 3;
	c->config.max_handshakes = 2;
	beat.u.node_beat.flags = IPC_NODE_DRAINS;
	fake_send(c, &b, beat);
	fake_client(c, &a, 1);
	fake_open(c, &a, 2, 2, fake_relay(c));
	fake_open(c, &a, 3, 3, fake_relay(c));
	ck_assert_uint_eq(c->budget.n_streams, 3);
	ck_assert_uint_eq(c->budget.n_handshakes, 2);
}
END_TEST

START_TEST(streams_of_a_source_up_to_the_limit)
{
	c->config.max_control_streams_per_source = 2;
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open(c, &a, 2, 1, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_SOURCE), 0);
	fake_open(c, &a, 3, 1, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_SOURCE), 1);
	fake_open(c, &a, 4, 2, fake_relay(c));
	ck_assert_uint_eq(c->budget.n_streams, 3);
	fake_gone(c, &a, 1);
	fake_open(c, &a, 5, 1, fake_relay(c));
	ck_assert_uint_eq(c->budget.n_streams, 3);
}
END_TEST

START_TEST(handshakes_up_to_the_limit)
{
	c->config.max_handshakes = 2;
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open(c, &b, 2, 2, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_HANDSHAKES), 0);
	fake_open(c, &a, 3, 3, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_HANDSHAKES), 1);
	fake_advance(c, c->config.handshake_timeout_ms);
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
}
END_TEST

START_TEST(one_of_two_nodes_has_half_of_the_handshakes)
{
	c->config.max_handshakes = 5;
	for (uint8_t i = 1; i <= 3; i++)
		fake_open(c, &a, i, i, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_HANDSHAKES_NODE), 0);
	fake_open(c, &a, 4, 4, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_HANDSHAKES_NODE), 1);
	ck_assert_uint_eq(c->budget.n_streams, 3);
	fake_open(c, &b, 4, 4, fake_relay(c));
	ck_assert_uint_eq(c->budget.n_handshakes, 4);
	fake_gone(c, &a, 1);
	fake_open(c, &a, 5, 5, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_HANDSHAKES_NODE), 1);
}
END_TEST

START_TEST(only_node_has_all_of_the_handshakes)
{
	c->config.max_handshakes = 2;
	fake_bye(c, &b);
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open(c, &a, 2, 2, fake_relay(c));
	ck_assert_uint_eq(c->budget.n_handshakes, 2);
}
END_TEST

START_TEST(handshakes_of_a_source_up_to_the_limit)
{
	c->config.max_handshakes_per_source = 2;
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open(c, &a, 2, 1, fake_relay(c));
	fake_open(c, &a, 3, 1, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_HANDSHAKES_SOURCE), 1);
	ck_assert_uint_eq(c->budget.n_streams, 2);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("budget", two_nodes);

	tcase_add_test(
	    t, streams_up_to_the_limit_and_room_again_after_one_left);
	tcase_add_test(t, one_of_two_nodes_has_half_of_the_control_streams);
	tcase_add_test(t, source_at_its_limit_takes_no_room_of_its_node);
	tcase_add_test(t, only_node_has_all_of_the_control_streams);
	tcase_add_test(t, node_beside_one_that_drains_has_all_of_both);
	tcase_add_test(t, streams_of_a_source_up_to_the_limit);
	tcase_add_test(t, handshakes_up_to_the_limit);
	tcase_add_test(t, one_of_two_nodes_has_half_of_the_handshakes);
	tcase_add_test(t, only_node_has_all_of_the_handshakes);
	tcase_add_test(t, handshakes_of_a_source_up_to_the_limit);
	return suite_run("budget", (TCase *[]){t, NULL});
}
