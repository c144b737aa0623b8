/* Calls of clients that an earlier control had, and that are not back yet. */
#include "control/early.h"
#include "tests/unit/control/callers.h"

/* A node reports the end of a control stream that this control never had. */
static void
clients_lose_an_earlier_control(void)
{
	uint8_t tag[IPC_TAG_LEN];

	tag_of(tag, PAIR_STREAM, 9, 0);
	fake_pair_end(c, &a, tag);
	fake_forget_commands();
}

START_TEST(call_of_a_client_that_is_not_back_yet_waits_for_it)
{
	clients_lose_an_earlier_control();
	(void)call_from(1);
	check_calls(1, 0);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 0);
	fake_forget_commands();
	fake_client(c, &a, 7);
	fake_advance(c, 1);
	check_calls(0, 1);
	answer();
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 1);
}
END_TEST

/* The node that has a client's control stream may come later than the one that
 * has a caller. */
START_TEST(a_node_that_an_earlier_control_had_says_that_there_was_one)
{
	struct fake_node used = {.name = "used", .epoch = 0xced, .seq = 2};

	fake_ready(c, &used);
	(void)call_from(1);
	check_calls(1, 0);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 0);
}
END_TEST

START_TEST(neither_a_new_node_nor_one_that_was_here_says_so)
{
	struct fake_node fresh = {.name = "fresh", .epoch = 0xced};

	fake_gone(c, &a, 99);
	fake_gone(c, &a, 98);
	fake_forget_commands();
	fake_ready(c, &a);
	fake_ready(c, &fresh);
	(void)call_from(1);
	check_calls(0, 0);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
}
END_TEST

START_TEST(early_call_has_the_rest_of_its_time_once_its_client_came)
{
	clients_lose_an_earlier_control();
	(void)call_from(1);
	live(EARLY_MS - 1);
	fake_client(c, &a, 7);
	live(c->config.connection_timeout_ms - EARLY_MS);
	check_calls(0, 1);
	fake_advance(c, 1);
	ck_assert_uint_eq(calls_ended(CALL_END_EXPIRED), 1);
}
END_TEST

START_TEST(early_call_of_a_client_that_stays_away_ends)
{
	clients_lose_an_earlier_control();
	(void)call_from(1);
	live(EARLY_MS - 1);
	check_calls(1, 0);
	fake_forget_commands();
	fake_advance(c, 1);
	check_calls(0, 0);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(calls_ended(CALL_END_NO_CLIENT), 1);
	ck_assert_uint_eq(c->registry.clients.n, 0);
}
END_TEST

START_TEST(nobody_is_waited_for_without_or_long_after_an_earlier_control)
{
	(void)call_from(1);
	clients_lose_an_earlier_control();
	live(EARLY_MS);
	(void)call_from(1);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 2);
	ck_assert_uint_eq(c->registry.clients.n, 0);
}
END_TEST

START_TEST(early_calls_of_a_source_and_in_all_are_bounded)
{
	uint8_t digest[DIGEST_LEN] = {0};

	clients_lose_an_earlier_control();
	for (unsigned source = 1; source <= 5; source++) {
		for (unsigned i = 0; i < EARLY_SOURCE_MAX + 1; i++) {
			digest[0] = (uint8_t)source;
			digest[1] = (uint8_t)(i % 256);
			digest[2] = (uint8_t)(i / 256);
			fake_open(c, &a, next_conn(), (uint8_t)source, digest);
		}
		check_calls(
		    source < 4 ? source * EARLY_SOURCE_MAX : EARLY_MAX, 0);
	}
	check_calls(EARLY_MAX, 0);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), EARLY_SOURCE_MAX + 1 + 4);
	ck_assert_uint_eq(c->registry.clients.n, EARLY_MAX);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("early", callers_set_up);

	tcase_add_test(t, call_of_a_client_that_is_not_back_yet_waits_for_it);
	tcase_add_test(
	    t, a_node_that_an_earlier_control_had_says_that_there_was_one);
	tcase_add_test(t, neither_a_new_node_nor_one_that_was_here_says_so);
	tcase_add_test(
	    t, early_call_has_the_rest_of_its_time_once_its_client_came);
	tcase_add_test(t, early_call_of_a_client_that_stays_away_ends);
	tcase_add_test(
	    t, nobody_is_waited_for_without_or_long_after_an_earlier_control);
	tcase_add_test(t, early_calls_of_a_source_and_in_all_are_bounded);
	return suite_run("early", (TCase *[]){t, NULL});
}
