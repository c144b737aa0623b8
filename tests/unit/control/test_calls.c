/* Calls that wait for their turn. */
#include <check.h>
#include <string.h>

#include "control/call.h"
#include "tests/unit/control/fake.h"

static struct control *c;
static struct fake_node a, b;
static uint64_t next_conn;

static void
set_up(void)
{
	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	b = (struct fake_node){.name = "b", .epoch = 0xb1};
	fake_ready(c, &a);
	fake_ready(c, &b);
	next_conn = 1;
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

static uint64_t
announced(void)
{
	return c->counters.counts[COUNT_NOTICES];
}

/* A peer from 192.0.2.SOURCE calls client 7; its connection's number. */
static uint64_t
call(uint8_t source)
{
	uint64_t conn = next_conn++;

	fake_open(c, &a, conn, source, fake_digest(7));
	return conn;
}

static void
calls(unsigned n, uint8_t source)
{
	while (n-- > 0)
		(void)call(source);
}

/* The client answers the newest notice. */
static void
answer(void)
{
	uint8_t token[TX3_TOKEN_LEN];

	memcpy(token, fake_written, sizeof token);
	fake_open(c, &a, next_conn++, 7, token);
}

static void
check_calls(uint32_t n_waiting, uint32_t n_pending)
{
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], n_waiting);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], n_pending);
	ck_assert_uint_eq(c->tokens.issued.n, n_pending);
}

START_TEST(source_at_its_share_is_held_without_a_token)
{
	struct ipc_msg m;

	fake_client(c, &a, 7);
	calls(16, 1);
	check_calls(0, 16);
	fake_forget_commands();
	(void)call(1);
	check_calls(1, 16);
	ck_assert_uint_eq(announced(), 16);
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.conn, 17);
	ck_assert_uint_eq(m.u.conn_hold.skip, 0);
	ck_assert_uint_eq(
	    m.u.conn_hold.ttl_ms, c->config.connection_timeout_ms);
	fake_no_command();
}
END_TEST

START_TEST(pair_brings_the_next_turn)
{
	fake_client(c, &a, 7);
	calls(18, 1);
	check_calls(2, 16);
	answer();
	fake_advance(c, 1);
	check_calls(1, 16);
	ck_assert_uint_eq(announced(), 17);
}
END_TEST

START_TEST(peer_that_leaves_brings_the_next_turn)
{
	fake_client(c, &a, 7);
	calls(17, 1);
	fake_gone(c, &a, 3);
	fake_advance(c, 1);
	check_calls(0, 16);
	ck_assert_uint_eq(announced(), 17);
}
END_TEST

START_TEST(fifty_calls_of_one_source_at_once_all_come_through)
{
	fake_client(c, &a, 7);
	calls(50, 1);
	check_calls(34, 16);
	for (int i = 0; i < 50; i++) {
		answer();
		fake_advance(c, 1);
		if (i >= 34)
			break;
	}
	/* One notice after another: 35 answered, and none waits. */
	ck_assert_uint_eq(ended(CALL_END_PAIRED), 35);
	check_calls(0, 15);
	ck_assert_uint_eq(announced(), 50);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 0);
}
END_TEST

START_TEST(source_that_never_follows_up_holds_nobody_else_up)
{
	fake_client(c, &a, 7);
	calls(64, 1);
	check_calls(48, 16);
	for (unsigned i = 0; i < 40; i++) {
		(void)call(2);
		ck_assert_uint_eq(announced(), 16 + i + 1);
		answer();
		fake_advance(c, 1);
	}
	ck_assert_uint_eq(ended(CALL_END_PAIRED), 40);
	check_calls(48, 16);
}
END_TEST

/* The newest notice is of the peer at that connection. */
static void
answer_is_for(uint64_t conn)
{
	fake_forget_commands();
	answer();
	ck_assert_uint_eq(fake_command(IPC_CONN_PAIR).u.conn_pair.a, conn);
}

START_TEST(first_come_is_first_served_within_a_source)
{
	fake_client(c, &a, 7);
	calls(19, 1);
	fake_gone(c, &a, 1);
	for (uint64_t conn = 17; conn <= 19; conn++) {
		fake_advance(c, 1);
		answer_is_for(conn);
	}
}
END_TEST

START_TEST(sources_take_turns_when_notices_are_short)
{
	c->config.max_notices_burst = 1;
	c->config.max_notices_per_s = 1;
	fake_client(c, &a, 7);
	calls(6, 1);
	calls(2, 2);
	answer_is_for(1);
	for (size_t i = 0; i < 4; i++) {
		fake_advance(c, 1000);
		answer_is_for((uint64_t[]){2, 7, 3, 8}[i]);
	}
	check_calls(3, 0);
}
END_TEST

