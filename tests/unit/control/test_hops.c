/* Calls whose client comes in at another node than the peer. */
#include "tests/unit/control/hop_world.h"

START_TEST(a_token_at_another_node_has_that_join_the_peers)
{
	static const uint8_t zeros[IPC_TICKET_LEN];
	struct ipc_msg m;

	begin_hop();
	ck_assert_uint_eq(join.conn, COMER);
	ck_assert_uint_eq(join.skip, TX3_TOKEN_LEN);
	ck_assert_uint_eq(join.ttl_ms, HOP_CONNECT_MS);
	ck_assert(addr_equal(&join.addr, &a.accept));
	ck_assert_mem_ne(join.ticket, zeros, sizeof zeros);
	ck_assert_int_eq(join.tag[0], PAIR_HOP);
	ck_assert_uint_eq(join.say.len, 0);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 1);
	m = arrive();
	ck_assert_uint_eq(m.to, a.epoch);
	ck_assert_uint_eq(m.u.conn_pair.a, PEER);
	ck_assert_uint_eq(m.u.conn_pair.b, TICKET);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, TX3_TOKEN_LEN);
	ck_assert_uint_eq(m.u.conn_pair.skip_b, IPC_TICKET_LEN);
	ck_assert_int_eq(m.u.conn_pair.tag[0], PAIR_CALL);
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 1);
	ck_assert_uint_eq(counted(COUNT_HOPS), 1);
	fake_no_command();
}
END_TEST

START_TEST(the_half_at_the_other_node_keeps_the_pairs_rate_too)
{
	c->config.max_bytes_per_s_per_pair = 5;
	c->config.max_bytes_per_s_per_client = 6;
	begin_hop();
	ck_assert_uint_eq(join.limits.n_rates, 1);
	ck_assert_uint_eq(join.limits.rates[0].bytes_per_s, 5);
	ck_assert_uint_eq(arrive().u.conn_pair.limits.n_rates, 2);
}
END_TEST

START_TEST(the_client_is_charged_once_and_bytes_count_once)
{
	uint64_t n_pairs = counted(COUNT_PAIRS);
	struct ipc_msg m;

	begin_hop();
	ck_assert_uint_eq(client_of(7)->quota.callers.n_pending, 1);
	m = arrive();
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	ck_assert_uint_eq(counted(COUNT_PAIRS), n_pairs + 1);
	ck_assert_uint_eq(c->pairs.n_hops, 1);
	ck_assert_uint_eq(c->pairs.n_calls, 1);
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	ck_assert_uint_eq(counted(COUNT_BYTES), 0);
	ck_assert_uint_eq(fake_log_count("pair-ended"), 0);
	fake_pair_end(c, &a, m.u.conn_pair.tag);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
	ck_assert_uint_eq(counted(COUNT_BYTES), 30);
	ck_assert_uint_eq(client_of(7)->bytes, 30);
	ck_assert_uint_eq(fake_log_count("pair-ended"), 1);
	ck_assert_uint_eq(c->counters.pairs_ended[REASON_FINISHED], 1);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	ck_assert_uint_eq(dropped(EVENT_DROP_TAG_UNKNOWN), 0);
}
END_TEST

START_TEST(the_halves_may_end_in_either_order)
{
	struct ipc_msg m;

	begin_hop();
	m = arrive();
	fake_pair_end(c, &a, m.u.conn_pair.tag);
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(fake_log_count("pair-ended"), 1);
	ck_assert_uint_eq(counted(COUNT_BYTES), 30);
	ck_assert_uint_eq(node_of(&a)->n_pairs, 0);
	/* The pair below the client's control stream. */
	ck_assert_uint_eq(node_of(&b)->n_pairs, 1);
}
END_TEST

/* One without the other is not enough. */
START_TEST(without_siblings_or_an_accept_address_both_are_dropped)
{
	node_of(&b)->features = _i == 1 ? IPC_FEATURE_SIBLINGS : 0;
	if (_i == 1)
		node_of(&a)->accept = (struct addr){.port = 0};
	call_and_answer();
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, COMER);
	ck_assert_uint_eq(refused(REFUSAL_OTHER_NODE), 1);
	expect_failed(CALL_END_OTHER_NODE);
}
END_TEST

START_TEST(nothing_is_joined_when_both_are_at_one_node)
{
	const uint8_t *token;

	node_of(&a)->features = IPC_FEATURE_SIBLINGS;
	token = call(&a, PEER, 1, 7);
	fake_forget_commands();
	fake_open(c, &a, COMER, 2, token);
	(void)fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(counted(COUNT_HOPS), 0);
}
END_TEST

START_TEST(a_ticket_is_good_once)
{
	begin_hop();
	(void)arrive();
	expect_dead_ticket();
}
END_TEST

START_TEST(a_ticket_is_good_at_the_peers_node_alone)
{
	begin_hop();
	fake_open_local(c, &b, TICKET, join.ticket);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, TICKET);
	ck_assert_uint_eq(refused(REFUSAL_OTHER_NODE), 1);
	expect_failed(CALL_END_OTHER_NODE);
	expect_dead_ticket();
}
END_TEST

START_TEST(a_ticket_is_no_token_and_a_token_no_ticket)
{
	begin_hop();
	fake_open(c, &a, TICKET, 3, join.ticket);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, TICKET);
	(void)arrive();
}
END_TEST

START_TEST(a_hop_of_an_earlier_control_charges_nobody)
{
	uint8_t tag[IPC_TAG_LEN];

	tag_of(tag, PAIR_HOP, 9, 7);
	fake_pair_list(c, &a, tag, 1, 0);
	ck_assert_uint_eq(c->pairs.n_hops, 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	tag[11] = 8; /* and one that was never listed */
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(counted(COUNT_BYTES), 0);
	ck_assert_uint_eq(fake_log_count("pair-ended"), 0);
	ck_assert_uint_eq(dropped(EVENT_DROP_TAG_UNKNOWN), 0);
}
END_TEST

START_TEST(a_node_tells_where_it_takes_siblings_and_that_it_has_some)
{
	ck_assert(addr_equal(&node_of(&a)->accept, &a.accept));
	ck_assert_uint_eq(node_of(&a)->features, 0);
	ck_assert_uint_eq(node_of(&b)->accept.port, 0);
	ck_assert_uint_eq(node_of(&b)->features, IPC_FEATURE_SIBLINGS);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("hops", hop_world_set_up);

	tcase_add_test(t, a_token_at_another_node_has_that_join_the_peers);
	tcase_add_test(t, the_half_at_the_other_node_keeps_the_pairs_rate_too);
	tcase_add_test(t, the_client_is_charged_once_and_bytes_count_once);
	tcase_add_test(t, the_halves_may_end_in_either_order);
	tcase_add_loop_test(
	    t, without_siblings_or_an_accept_address_both_are_dropped, 0, 2);
	tcase_add_test(t, nothing_is_joined_when_both_are_at_one_node);
	tcase_add_test(t, a_ticket_is_good_once);
	tcase_add_test(t, a_ticket_is_good_at_the_peers_node_alone);
	tcase_add_test(t, a_ticket_is_no_token_and_a_token_no_ticket);
	tcase_add_test(t, a_hop_of_an_earlier_control_charges_nobody);
	tcase_add_test(
	    t, a_node_tells_where_it_takes_siblings_and_that_it_has_some);
	return suite_run("hops", (TCase *[]){t, NULL});
}
