/* Calls whose client comes in at another node than the peer. */
#include <check.h>
#include <string.h>

#include "control/node_session.h"
#include "tests/unit/control/fake.h"

enum { PEER = 1, COMER = 2, TICKET = 3 }; /* connections' numbers */

static struct control *c;
static struct fake_node a, b; /* the peer's, the client's */
static struct ipc_conn_join join;
static unsigned n_records; /* of pairs' ends */

void __wrap_log_info(const char *event, const char *fmt, ...) LOG_PRINTF;

void
__wrap_log_info(const char *event, const char *fmt, ...)
{
	(void)fmt;
	n_records += strcmp(event, "pair-ended") == 0;
}

static void
set_up(void)
{
	n_records = 0;
	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	b = (struct fake_node){
	    .name = "b", .epoch = 0xb1, .features = IPC_FEATURE_SIBLINGS};
	ck_assert_int_eq(addr_parse(&a.accept, "10.0.0.1:7444"), 0);
	fake_ready(c, &a);
	fake_ready(c, &b);
	(void)fake_client(c, &b, 7);
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
ended(enum call_end why)
{
	return c->counters.calls_ended[why];
}

static struct client *
client(void)
{
	return fake_find(c, &frontend_tx3, 7);
}

static struct node *
node_of(const struct fake_node *n)
{
	return table_find(&c->nodes.by_session, &n->session);
}

/* A peer calls at a; the client says its token at b. */
static void
call_and_answer(void)
{
	uint8_t token[TX3_TOKEN_LEN];

	fake_open(c, &a, PEER, 1, fake_digest(7));
	memcpy(token, fake_written, sizeof token);
	fake_forget_commands();
	fake_open(c, &b, COMER, 2, token);
}

/* The same, and b is told to join a. */
static void
begin_hop(void)
{
	struct ipc_msg m;

	call_and_answer();
	m = fake_command(IPC_CONN_JOIN);
	ck_assert_uint_eq(m.to, b.epoch);
	join = m.u.conn_join;
}

/* b's connection comes in at a. */
static struct ipc_msg
arrive(void)
{
	fake_open_local(c, &a, TICKET, join.ticket);
	return fake_command(IPC_CONN_PAIR);
}

static void
refuse_join(enum reason why)
{
	struct ipc_msg m = {.type = IPC_PAIR_REFUSED};

	m.u.pair_refused.seq = b.seq++;
	memcpy(m.u.pair_refused.tag, join.tag, IPC_TAG_LEN);
	m.u.pair_refused.reason = (uint8_t)why;
	m.u.pair_refused.gone = IPC_GONE_B;
	fake_send(c, &b, m);
}

/* The peer was turned away, for this reason, and no place is taken. */
static void
expect_failed(enum call_end why)
{
	struct ipc_msg m = fake_command(IPC_CONN_DROP);

	ck_assert_uint_eq(m.to, a.epoch);
	ck_assert_uint_eq(m.u.conn_drop.conn, PEER);
	ck_assert_uint_eq(ended(why), 1);
	ck_assert_uint_eq(client()->quota.callers.n_pending, 0);
	ck_assert_uint_eq(client()->quota.n_paired, 0);
	ck_assert_uint_eq(c->hops.calls.n, 0);
}

/* Whoever says the ticket now is nobody. */
static void
expect_dead_ticket(void)
{
	uint64_t before = refused(REFUSAL_TICKET);

	fake_forget_commands();
	fake_open_local(c, &a, TICKET + 1, join.ticket);
	ck_assert_uint_eq(refused(REFUSAL_TICKET), before + 1);
	ck_assert_uint_eq(
	    fake_command(IPC_CONN_DROP).u.conn_drop.conn, TICKET + 1);
}

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
	ck_assert_uint_eq(ended(CALL_END_PAIRED), 1);
	ck_assert_uint_eq(c->counters.counts[COUNT_HOPS], 1);
	fake_no_command();
}
END_TEST

START_TEST(the_client_is_charged_once_and_bytes_count_once)
{
	uint64_t n_pairs = c->counters.counts[COUNT_PAIRS];
	struct ipc_msg m;

	begin_hop();
	ck_assert_uint_eq(client()->quota.callers.n_pending, 1);
	m = arrive();
	ck_assert_uint_eq(client()->quota.n_paired, 1);
	ck_assert_uint_eq(c->counters.counts[COUNT_PAIRS], n_pairs + 1);
	ck_assert_uint_eq(c->pairs.n_hops, 1);
	ck_assert_uint_eq(c->pairs.n_calls, 1);
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(client()->quota.n_paired, 1);
	ck_assert_uint_eq(c->counters.counts[COUNT_BYTES], 0);
	ck_assert_uint_eq(n_records, 0);
	fake_pair_end(c, &a, m.u.conn_pair.tag);
	ck_assert_uint_eq(client()->quota.n_paired, 0);
	ck_assert_uint_eq(c->counters.counts[COUNT_BYTES], 30);
	ck_assert_uint_eq(client()->bytes, 30);
	ck_assert_uint_eq(n_records, 1);
	ck_assert_uint_eq(c->counters.pairs_ended[REASON_FINISHED], 1);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	ck_assert_uint_eq(
	    c->counters.events_dropped[EVENT_DROP_TAG_UNKNOWN], 0);
}
END_TEST

