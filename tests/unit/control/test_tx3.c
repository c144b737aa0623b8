#include <check.h>
#include <string.h>

#include "control/arrival.h"
#include "control/call.h"
#include "tests/unit/control/fake.h"

static struct control *c;
static struct fake_node a, b;

static void
set_up(void)
{
	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	b = (struct fake_node){.name = "b", .epoch = 0xb1};
	fake_ready(c, &a);
	fake_ready(c, &b);
}

static void
tear_down(void)
{
	fake_free(c);
}

static uint64_t
refused(enum refusal why)
{
	return c->counters.refused[why];
}

static uint64_t
streams_ended(enum stream_end why)
{
	return c->counters.streams_ended[why];
}

static uint64_t
calls_ended(enum call_end why)
{
	return c->counters.calls_ended[why];
}

/* A peer calls the client of that byte; the token the client got, static. */
static const uint8_t *
call(const struct fake_node *n, uint64_t conn, uint8_t source, uint8_t byte)
{
	static uint8_t token[TX3_TOKEN_LEN];

	fake_open(c, n, conn, source, fake_digest(byte));
	memcpy(token, fake_written, sizeof token);
	return token;
}

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
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(7)));
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
	ck_assert_uint_eq(m.u.conn_pair.limits.n_rates, 1);
	ck_assert_uint_eq(m.u.conn_pair.limits.rates[0].bytes_per_s, 5678);
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
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	(void)fake_command(IPC_CONN_HOLD);
	for (uint32_t ms = 0; ms < c->config.connection_timeout_ms;
	     ms += 1000) {
		fake_no_command();
		fake_send(c, &a, beat);
		fake_send(c, &b, beat);
		fake_forget_commands(); /* the pairs of a don't agree */
		fake_advance(c, 1000);
	}
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

/* The first len of the relay's digest, with what flags. */
static void
show(uint64_t conn, size_t len, uint8_t flags)
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};

	m.u.conn_open.conn = conn;
	m.u.conn_open.flags = flags;
	m.u.conn_open.first = (struct ipc_bytes){fake_relay(c), len};
	fake_send(c, &a, m);
}

START_TEST(fewer_than_32_bytes_are_waited_for)
{
	struct ipc_msg m = {.type = IPC_CONN_MORE};

	for (size_t len = 0; len < 32; len++) {
		show(len + 1, len, 0);
		ck_assert_uint_eq(
		    fake_command(IPC_CONN_WAIT).u.conn_wait.n, 32);
	}
	m.u.conn_more.conn = 1;
	m.u.conn_more.bytes = (struct ipc_bytes){fake_relay(c), 32};
	fake_send(c, &a, m);
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

START_TEST(end_before_32_bytes_is_short)
{
	struct ipc_msg m = {.type = IPC_CONN_MORE};

	show(1, 31, IPC_CONN_FINISHED);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.skip, 31);
	show(2, 3, 0);
	(void)fake_command(IPC_CONN_WAIT);
	m.u.conn_more.conn = 2;
	m.u.conn_more.flags = IPC_CONN_FINISHED;
	m.u.conn_more.bytes = (struct ipc_bytes){fake_relay(c), 4};
	fake_send(c, &a, m);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(refused(REFUSAL_SHORT), 2);
}
END_TEST

START_TEST(bytes_behind_the_first_32_change_nothing)
{
	uint8_t first[512];
	struct ipc_msg m = {.type = IPC_CONN_OPEN};

	memset(first, 0x16, sizeof first);
	memcpy(first, fake_relay(c), 32);
	m.u.conn_open.conn = 1;
	m.u.conn_open.first = (struct ipc_bytes){first, sizeof first};
	fake_send(c, &a, m);
	ck_assert_uint_eq(fake_command(IPC_CONN_HOLD).u.conn_hold.skip, 0);
}
END_TEST

START_TEST(ticket_is_believed_from_a_local_connection_alone)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_forget_commands();
	fake_open(c, &a, 2, 1, fake_ticket);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
	fake_open_local(c, &a, 3, fake_ticket);
	(void)fake_command(IPC_CONN_PAIR);
}
END_TEST

START_TEST(ticket_is_good_once_and_at_its_node_alone)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open_local(c, &b, 2, fake_ticket);
	ck_assert_uint_eq(refused(REFUSAL_OTHER_NODE), 1);
	ck_assert_uint_eq(streams_ended(STREAM_END_REFUSED), 1);
	fake_open_local(c, &a, 3, fake_ticket);
	ck_assert_uint_eq(refused(REFUSAL_TICKET), 1);
}
END_TEST

START_TEST(digest_and_token_are_not_believed_from_a_local_connection)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	fake_open_local(c, &a, 2, token);
	fake_open_local(c, &a, 3, fake_digest(7));
	fake_open_local(c, &a, 4, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_TICKET), 3);
	fake_open(c, &a, 5, 1, token);
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 1);
}
END_TEST

START_TEST(accept_socket_that_is_not_there_ends_the_stream)
{
	fake_no_accept_socket = true;
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(streams_ended(STREAM_END_ACCEPT_SOCKET), 1);
}
END_TEST

START_TEST(handshake_that_takes_too_long_is_ended)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open_local(c, &a, 2, fake_ticket);
	fake_advance(c, c->config.handshake_timeout_ms);
	ck_assert_uint_eq(streams_ended(STREAM_END_TIMEOUT), 1);
}
END_TEST

START_TEST(connection_that_goes_before_its_pair_ends_the_stream)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_gone(c, &a, 1);
	ck_assert_uint_eq(streams_ended(STREAM_END_GONE), 1);
	fake_open_local(c, &a, 2, fake_ticket);
	ck_assert_uint_eq(refused(REFUSAL_TICKET), 1);
}
END_TEST

