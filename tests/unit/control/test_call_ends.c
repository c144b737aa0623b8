/* Calls that end without a pair, and the places that they leave. */
#include "tests/unit/control/callers.h"

START_TEST(call_whose_turn_never_came_is_dropped_at_the_deadline)
{
	c->config.max_notices_burst = 1;
	c->config.max_notices_per_s = 1;
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	calls_from(2, 1);
	pass(c->config.connection_timeout_ms - 1000);
	check_calls(1, 1);
	/* Both came in one moment; what is due first ends first. */
	pass(1000);
	ck_assert_uint_eq(
	    calls_ended(CALL_END_EXPIRED) + calls_ended(CALL_END_NO_TURN), 2);
	ck_assert_uint_ge(calls_ended(CALL_END_EXPIRED), 1);
	check_calls(0, 0);
}
END_TEST

START_TEST(end_of_the_stream_ends_waiting_calls_too)
{
	struct stream *s = fake_client(c, &a, 7);

	calls_from(20, 1);
	fake_forget_commands();
	stream_end(s, STREAM_END_CLOSED);
	for (uint64_t conn = 1; conn <= 20; conn++)
		ck_assert_uint_eq(
		    fake_command(IPC_CONN_DROP).u.conn_drop.conn, conn);
	ck_assert_uint_eq(calls_ended(CALL_END_CLIENT_GONE), 20);
	check_calls(0, 0);
	fake_advance(c, 1000);
	fake_no_command();
}
END_TEST

START_TEST(replaced_stream_leaves_waiting_calls_to_the_new_one)
{
	fake_client(c, &a, 7);
	calls_from(17, 1);
	(void)fake_stream(c, &a, 500, 9, fake_relay(c), fake_digest(7));
	check_calls(1, 16);
	fake_gone(c, &a, 1);
	fake_advance(c, 1);
	check_calls(0, 16);
}
END_TEST

START_TEST(lost_node_takes_its_waiting_calls_and_gives_their_places)
{
	fake_client(c, &b, 7);
	calls_from(20, 1);
	fake_open(c, &b, 1, 1, fake_digest(7));
	check_calls(5, 16);
	lose(&a);
	ck_assert_uint_eq(calls_ended(CALL_END_NODE_LOST), 20);
	check_calls(0, 1);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 17);
}
END_TEST

START_TEST(client_that_can_not_be_told_ends_with_all_that_wait)
{
	fake_client(c, &a, 7);
	calls_from(20, 1);
	fake_unread = stream_backlog_max(&c->config, &frontend_tx3);
	fake_gone(c, &a, 1);
	check_calls(4, 15);
	fake_advance(c, 1);
	ck_assert_uint_eq(streams_ended(STREAM_END_SLOW), 1);
	ck_assert_uint_eq(calls_ended(CALL_END_CLIENT_GONE), 19);
	check_calls(0, 0);
	ck_assert_uint_eq(c->registry.clients.n, 0);
}
END_TEST

/* Whatever comes of them. */
START_TEST(every_waiting_call_ends_once)
{
	fake_client(c, &a, 7);
	for (uint8_t source = 1; source <= 5; source++)
		calls_from(20, source);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING] + c->calls.n[CALL_PENDING],
	    100 - refused(REFUSAL_LIMIT_CLIENT));
	for (int i = 0; i < 30; i++) {
		answer();
		fake_gone(c, &a, (uint64_t)i * 3 + 1);
		fake_forget_commands();
		pass(1000);
	}
	check_calls(0, 0);
	ck_assert_uint_eq(
	    calls_ended(CALL_END_PAIRED) + calls_ended(CALL_END_PEER_GONE) +
		calls_ended(CALL_END_EXPIRED) + calls_ended(CALL_END_NO_TURN),
	    counted(COUNT_CALLS));
}
END_TEST

int
main(void)
{
	TCase *t = world_case("call_ends", callers_set_up);

	tcase_add_test(
	    t, call_whose_turn_never_came_is_dropped_at_the_deadline);
	tcase_add_test(t, end_of_the_stream_ends_waiting_calls_too);
	tcase_add_test(t, replaced_stream_leaves_waiting_calls_to_the_new_one);
	tcase_add_test(
	    t, lost_node_takes_its_waiting_calls_and_gives_their_places);
	tcase_add_test(t, client_that_can_not_be_told_ends_with_all_that_wait);
	tcase_add_test(t, every_waiting_call_ends_once);
	return suite_run("call_ends", (TCase *[]){t, NULL});
}
