/* Nodes that drain, and who comes over them. */
#include <string.h>

#include "control/drain.h"
#include "tests/unit/control/reports.h"
#include "tests/unit/control/world.h"

/* n's beat, as it drains for so long. */
static void
say_draining(const struct fake_node *n, uint32_t ms)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	m.u.node_beat.flags = IPC_NODE_DRAINS;
	m.u.node_beat.drain_ms = ms;
	m.u.node_beat.n_pairs = node_of(n)->n_pairs;
	fake_send(c, n, m);
}

START_TEST(streams_over_a_node_that_drains_end_and_no_others)
{
	fake_client(c, &a, 7);
	fake_client(c, &a, 8);
	fake_client(c, &b, 9);
	fake_beat(c, &a);
	ck_assert_uint_eq(streams_ended(STREAM_END_DRAINED), 0);
	say_draining(&a, 60000);
	ck_assert_uint_eq(streams_ended(STREAM_END_DRAINED), 2);
	ck_assert(!is_registered(7));
	ck_assert(is_registered(9));
	say_draining(&a, 59000);
	ck_assert_uint_eq(streams_ended(STREAM_END_DRAINED), 2);
}
END_TEST

START_TEST(stream_that_is_held_at_such_a_node_ends_too)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	say_draining(&a, 60000);
	ck_assert_uint_eq(streams_ended(STREAM_END_DRAINED), 1);
	(void)fake_command(IPC_CONN_DROP);
}
END_TEST

START_TEST(pair_of_a_control_stream_is_none_that_a_drain_waits_for)
{
	struct ipc_msg m;

	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_open_local(c, &a, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_int_eq(m.u.conn_pair.limits.on_drain, IPC_DRAIN_ENDS);
}
END_TEST

START_TEST(new_stream_over_such_a_node_is_refused)
{
	say_draining(&a, 60000);
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(refused(REFUSAL_DRAINING), 1);
	fake_open(c, &b, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

START_TEST(peer_at_such_a_node_may_still_be_paired_there)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	(void)fake_command(IPC_CONN_HOLD);
	say_draining(&a, 60000);
	fake_open(c, &a, 2, 2, token); /* it was on its way */
	(void)fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(client_that_comes_back_is_told_again_of_who_waits)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&b, 1, 1, 7);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 1);
	say_draining(&a, 60000);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 1);
	fake_forget_commands();
	fake_client(c, &b, 7);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 2);
	ck_assert_mem_eq(fake_written, token, TX3_TOKEN_LEN);
	fake_open(c, &b, 2, 2, token);
	(void)fake_command(IPC_CONN_PAIR);
	fake_client(c, &b, 7); /* replaces: nobody waits, nobody is told of */
	ck_assert_uint_eq(counted(COUNT_NOTICES), 2);
}
END_TEST

START_TEST(call_that_waits_for_its_turn_is_announced_at_the_next_stream)
{
	c->config.max_relays_per_client = 4; /* one of a source at a time */
	fake_client(c, &a, 7);
	fake_open(c, &b, 1, 1, fake_digest(7));
	fake_open(c, &b, 2, 1, fake_digest(7));
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 1);
	say_draining(&a, 60000);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 1);
	ck_assert_uint_eq(c->early.n, 1);
	fake_forget_commands();
	fake_client(c, &b, 7);
	ck_assert_uint_eq(c->early.n, 0);
	fake_gone(c, &b, 1);
	fake_advance(c, 50);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 1);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 3);
}
END_TEST

START_TEST(call_that_finds_no_room_among_the_early_ends)
{
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	fake_open(c, &b, 1, 1, fake_digest(7));
	fake_open(c, &b, 2, 1, fake_digest(7));
	c->early.n = EARLY_MAX;
	say_draining(&a, 60000);
	c->early.n -= EARLY_MAX;
	ck_assert_uint_eq(calls_ended(CALL_END_CLIENT_GONE), 1);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 1);
}
END_TEST

