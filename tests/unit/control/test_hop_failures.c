/* The same, where something does not come, or goes meanwhile. */
#include "tests/unit/control/hop_world.h"

/* b could not join a. */
static void
refuse_join(enum reason why)
{
	fake_pair_refused(c, &b, join.tag, why, IPC_GONE_B);
}

START_TEST(a_join_that_is_refused_ends_the_call)
{
	begin_hop();
	refuse_join(
	    _i == 0 ? REASON_SIBLING_UNLISTED : REASON_SIBLING_UNREACHED);
	expect_failed(CALL_END_NOT_JOINED);
	ck_assert_uint_eq(
	    fake_log_count("pair-ended"), 1); /* says which node, and why */
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	expect_dead_ticket();
}
END_TEST

START_TEST(a_join_that_ends_before_its_ticket_came_ends_the_call)
{
	begin_hop();
	fake_pair_end(c, &b, join.tag);
	expect_failed(CALL_END_NOT_JOINED);
	expect_dead_ticket();
}
END_TEST

START_TEST(a_ticket_that_does_not_come_in_time_ends_the_call)
{
	begin_hop();
	pass(HOP_TICKET_MS - 50);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 1);
	fake_advance(c, 50);
	expect_failed(CALL_END_NOT_JOINED);
	/* b tells of its end by itself. */
	ck_assert_uint_eq(c->pairs.n_hops, 1);
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	expect_dead_ticket();
}
END_TEST

/* A peer is held no longer because its client is elsewhere. */
START_TEST(a_late_token_leaves_the_join_what_is_left)
{
	static const struct {
		uint64_t left_ms;
		uint32_t ttl_ms;
	} T[] = {{300, 300}, {50, IPC_TTL_MIN_MS}};
	const uint8_t *token;

	c->config.connection_timeout_ms = 2000;
	token = call(&a, PEER, 1, 7);
	fake_forget_commands();
	fake_advance(c, 2000 - T[_i].left_ms);
	fake_open(c, &b, COMER, 2, token);
	join = fake_command(IPC_CONN_JOIN).u.conn_join;
	ck_assert_uint_eq(join.ttl_ms, T[_i].ttl_ms);
	fake_advance(c, T[_i].left_ms);
	expect_failed(CALL_END_NOT_JOINED);
}
END_TEST

START_TEST(a_peer_that_leaves_meanwhile_ends_the_call)
{
	begin_hop();
	fake_gone(c, &a, PEER);
	(void)fake_command(IPC_RELEASE_ACK);
	fake_no_command();
	ck_assert_uint_eq(calls_ended(CALL_END_PEER_GONE), 1);
	expect_dead_ticket();
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
}
END_TEST

START_TEST(a_client_whose_stream_ends_meanwhile_ends_the_call)
{
	begin_hop();
	stream_end(c->streams.live, STREAM_END_CLOSED);
	ck_assert_uint_eq(calls_ended(CALL_END_CLIENT_GONE), 1);
	(void)fake_command(IPC_CONN_DROP);
	expect_dead_ticket();
}
END_TEST

START_TEST(the_peers_node_lost_meanwhile_ends_the_call)
{
	begin_hop();
	lose(&a);
	fake_forget_commands();
	ck_assert_uint_eq(calls_ended(CALL_END_NODE_LOST), 1);
	ck_assert_uint_eq(c->hops.calls.n, 0);
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	fake_forget_commands();
	fake_ready(c, &a);
	expect_dead_ticket();
}
END_TEST

START_TEST(the_clients_node_lost_meanwhile_leaves_the_ticket_its_time)
{
	begin_hop();
	lose(&b);
	fake_forget_commands();
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 1);
	(void)arrive(); /* b had said it before */
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(a_goodbye_of_the_clients_node_leaves_nothing)
{
	begin_hop();
	fake_bye(c, &b);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	fake_forget_commands();
	lose(&b);
	fake_forget_commands();
	fake_advance(c, HOP_TICKET_MS);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 0);
	ck_assert_uint_eq(c->hops.calls.n, 0);
}
END_TEST

START_TEST(a_list_without_it_ends_the_hop_and_not_the_call)
{
	begin_hop();
	ask_pairs(&b);
	fake_forget_commands();
	list(&b, NULL, 0);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 1);
	(void)arrive();
}
END_TEST

START_TEST(without_room_for_its_pair_there_is_no_hop)
{
	c->pairs.by_tag.max = c->pairs.by_tag.n;
	call_and_answer();
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, COMER);
	ck_assert_uint_eq(refused(REFUSAL_RESOURCES), 1);
	expect_failed(CALL_END_RESOURCES);
}
END_TEST

START_TEST(without_room_for_its_ticket_there_is_no_hop)
{
	c->hops.calls.max = 0;
	call_and_answer();
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, COMER);
	expect_failed(CALL_END_RESOURCES);
}
END_TEST

START_TEST(without_room_for_the_pair_itself_both_halves_end)
{
	begin_hop();
	c->pairs.by_tag.max = c->pairs.by_tag.n;
	fake_open_local(c, &a, TICKET, join.ticket);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, TICKET);
	expect_failed(CALL_END_RESOURCES);
	fake_pair_end(c, &b, join.tag);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("hop_failures", hop_world_set_up);

	tcase_add_loop_test(t, a_join_that_is_refused_ends_the_call, 0, 2);
	tcase_add_test(
	    t, a_join_that_ends_before_its_ticket_came_ends_the_call);
	tcase_add_test(t, a_ticket_that_does_not_come_in_time_ends_the_call);
	tcase_add_loop_test(t, a_late_token_leaves_the_join_what_is_left, 0, 2);
	tcase_add_test(t, a_peer_that_leaves_meanwhile_ends_the_call);
	tcase_add_test(t, a_client_whose_stream_ends_meanwhile_ends_the_call);
	tcase_add_test(t, the_peers_node_lost_meanwhile_ends_the_call);
	tcase_add_test(
	    t, the_clients_node_lost_meanwhile_leaves_the_ticket_its_time);
	tcase_add_test(t, a_goodbye_of_the_clients_node_leaves_nothing);
	tcase_add_test(t, a_list_without_it_ends_the_hop_and_not_the_call);
	tcase_add_test(t, without_room_for_its_pair_there_is_no_hop);
	tcase_add_test(t, without_room_for_its_ticket_there_is_no_hop);
	tcase_add_test(t, without_room_for_the_pair_itself_both_halves_end);
	return suite_run("hop_failures", (TCase *[]){t, NULL});
}
