/* Calls that wait for their turn. */
#include <string.h>

#include "tests/unit/control/callers.h"

START_TEST(source_at_its_share_is_held_without_a_token)
{
	struct ipc_msg m;

	fake_client(c, &a, 7);
	calls_from(16, 1);
	check_calls(0, 16);
	fake_forget_commands();
	(void)call_from(1);
	check_calls(1, 16);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 16);
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
	calls_from(18, 1);
	check_calls(2, 16);
	answer();
	fake_advance(c, 1);
	check_calls(1, 16);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 17);
}
END_TEST

START_TEST(peer_that_leaves_brings_the_next_turn)
{
	fake_client(c, &a, 7);
	calls_from(17, 1);
	fake_gone(c, &a, 3);
	fake_advance(c, 1);
	check_calls(0, 16);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 17);
}
END_TEST

START_TEST(end_of_a_pair_brings_the_next_turn)
{
	uint8_t token[TX3_TOKEN_LEN];
	struct ipc_msg m;

	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	(void)call_from(1);
	memcpy(token, fake_written, sizeof token);
	(void)call_from(1);
	for (uint8_t source = 2; source <= 4; source++)
		(void)call_from(source);
	fake_forget_commands();
	fake_open(c, &a, next_conn(), 7, token);
	m = fake_command(IPC_CONN_PAIR);
	fake_advance(c, 1);
	check_calls(1, 3); /* below its share, but the client is full */
	fake_pair_end(c, &a, m.u.conn_pair.tag);
	fake_advance(c, 1);
	check_calls(0, 4);
}
END_TEST

START_TEST(fifty_calls_of_one_source_at_once_all_come_through)
{
	fake_client(c, &a, 7);
	calls_from(50, 1);
	check_calls(34, 16);
	for (int i = 0; i < 50; i++) {
		answer();
		fake_advance(c, 1);
		if (i >= 34)
			break;
	}
	/* One notice after another: 35 answered, and none waits. */
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 35);
	check_calls(0, 15);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 50);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 0);
}
END_TEST

START_TEST(source_that_never_follows_up_holds_nobody_else_up)
{
	fake_client(c, &a, 7);
	calls_from(64, 1);
	check_calls(48, 16);
	for (unsigned i = 0; i < 40; i++) {
		(void)call_from(2);
		ck_assert_uint_eq(counted(COUNT_NOTICES), 16 + i + 1);
		answer();
		fake_advance(c, 1);
	}
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 40);
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
	calls_from(19, 1);
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
	calls_from(6, 1);
	calls_from(2, 2);
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
	calls_from(5, 1);
	check_calls(3, 2);
	fake_advance(c, 99);
	check_calls(3, 2);
	fake_advance(c, 1);
	check_calls(2, 3);
	fake_advance(c, 200);
	check_calls(0, 5);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 5);
}
END_TEST

START_TEST(newcomer_at_a_full_client_is_refused_at_once)
{
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	(void)call_from(1);
	(void)call_from(1); /* its share is 1: waits */
	(void)call_from(2);
	(void)call_from(3);
	check_calls(1, 3);
	(void)call_from(4);
	fake_forget_commands();
	(void)call_from(5);
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
	(void)call_from(1);
	(void)call_from(1);
	check_calls(1, 1);
	fake_forget_commands();
	answer();
	m = fake_command(IPC_CONN_PAIR);
	memcpy(tag, m.u.conn_pair.tag, sizeof tag);
	fake_advance(c, 1);
	check_calls(0, 1);
	(void)call_from(1);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 1);
	fake_pair_end(c, &a, tag);
	(void)call_from(1);
	check_calls(1, 1);
	answer();
	fake_advance(c, 1);
	check_calls(0, 1);
}
END_TEST

START_TEST(source_never_has_all_places_of_a_client)
{
	struct ipc_msg m;

	c->config.max_relays_per_client = 8;
	fake_client(c, &a, 7);
	for (int i = 0; i < 7; i++) {
		(void)call_from(1);
		fake_forget_commands();
		answer();
	}
	m = fake_command(IPC_CONN_PAIR);
	(void)call_from(1);
	check_calls(1, 0); /* a place is free, but not for it */
	(void)call_from(2);
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
	calls_from(2 + 8, 1);
	check_calls(8, 2);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING_SOURCE), 0);
	(void)call_from(1);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING_SOURCE), 1);
	check_calls(8, 2);
	(void)call_from(2);
	check_calls(8, 3);
}
END_TEST

START_TEST(waiting_calls_of_a_client_up_to_the_limit)
{
	c->config.max_notices_burst = 1;
	c->config.max_notices_per_s = 1;
	c->config.max_relays_per_client = 2;
	fake_client(c, &a, 7);
	(void)call_from(1);
	for (uint8_t source = 2; source < 2 + 8; source++)
		(void)call_from(source);
	check_calls(8, 1);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING), 0);
	(void)call_from(20);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_WAITING), 1);
	check_calls(8, 1);
}
END_TEST

static TCase *
turns(void)
{
	TCase *t = world_case("turns", callers_set_up);

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
	TCase *t = world_case("limits", callers_set_up);

	tcase_add_test(t, newcomer_at_a_full_client_is_refused_at_once);
	tcase_add_test(t, waiting_call_needs_a_place_of_the_client_as_well);
	tcase_add_test(t, source_never_has_all_places_of_a_client);
	tcase_add_test(t, waiting_calls_of_a_source_up_to_the_limit);
	tcase_add_test(t, waiting_calls_of_a_client_up_to_the_limit);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {turns(), limits(), NULL};

	return suite_run("calls", CASES);
}