START_TEST(pair_that_the_node_refuses_ends_the_stream)
{
	struct ipc_msg m, refusal = {.type = IPC_PAIR_REFUSED};

	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_open_local(c, &a, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	refusal.u.pair_refused.seq = a.seq++;
	refusal.u.pair_refused.reason = REASON_PARTNER_GONE;
	refusal.u.pair_refused.gone = IPC_GONE_A;
	memcpy(refusal.u.pair_refused.tag, m.u.conn_pair.tag, IPC_TAG_LEN);
	fake_send(c, &a, refusal);
	ck_assert_uint_eq(streams_ended(STREAM_END_REFUSED), 1);
	ck_assert_uint_eq(c->pairs.n_streams, 0);
}
END_TEST

START_TEST(streams_up_to_the_limit_and_room_again_after_one_left)
{
	struct stream *s;

	c->config.max_control_streams = 3;
	fake_client(c, &a, 1);
	fake_client(c, &a, 2);
	s = fake_client(c, &a, 3);
	ck_assert_uint_eq(c->counters.counts[COUNT_STREAMS], 3);
	fake_open(c, &a, 9, 9, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS), 1);
	fake_forget_commands();
	stream_end(s, STREAM_END_CLOSED);
	ck_assert_ptr_nonnull(fake_client(c, &a, 4));
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
	struct ipc_msg bye = {.type = IPC_NODE_BYE};

	c->config.max_handshakes = 2;
	bye.u.node_bye.reason = REASON_SHUTDOWN;
	fake_send(c, &b, bye);
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

START_TEST(client_that_reads_no_notices_is_ended_with_its_calls)
{
	fake_client(c, &a, 7);
	(void)call(&a, 1, 1, 7);
	fake_forget_commands();
	fake_unread = stream_backlog_max(&c->config, &frontend_tx3) - 31;
	(void)call(&a, 2, 1, 7);
	ck_assert_uint_eq(streams_ended(STREAM_END_SLOW), 1);
	ck_assert_uint_eq(calls_ended(CALL_END_CLIENT_GONE), 2);
	ck_assert_ptr_null(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(7)));
}
END_TEST

START_TEST(lost_node_drops_its_calls_and_leaves_the_clients_of_others)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	fake_client(c, &b, 7);
	(void)call(&a, 1, 1, 7);
	for (int i = 0; i < 6; i++) {
		fake_advance(c, 1000);
		fake_send(c, &b, beat);
	}
	ck_assert_uint_eq(calls_ended(CALL_END_NODE_LOST), 1);
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(7)));
	ck_assert_uint_eq(c->tokens.issued.n, 0);
}
END_TEST

static TCase *
decisions(void)
{
	TCase *t = tcase_create("decisions");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, relay_digest_is_held_whole_and_gets_a_ticket);
	tcase_add_test(t, all_clear_follows_the_registration);
	tcase_add_test(t, peer_is_held_and_the_client_told_a_token);
	tcase_add_test(t, token_pairs_the_peer_with_the_client);
	tcase_add_test(
	    t, configured_limits_are_those_of_calls_and_not_of_control_streams);
	tcase_add_test(t, token_is_good_once);
	tcase_add_test(t, token_dies_with_a_peer_that_leaves);
	tcase_add_test(t, token_dies_at_its_deadline_and_the_peer_is_dropped);
	tcase_add_test(t, token_at_another_node_is_spent_and_both_are_dropped);
	tcase_add_test(t, anything_else_is_nobodys);
	tcase_add_test(t, source_that_is_refused_too_often_is_reset);
	tcase_add_test(t, fewer_than_32_bytes_are_waited_for);
	tcase_add_test(t, end_before_32_bytes_is_short);
	tcase_add_test(t, bytes_behind_the_first_32_change_nothing);
	return t;
}

static TCase *
streams(void)
{
	TCase *t = tcase_create("streams");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, ticket_is_believed_from_a_local_connection_alone);
	tcase_add_test(t, ticket_is_good_once_and_at_its_node_alone);
	tcase_add_test(
	    t, digest_and_token_are_not_believed_from_a_local_connection);
	tcase_add_test(t, accept_socket_that_is_not_there_ends_the_stream);
	tcase_add_test(t, handshake_that_takes_too_long_is_ended);
	tcase_add_test(t, connection_that_goes_before_its_pair_ends_the_stream);
	tcase_add_test(t, pair_that_the_node_refuses_ends_the_stream);
	tcase_add_test(t, client_that_reads_no_notices_is_ended_with_its_calls);
	tcase_add_test(
	    t, lost_node_drops_its_calls_and_leaves_the_clients_of_others);
	return t;
}

static TCase *
limits(void)
{
	TCase *t = tcase_create("limits");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(
	    t, streams_up_to_the_limit_and_room_again_after_one_left);
	tcase_add_test(t, streams_of_a_source_up_to_the_limit);
	tcase_add_test(t, handshakes_up_to_the_limit);
	tcase_add_test(t, one_of_two_nodes_has_half_of_the_handshakes);
	tcase_add_test(t, only_node_has_all_of_the_handshakes);
	tcase_add_test(t, handshakes_of_a_source_up_to_the_limit);
	tcase_add_test(
	    t, client_that_is_at_its_limit_does_not_hear_of_the_peer);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("tx3");
	SRunner *runner;
	int failures;

	suite_add_tcase(s, decisions());
	suite_add_tcase(s, streams());
	suite_add_tcase(s, limits());
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
