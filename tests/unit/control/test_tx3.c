/* What tx3's clients and peers show first, and what comes of it. */
#include <string.h>

#include "tests/unit/control/world.h"

START_TEST(relay_digest_is_held_whole_and_gets_a_ticket)
{
	struct ipc_msg m;

	fake_open(c, &a, 1, 1, fake_relay(c));
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.conn, 1);
	ck_assert_uint_eq(m.u.conn_hold.skip, 0);
	ck_assert_uint_eq(m.u.conn_hold.on_fin, IPC_FIN_DROPS);
	ck_assert_uint_eq(m.u.conn_hold.ttl_ms, c->config.handshake_timeout_ms);
	fake_open_local(c, &a, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.a, 1);
	ck_assert_uint_eq(m.u.conn_pair.b, 2);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, 32);
	ck_assert_uint_eq(m.u.conn_pair.skip_b, 32);
	ck_assert_uint_eq(m.u.conn_pair.limits.keepalive_idle_s, 7);
	ck_assert_uint_eq(m.u.conn_pair.limits.keepalive_interval_s, 7);
	ck_assert_uint_eq(m.u.conn_pair.limits.keepalive_count, 3);
	ck_assert_uint_eq(m.u.conn_pair.limits.idle_ms, 0);
	ck_assert_uint_eq(m.u.conn_pair.tag[0], PAIR_STREAM);
}
END_TEST

START_TEST(all_clear_follows_the_registration)
{
	ck_assert_ptr_nonnull(fake_client(c, &a, 7));
	ck_assert_uint_eq(fake_written_len, 1);
	ck_assert_uint_eq(fake_written[0], 0);
	ck_assert(is_registered(7));
}
END_TEST

START_TEST(anything_else_is_nobodys)
{
	struct ipc_msg m;

	fake_open(c, &a, 1, 1, fake_digest(0x55));
	m = fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(m.u.conn_drop.skip, 32);
	ck_assert_uint_eq(m.u.conn_drop.how, IPC_DROP_ORDERLY);
	ck_assert_uint_eq(m.u.conn_drop.say.len, 0);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
}
END_TEST

START_TEST(source_that_is_refused_too_often_is_reset)
{
	for (uint64_t conn = 1; conn <= REFUSALS_BURST; conn++) {
		fake_open(c, &a, conn, 1, fake_digest(0x55));
		ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.how,
		    IPC_DROP_ORDERLY);
	}
	fake_open(c, &a, 100, 1, fake_digest(0x55));
	ck_assert_uint_eq(
	    fake_command(IPC_CONN_DROP).u.conn_drop.how, IPC_DROP_RESET);
	fake_advance(c, 1000);
	fake_open(c, &a, 101, 1, fake_digest(0x55));
	ck_assert_uint_eq(
	    fake_command(IPC_CONN_DROP).u.conn_drop.how, IPC_DROP_ORDERLY);
}
END_TEST

START_TEST(fewer_than_32_bytes_are_waited_for)
{
	for (size_t len = 0; len < 32; len++) {
		fake_show(c, &a, len + 1, 1, fake_relay(c), len, 0);
		ck_assert_uint_eq(
		    fake_command(IPC_CONN_WAIT).u.conn_wait.n, 32);
	}
	fake_show_more(c, &a, 1, fake_relay(c), 32, 0);
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

START_TEST(end_before_32_bytes_is_short)
{
	fake_show(c, &a, 1, 1, fake_relay(c), 31, IPC_CONN_FINISHED);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.skip, 31);
	fake_show(c, &a, 2, 1, fake_relay(c), 3, 0);
	(void)fake_command(IPC_CONN_WAIT);
	fake_show_more(c, &a, 2, fake_relay(c), 4, IPC_CONN_FINISHED);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(refused(REFUSAL_SHORT), 2);
}
END_TEST

START_TEST(bytes_behind_the_first_32_change_nothing)
{
	uint8_t first[512];

	memset(first, 0x16, sizeof first);
	memcpy(first, fake_relay(c), 32);
	fake_show(c, &a, 1, 1, first, sizeof first, 0);
	ck_assert_uint_eq(fake_command(IPC_CONN_HOLD).u.conn_hold.skip, 0);
}
END_TEST

START_TEST(peer_is_held_and_the_client_told_a_token)
{
	struct ipc_msg m;

	fake_client(c, &a, 7);
	(void)call(&a, 1, 1, 7);
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.conn, 1);
	ck_assert_uint_eq(m.u.conn_hold.skip, 0);
	ck_assert_uint_eq(
	    m.u.conn_hold.ttl_ms, c->config.connection_timeout_ms);
	ck_assert_uint_eq(m.u.conn_hold.on_fin, IPC_FIN_DROPS);
	ck_assert_uint_eq(fake_written_len, TX3_NOTICE32_LEN);
}
END_TEST

START_TEST(token_pairs_the_peer_with_the_client)
{
	struct ipc_msg m;

	fake_client(c, &a, 7);
	fake_open(c, &a, 2, 1, call(&a, 1, 1, 7));
	(void)fake_command(IPC_CONN_HOLD);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.a, 1);
	ck_assert_uint_eq(m.u.conn_pair.b, 2);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, 32);
	ck_assert_uint_eq(m.u.conn_pair.skip_b, 32);
	ck_assert_uint_eq(m.u.conn_pair.limits.idle_ms, 0);
	ck_assert_uint_eq(m.u.conn_pair.tag[0], PAIR_CALL);
	ck_assert_uint_eq(m.u.conn_pair.tag[1], frontend_tx3.number);
	ck_assert_mem_eq(
	    m.u.conn_pair.tag + 12, fake_digest(7), PAIR_PREFIX_LEN);
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 1);
}
END_TEST