START_TEST(notices_up_to_the_burst_then_at_the_rate)
{
	c->config.max_notices_burst = 2;
	c->config.max_notices_per_s = 10;
	fake_client(c, &a, 7);
	calls(5, 1);
	check_calls(3, 2);
	fake_advance(c, 99);
	check_calls(3, 2);
	fake_advance(c, 1);
	check_calls(2, 3);
	fake_advance(c, 200);
	check_calls(0, 5);
	ck_assert_uint_eq(announced(), 5);
}
END_TEST

START_TEST(newcomer_at_a_full_client_is_refused_at_once)
{
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	(void)call(1);
	(void)call(1); /* its share is 1: waits */
	(void)call(2);
	(void)call(3);
	check_calls(1, 3);
	(void)call(4);
	fake_forget_commands();
	(void)call(5);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 6);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 1);
	check_calls(1, 4);
}
END_TEST

START_TEST(waiting_call_needs_a_place_of_the_client_as_well)
{
	uint8_t tag[IPC_TAG_LEN];
	struct ipc_msg m;

	c->config.max_relays_per_client = 2;
	fake_client(c, &a, 7);
	(void)call(1);
	(void)call(1);
	check_calls(1, 1);
	fake_forget_commands();
	answer();
	m = fake_command(IPC_CONN_PAIR);
	memcpy(tag, m.u.conn_pair.tag, sizeof tag);
	fake_advance(c, 1);
	check_calls(0, 1);
	(void)call(1);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 1);
	fake_pair_end(c, &a, tag);
	(void)call(1);
	check_calls(1, 1);
	answer();
	fake_advance(c, 1);
	check_calls(0, 1);
}
END_TEST

START_TEST(end_of_a_pair_brings_the_next_turn)
{
	uint8_t token[TX3_TOKEN_LEN];
	struct ipc_msg m;

	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	(void)call(1);
	memcpy(token, fake_written, sizeof token);
	(void)call(1);
	for (uint8_t source = 2; source <= 4; source++)
		(void)call(source);
	fake_forget_commands();
	fake_open(c, &a, next_conn++, 7, token);
	m = fake_command(IPC_CONN_PAIR);
	fake_advance(c, 1);
	check_calls(1, 3); /* below its share, but the client is full */
	fake_pair_end(c, &a, m.u.conn_pair.tag);
	fake_advance(c, 1);
	check_calls(0, 4);
}
END_TEST

START_TEST(source_never_has_all_places_of_a_client)
{
	struct ipc_msg m;

	c->config.max_relays_per_client = 8;
	fake_client(c, &a, 7);
	for (int i = 0; i < 7; i++) {
		(void)call(1);
		fake_forget_commands();
		answer();
	}
	m = fake_command(IPC_CONN_PAIR);
	(void)call(1);
	check_calls(1, 0); /* a place is free, but not for it */
	(void)call(2);
	check_calls(1, 1);
	fake_pair_end(c, &a, m.u.conn_pair.tag);
	fake_advance(c, 1);
	check_calls(0, 2);
}
END_TEST

START_TEST(waiting_calls_of_a_source_up_to_the_limit)
{
	c->config.max_relays_per_client = 8;
	fake_client(c, &a, 7);
	calls(2 + 8, 1);
	check_calls(8, 2);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING_SOURCE), 0);
	(void)call(1);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING_SOURCE), 1);
	check_calls(8, 2);
	(void)call(2);
	check_calls(8, 3);
}
END_TEST

START_TEST(waiting_calls_of_a_client_up_to_the_limit)
{
	c->config.max_notices_burst = 1;
	c->config.max_notices_per_s = 1;
	c->config.max_relays_per_client = 2;
	fake_client(c, &a, 7);
	(void)call(1);
	for (uint8_t source = 2; source < 2 + 8; source++)
		(void)call(source);
	check_calls(8, 1);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING), 0);
	(void)call(20);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING), 1);
	check_calls(8, 1);
}
END_TEST

/* Both nodes are alive all the while. */
static void
advance(uint32_t ms)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	for (; ms > 0; ms -= 1000) {
		fake_send(c, &a, beat);
		fake_send(c, &b, beat);
		fake_advance(c, 1000);
	}
}