START_TEST(waiting_call_ends_when_its_client_does_not_come_back)
{
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	fake_open(c, &b, 1, 1, fake_digest(7));
	fake_open(c, &b, 2, 1, fake_digest(7));
	say_draining(&a, 60000);
	pass(EARLY_MS + 100);
	ck_assert_uint_eq(calls_ended(CALL_END_NO_CLIENT), 1);
	pass(c->config.connection_timeout_ms);
	ck_assert_uint_eq(calls_ended(CALL_END_EXPIRED), 1);
	ck_assert_ptr_null(client_of(7));
}
END_TEST

START_TEST(caller_who_comes_before_the_client_is_back_is_held)
{
	fake_client(c, &a, 7);
	say_draining(&a, 60000);
	fake_forget_commands();
	fake_open(c, &b, 1, 1, fake_digest(7));
	(void)fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 0);
	fake_client(c, &b, 7);
	fake_advance(c, 50);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 1);
}
END_TEST

START_TEST(next_session_of_a_node_begins_without_a_drain)
{
	say_draining(&a, 60000);
	ck_assert(node_of(&a)->drains);
	ck_assert_uint_eq(drain_left_ms(c, node_of(&a)), 60000);
	fake_advance(c, 100);
	ck_assert_uint_eq(drain_left_ms(c, node_of(&a)), 59900);
	a.epoch = 0xa2;
	a.seq = 0;
	fake_ready(c, &a);
	ck_assert(!node_of(&a)->drains);
	ck_assert_uint_eq(drain_left_ms(c, node_of(&a)), 0);
}
END_TEST

START_TEST(drain_is_sent_to_a_node_that_has_a_session)
{
	struct node *node = node_of(&a);

	fake_forget_commands();
	ck_assert_int_eq(drain_ask(c, node, 5000), 0);
	ck_assert_uint_eq(fake_command(IPC_DRAIN).u.drain.timeout_ms, 5000);
	ck_assert(!node->drains); /* its beat will say so */
	fake_disconnected = true;
	fake_advance(c, NODES_TICK_MS);
	ck_assert_int_eq(drain_ask(c, node, 5000), -1);
}
END_TEST

START_TEST(status_and_metrics_show_a_drain)
{
	ck_assert_int_eq(unknown_in_status("ready"), 0);
	ck_assert(metrics_have("\ncarrick_nodes_draining 0\n"));
	say_draining(&a, 60000);
	ck_assert_int_eq(unknown_in_status("draining"), 0);
	ck_assert(metrics_have("\ncarrick_nodes_draining 1\n"));
	ck_assert(metrics_have("\ncarrick_nodes 2\n"));
}
END_TEST

int
main(void)
{
	TCase *t = world_case("drain", two_nodes);

	tcase_add_test(t, streams_over_a_node_that_drains_end_and_no_others);
	tcase_add_test(t, stream_that_is_held_at_such_a_node_ends_too);
	tcase_add_test(
	    t, pair_of_a_control_stream_is_none_that_a_drain_waits_for);
	tcase_add_test(t, new_stream_over_such_a_node_is_refused);
	tcase_add_test(t, peer_at_such_a_node_may_still_be_paired_there);
	tcase_add_test(t, client_that_comes_back_is_told_again_of_who_waits);
	tcase_add_test(
	    t, call_that_waits_for_its_turn_is_announced_at_the_next_stream);
	tcase_add_test(t, call_that_finds_no_room_among_the_early_ends);
	tcase_add_test(t, waiting_call_ends_when_its_client_does_not_come_back);
	tcase_add_test(t, caller_who_comes_before_the_client_is_back_is_held);
	tcase_add_test(t, next_session_of_a_node_begins_without_a_drain);
	tcase_add_test(t, drain_is_sent_to_a_node_that_has_a_session);
	tcase_add_test(t, status_and_metrics_show_a_drain);
	return suite_run("drain", (TCase *[]){t, NULL});
}