START_TEST(configured_limits_are_those_of_calls_and_not_of_control_streams)
{
	struct ipc_msg m;

	c->config.pair_idle_ms = 1234;
	c->config.max_bytes_per_s_per_pair = 5678;
	c->config.max_bytes_per_s_per_client = 9012;
	fake_open(c, &a, 7000, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_open_local(c, &a, 7001, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.limits.idle_ms, 0);
	ck_assert_uint_eq(m.u.conn_pair.limits.n_rates, 0);
	stream_opened(c->streams.live, fake_digest(7), "");
	fake_open(c, &a, 2, 1, call(&a, 1, 1, 7));
	(void)fake_command(IPC_CONN_HOLD);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.limits.idle_ms, 1234);
	ck_assert_uint_eq(m.u.conn_pair.limits.n_rates, 2);
	ck_assert_uint_eq(m.u.conn_pair.limits.rates[0].bytes_per_s, 5678);
	ck_assert_uint_eq(m.u.conn_pair.limits.rates[1].bytes_per_s, 9012);
}
END_TEST

START_TEST(token_is_good_once)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	fake_open(c, &a, 2, 1, token);
	fake_forget_commands();
	fake_open(c, &a, 3, 1, token);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 3);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
}
END_TEST

START_TEST(token_dies_with_a_peer_that_leaves)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	fake_gone(c, &a, 1);
	ck_assert_uint_eq(calls_ended(CALL_END_PEER_GONE), 1);
	fake_open(c, &a, 2, 1, token);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
}
END_TEST

START_TEST(token_dies_at_its_deadline_and_the_peer_is_dropped)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	(void)fake_command(IPC_CONN_HOLD);
	pass(c->config.connection_timeout_ms - 1);
	fake_no_command();
	fake_advance(c, 1);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 1);
	ck_assert_uint_eq(calls_ended(CALL_END_EXPIRED), 1);
	fake_open(c, &a, 2, 1, token);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
}
END_TEST

START_TEST(token_at_another_node_is_spent_and_both_are_dropped)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	fake_forget_commands();
	fake_open(c, &b, 2, 1, token);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 2);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 1);
	ck_assert_uint_eq(refused(REFUSAL_OTHER_NODE), 1);
	ck_assert_uint_eq(calls_ended(CALL_END_OTHER_NODE), 1);
}
END_TEST

START_TEST(client_that_is_at_its_limit_does_not_hear_of_the_peer)
{
	unsigned written;

	c->config.max_relays_per_client = 2;
	fake_client(c, &a, 7);
	(void)call(&a, 1, 1, 7);
	(void)call(&a, 2, 2, 7);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 0);
	fake_forget_commands();
	written = fake_n_written;
	(void)call(&a, 3, 3, 7);
	ck_assert_uint_eq(fake_n_written, written);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 1);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 3);
	fake_gone(c, &a, 2);
	(void)call(&a, 4, 3, 7);
	ck_assert_uint_eq(fake_n_written, written + 1);
}
END_TEST

START_TEST(lost_node_drops_its_calls_and_leaves_the_clients_of_others)
{
	fake_client(c, &b, 7);
	(void)call(&a, 1, 1, 7);
	lose(&a);
	ck_assert_uint_eq(calls_ended(CALL_END_NODE_LOST), 1);
	ck_assert(is_registered(7));
	ck_assert_uint_eq(c->tokens.issued.n, 0);
}
END_TEST

static TCase *
preambles(void)
{
	TCase *t = world_case("preambles", two_nodes);

	tcase_add_test(t, relay_digest_is_held_whole_and_gets_a_ticket);
	tcase_add_test(t, all_clear_follows_the_registration);
	tcase_add_test(t, anything_else_is_nobodys);
	tcase_add_test(t, source_that_is_refused_too_often_is_reset);
	tcase_add_test(t, fewer_than_32_bytes_are_waited_for);
	tcase_add_test(t, end_before_32_bytes_is_short);
	tcase_add_test(t, bytes_behind_the_first_32_change_nothing);
	return t;
}

static TCase *
tokens(void)
{
	TCase *t = world_case("tokens", two_nodes);

	tcase_add_test(t, peer_is_held_and_the_client_told_a_token);
	tcase_add_test(t, token_pairs_the_peer_with_the_client);
	tcase_add_test(
	    t, configured_limits_are_those_of_calls_and_not_of_control_streams);
	tcase_add_test(t, token_is_good_once);
	tcase_add_test(t, token_dies_with_a_peer_that_leaves);
	tcase_add_test(t, token_dies_at_its_deadline_and_the_peer_is_dropped);
	tcase_add_test(t, token_at_another_node_is_spent_and_both_are_dropped);
	tcase_add_test(
	    t, client_that_is_at_its_limit_does_not_hear_of_the_peer);
	tcase_add_test(
	    t, lost_node_drops_its_calls_and_leaves_the_clients_of_others);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {preambles(), tokens(), NULL};

	return suite_run("tx3", CASES);
}