START_TEST(the_halves_may_end_in_either_order)
{
	struct ipc_msg m;

	begin_hop();
	m = arrive();
	fake_pair_end(c, &a, m.u.conn_pair.tag);
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(n_records, 1);
	ck_assert_uint_eq(c->counters.counts[COUNT_BYTES], 30);
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
	uint8_t token[TX3_TOKEN_LEN];

	node_of(&a)->features = IPC_FEATURE_SIBLINGS;
	fake_open(c, &a, PEER, 1, fake_digest(7));
	memcpy(token, fake_written, sizeof token);
	fake_forget_commands();
	fake_open(c, &a, COMER, 2, token);
	(void)fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(c->counters.counts[COUNT_HOPS], 0);
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

START_TEST(a_join_that_is_refused_ends_the_call)
{
	begin_hop();
	refuse_join(
	    _i == 0 ? REASON_SIBLING_UNLISTED : REASON_SIBLING_UNREACHED);
	expect_failed(CALL_END_NOT_JOINED);
	ck_assert_uint_eq(n_records, 1); /* says which node, and why */
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
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	begin_hop();
	for (uint64_t ms = 0; ms < HOP_TICKET_MS - 50; ms += 50) {
		fake_advance(c, 50);
		beat.u.node_beat.n_pairs = 0;
		fake_send(c, &a, beat);
		beat.u.node_beat.n_pairs = 2;
		fake_send(c, &b, beat);
	}
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
	uint8_t token[TX3_TOKEN_LEN];

	c->config.connection_timeout_ms = 2000;
	fake_open(c, &a, PEER, 1, fake_digest(7));
	memcpy(token, fake_written, sizeof token);
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
	ck_assert_uint_eq(ended(CALL_END_PEER_GONE), 1);
	expect_dead_ticket();
	fake_pair_end(c, &b, join.tag);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
}
END_TEST

START_TEST(a_client_whose_stream_ends_meanwhile_ends_the_call)
{
	begin_hop();
	stream_end(c->streams.live, STREAM_END_CLOSED);
	ck_assert_uint_eq(ended(CALL_END_CLIENT_GONE), 1);
	(void)fake_command(IPC_CONN_DROP);
	expect_dead_ticket();
}
END_TEST

/* Its beats stop; the other's go on. */
static void
lose(const struct fake_node *keep)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	for (int i = 0; i < 6; i++) {
		fake_advance(c, 1000);
		fake_send(c, keep, beat);
	}
	fake_forget_commands();
}

START_TEST(the_peers_node_lost_meanwhile_ends_the_call)
{
	begin_hop();
	lose(&b);
	ck_assert_uint_eq(ended(CALL_END_NODE_LOST), 1);
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
	lose(&a);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 1);
	(void)arrive(); /* b had said it before */
	ck_assert_uint_eq(ended(CALL_END_PAIRED), 1);
	ck_assert_uint_eq(client()->quota.n_paired, 1);
}
END_TEST

START_TEST(a_goodbye_of_the_clients_node_leaves_nothing)
{
	struct ipc_msg bye = {.type = IPC_NODE_BYE};

	begin_hop();
	bye.u.node_bye.reason = REASON_SHUTDOWN;
	fake_send(c, &b, bye);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	fake_forget_commands();
	lose(&a);
	fake_advance(c, HOP_TICKET_MS);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 0);
	ck_assert_uint_eq(c->hops.calls.n, 0);
}
END_TEST

START_TEST(a_list_without_it_ends_the_hop_and_not_the_call)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};

	begin_hop();
	node_ask_pairs(c, node_of(&b));
	fake_forget_commands();
	m.u.pair_list.ask = node_of(&b)->ask;
	m.u.pair_list.flags = IPC_PAIR_LIST_LAST;
	fake_send(c, &b, m);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 1);
	(void)arrive();
}
END_TEST

START_TEST(a_hop_of_an_earlier_control_charges_nobody)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};
	uint8_t tag[IPC_TAG_LEN] = {PAIR_HOP, 1, [11] = 9};

	memcpy(tag + 12, fake_digest(7), PAIR_PREFIX_LEN);
	m.u.pair_list.ask = node_of(&a)->ask;
	m.u.pair_list.n_tags = 1;
	m.u.pair_list.tags = tag;
	fake_send(c, &a, m);
	ck_assert_uint_eq(c->pairs.n_hops, 1);
	ck_assert_uint_eq(client()->quota.n_paired, 0);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	tag[11] = 8; /* and one that was never listed */
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(c->counters.counts[COUNT_BYTES], 0);
	ck_assert_uint_eq(n_records, 0);
	ck_assert_uint_eq(
	    c->counters.events_dropped[EVENT_DROP_TAG_UNKNOWN], 0);
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

START_TEST(a_node_tells_where_it_takes_siblings_and_that_it_has_some)
{
	ck_assert(addr_equal(&node_of(&a)->accept, &a.accept));
	ck_assert_uint_eq(node_of(&a)->features, 0);
	ck_assert_uint_eq(node_of(&b)->accept.port, 0);
	ck_assert_uint_eq(node_of(&b)->features, IPC_FEATURE_SIBLINGS);
}
END_TEST

static TCase *
joins(void)
{
	TCase *t = tcase_create("joins");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_token_at_another_node_has_that_join_the_peers);
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
	return t;
}

static TCase *
failures(void)
{
	TCase *t = tcase_create("failures");

	tcase_add_checked_fixture(t, set_up, tear_down);
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
	return t;
}

int
main(void)
{
	Suite *s = suite_create("hops");
	SRunner *runner;
	int n_failed;

	suite_add_tcase(s, joins());
	suite_add_tcase(s, failures());
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