START_TEST(call_whose_turn_never_came_is_dropped_at_the_deadline)
{
	c->config.max_notices_burst = 1;
	c->config.max_notices_per_s = 1;
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	calls(2, 1);
	advance(c->config.connection_timeout_ms - 1000);
	check_calls(1, 1);
	/* Both came in one moment; what is due first ends first. */
	advance(1000);
	ck_assert_uint_eq(ended(CALL_END_EXPIRED) + ended(CALL_END_NO_TURN), 2);
	ck_assert_uint_ge(ended(CALL_END_EXPIRED), 1);
	check_calls(0, 0);
}
END_TEST

START_TEST(end_of_the_stream_ends_waiting_calls_too)
{
	struct stream *s = fake_client(c, &a, 7);

	calls(20, 1);
	fake_forget_commands();
	stream_end(s, STREAM_END_CLOSED);
	for (uint64_t conn = 1; conn <= 20; conn++)
		ck_assert_uint_eq(
		    fake_command(IPC_CONN_DROP).u.conn_drop.conn, conn);
	ck_assert_uint_eq(ended(CALL_END_CLIENT_GONE), 20);
	check_calls(0, 0);
	fake_advance(c, 1000);
	fake_no_command();
}
END_TEST

START_TEST(replaced_stream_leaves_waiting_calls_to_the_new_one)
{
	fake_client(c, &a, 7);
	calls(17, 1);
	fake_open(c, &a, 500, 9, fake_relay(c));
	fake_open_local(c, &a, 501, fake_ticket);
	stream_opened(c->streams.live, fake_digest(7), "");
	check_calls(1, 16);
	fake_gone(c, &a, 1);
	fake_advance(c, 1);
	check_calls(0, 16);
}
END_TEST

START_TEST(lost_node_takes_its_waiting_calls_and_gives_their_places)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	fake_client(c, &b, 7);
	calls(20, 1);
	fake_open(c, &b, 1, 1, fake_digest(7));
	check_calls(5, 16);
	for (int i = 0; i < 6; i++) {
		fake_advance(c, 1000);
		fake_send(c, &b, beat);
	}
	ck_assert_uint_eq(ended(CALL_END_NODE_LOST), 20);
	check_calls(0, 1);
	ck_assert_uint_eq(announced(), 17);
}
END_TEST

START_TEST(client_that_can_not_be_told_ends_with_all_that_wait)
{
	fake_client(c, &a, 7);
	calls(20, 1);
	fake_unread = stream_backlog_max(&c->config, &frontend_tx3);
	fake_gone(c, &a, 1);
	check_calls(4, 15);
	fake_advance(c, 1);
	ck_assert_uint_eq(c->counters.streams_ended[STREAM_END_SLOW], 1);
	ck_assert_uint_eq(ended(CALL_END_CLIENT_GONE), 19);
	check_calls(0, 0);
	ck_assert_uint_eq(c->registry.clients.n, 0);
}
END_TEST

/* Whatever comes of them, each call ends once. */
/* A node reports the end of a control stream that this control never had. */
static void
clients_lose_an_earlier_control(void)
{
	uint8_t tag[IPC_TAG_LEN] = {PAIR_STREAM, 1, 0, 0, 9};

	fake_pair_end(c, &a, tag);
	fake_forget_commands();
}

/* Time in which the nodes say their beats. */
static void
live(uint64_t ms)
{
	const struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	while (ms > 0) {
		uint64_t step_ms = ms < IPC_BEAT_MS ? ms : IPC_BEAT_MS;

		fake_advance(c, step_ms);
		fake_send(c, &a, beat);
		fake_send(c, &b, beat);
		ms -= step_ms;
	}
	fake_forget_commands();
}

START_TEST(call_of_a_client_that_is_not_back_yet_waits_for_it)
{
	clients_lose_an_earlier_control();
	(void)call(1);
	check_calls(1, 0);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 0);
	fake_forget_commands();
	fake_client(c, &a, 7);
	fake_advance(c, 1);
	check_calls(0, 1);
	answer();
	ck_assert_uint_eq(ended(CALL_END_PAIRED), 1);
}
END_TEST

START_TEST(early_call_has_the_rest_of_its_time_once_its_client_came)
{
	clients_lose_an_earlier_control();
	(void)call(1);
	live(EARLY_MS - 1);
	fake_client(c, &a, 7);
	live(c->config.connection_timeout_ms - EARLY_MS);
	check_calls(0, 1);
	fake_advance(c, 1);
	ck_assert_uint_eq(ended(CALL_END_EXPIRED), 1);
}
END_TEST

START_TEST(early_call_of_a_client_that_stays_away_ends)
{
	clients_lose_an_earlier_control();
	(void)call(1);
	live(EARLY_MS - 1);
	check_calls(1, 0);
	fake_forget_commands();
	fake_advance(c, 1);
	check_calls(0, 0);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(ended(CALL_END_NO_CLIENT), 1);
	ck_assert_uint_eq(c->registry.clients.n, 0);
}
END_TEST

START_TEST(nobody_is_waited_for_without_or_long_after_an_earlier_control)
{
	(void)call(1);
	clients_lose_an_earlier_control();
	live(EARLY_MS);
	(void)call(1);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 2);
	ck_assert_uint_eq(c->registry.clients.n, 0);
}
END_TEST

START_TEST(early_calls_of_a_source_and_in_all_are_bounded)
{
	uint8_t digest[DIGEST_LEN] = {0};

	clients_lose_an_earlier_control();
	for (unsigned source = 1; source <= 5; source++)
		for (unsigned i = 0; i < EARLY_SOURCE_MAX + 1; i++) {
			digest[0] = (uint8_t)source;
			digest[1] = (uint8_t)(i % 256);
			digest[2] = (uint8_t)(i / 256);
			fake_open(c, &a, next_conn++, (uint8_t)source, digest);
		}
	check_calls(EARLY_MAX, 0);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), EARLY_SOURCE_MAX + 1 + 4);
	ck_assert_uint_eq(c->registry.clients.n, EARLY_MAX);
}
END_TEST

START_TEST(every_waiting_call_ends_once)
{
	fake_client(c, &a, 7);
	for (uint8_t source = 1; source <= 5; source++)
		calls(20, source);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING] + c->calls.n[CALL_PENDING],
	    100 - refused(REFUSAL_LIMIT_CLIENT));
	for (int i = 0; i < 30; i++) {
		answer();
		fake_gone(c, &a, (uint64_t)i * 3 + 1);
		fake_forget_commands();
		advance(1000);
	}
	check_calls(0, 0);
	ck_assert_uint_eq(ended(CALL_END_PAIRED) + ended(CALL_END_PEER_GONE) +
			      ended(CALL_END_EXPIRED) + ended(CALL_END_NO_TURN),
	    c->counters.counts[COUNT_CALLS]);
}
END_TEST

static TCase *
turns(void)
{
	TCase *t = tcase_create("turns");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, source_at_its_share_is_held_without_a_token);
	tcase_add_test(t, pair_brings_the_next_turn);
	tcase_add_test(t, peer_that_leaves_brings_the_next_turn);
	tcase_add_test(t, end_of_a_pair_brings_the_next_turn);
	tcase_add_test(t, fifty_calls_of_one_source_at_once_all_come_through);
	tcase_add_test(t, source_that_never_follows_up_holds_nobody_else_up);
	tcase_add_test(t, first_come_is_first_served_within_a_source);
	tcase_add_test(t, sources_take_turns_when_notices_are_short);
	tcase_add_test(t, notices_up_to_the_burst_then_at_the_rate);
	return t;
}

static TCase *
limits(void)
{
	TCase *t = tcase_create("limits");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, newcomer_at_a_full_client_is_refused_at_once);
	tcase_add_test(t, waiting_call_needs_a_place_of_the_client_as_well);
	tcase_add_test(t, source_never_has_all_places_of_a_client);
	tcase_add_test(t, waiting_calls_of_a_source_up_to_the_limit);
	tcase_add_test(t, waiting_calls_of_a_client_up_to_the_limit);
	return t;
}

static TCase *
ends(void)
{
	TCase *t = tcase_create("ends");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(
	    t, call_whose_turn_never_came_is_dropped_at_the_deadline);
	tcase_add_test(t, end_of_the_stream_ends_waiting_calls_too);
	tcase_add_test(t, replaced_stream_leaves_waiting_calls_to_the_new_one);
	tcase_add_test(
	    t, lost_node_takes_its_waiting_calls_and_gives_their_places);
	tcase_add_test(t, client_that_can_not_be_told_ends_with_all_that_wait);
	tcase_add_test(t, call_of_a_client_that_is_not_back_yet_waits_for_it);
	tcase_add_test(
	    t, early_call_has_the_rest_of_its_time_once_its_client_came);
	tcase_add_test(t, early_call_of_a_client_that_stays_away_ends);
	tcase_add_test(
	    t, nobody_is_waited_for_without_or_long_after_an_earlier_control);
	tcase_add_test(t, early_calls_of_a_source_and_in_all_are_bounded);
	tcase_add_test(t, every_waiting_call_ends_once);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("calls");
	SRunner *runner;
	int failures;

	suite_add_tcase(s, turns());
	suite_add_tcase(s, limits());
	suite_add_tcase(s, ends());
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
