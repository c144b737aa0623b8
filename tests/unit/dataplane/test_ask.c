/* Who is asked about, whose turn it is, and who is turned away. */
#include <check.h>

#include "common/fd.h"
#include "tests/unit/dataplane/ask_world.h"
#include "tests/unit/suite.h"

/* The source of the i-th CONN_OPEN. */
static uint8_t
source_of(size_t i)
{
	size_t n_opens = fixture_count(IPC_CONN_OPEN);

	return fixture_event(IPC_CONN_OPEN, n_opens - 1 - i)
	    ->u.conn_open.remote.ip[15];
}

START_TEST(a_source_at_its_limit_waits_and_is_asked_about_as_verdicts_come)
{
	const char *const settings[] = {"max_asks_per_source=2", NULL};

	world_begin_session(settings);
	world_come(1, 5);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 2);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 3);
	for (n_answered = 0; n_answered < 5;) {
		world_answer_one();
		ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN),
		    n_answered < 3 ? n_answered + 2 : 5);
	}
	ck_assert_uint_eq(fixture_ended(REASON_DROPPED), 5);
	world_end();
}
END_TEST

START_TEST(at_the_limit_of_all_newcomers_wait_too)
{
	const char *const settings[] = {"max_asks=3", NULL};

	world_begin_session(settings);
	for (uint8_t i = 1; i <= 4; i++)
		world_come(i, 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 3);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	n_answered = 0;
	world_answer_one();
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 4);
	world_end();
}
END_TEST

START_TEST(sources_take_turns_and_their_own_come_in_order)
{
	const char *const settings[] = {"max_asks=1", NULL};
	static const uint8_t order[] = {9, 1, 2, 3, 1, 2, 1};

	world_begin_session(settings);
	world_come(9, 1);
	world_come(1, 3);
	world_come(2, 2);
	world_come(3, 1);
	for (n_answered = 0; n_answered < sizeof order;) {
		ck_assert_uint_eq(source_of(n_answered), order[n_answered]);
		world_answer_one();
	}
	for (size_t i = 1; i < sizeof order; i++) /* of one: by number */
		for (size_t j = 0; j < i; j++)
			if (order[i] == order[j])
				ck_assert_uint_lt(fixture_event(IPC_CONN_OPEN,
						      sizeof order - 1 - j)
						      ->u.conn_open.conn,
				    fixture_event(
					IPC_CONN_OPEN, sizeof order - 1 - i)
					->u.conn_open.conn);
	world_end();
}
END_TEST

START_TEST(a_source_at_its_limit_keeps_nobody_else_waiting)
{
	world_begin_session(NULL);
	world_come(1, BUDGET_PARKED_SOURCE_MAX);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 16);
	world_come(2, 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 17);
	ck_assert_uint_eq(source_of(16), 2);
	world_end();
}
END_TEST

START_TEST(one_source_may_have_a_quarter_of_what_waits)
{
	world_begin_session(NULL);
	world_come(1, 16 + BUDGET_PARKED_SOURCE_MAX - 1 + _i);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED],
	    BUDGET_PARKED_SOURCE_MAX - (_i == 0 ? 1u : 0u));
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), _i == 2 ? 1u : 0u);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	world_end();
}
END_TEST

START_TEST(a_balancer_has_the_limits_of_all)
{
	const char *const settings[] = {"max_asks=20", "max_asks_per_source=2",
	    "trusted_proxies=[192.0.2.1]", NULL};

	world_begin_session(settings);
	world_come(1, 20 + BUDGET_PARKED_SOURCE_MAX + 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 20);
	ck_assert_uint_eq(
	    n->n_in[PENDING_PARKED], BUDGET_PARKED_SOURCE_MAX + 1u);
	world_come(2, 1);
	n_answered = 0;
	world_answer_one();
	ck_assert_uint_eq(source_of(20), 2);
	world_answer_one();
	ck_assert_uint_eq(source_of(21), 1);
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), 0);
	world_end();
}
END_TEST

START_TEST(what_waits_is_bounded_in_all)
{
	const bool in_session = _i == 1;
	const uint32_t absent = BUDGET_PARKED_MAX - (in_session ? 2u : 18u);

	(in_session ? world_begin_session : world_begin)(NULL);
	world_come(1, 17);
	/* As if so many more were there: that would be 4,096 sockets. */
	n->budget.n_parked += absent;
	world_come(1, 1);
	ck_assert_uint_eq(n->budget.n_parked, BUDGET_PARKED_MAX);
	world_come(1, 1);
	ck_assert_uint_eq(n->budget.n_parked, BUDGET_PARKED_MAX);
	ck_assert_uint_eq(
	    fixture_ended(in_session ? REASON_LIMIT_ASKS : REASON_NO_CONTROL),
	    1);
	n->budget.n_parked -= absent;
	world_end();
}
END_TEST

START_TEST(who_waits_too_long_for_a_place_is_closed)
{
	const char *const settings[] = {"max_asks_per_source=1", NULL};

	world_begin_session(settings);
	world_come(1, 1);
	fixture_advance(1000); /* its own time runs out first */
	world_come(1, 2);
	fixture_hold(fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn, 0,
	    IPC_FIN_DROPS, "");
	fixture_rounds(2);
	fixture_advance(IPC_ASK_TIMEOUT_MS - 1);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fixture_advance(1);
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), 1);
	ck_assert_uint_eq(fixture_ended(REASON_ASK_TIMEOUT), 1);
	world_end();
}
END_TEST

START_TEST(a_reset_makes_room_as_a_verdict_does)
{
	const char *const settings[] = {"max_asks_per_source=1", NULL};

	world_begin_session(settings);
	world_come(1, 3);
	sockets_reset(&peers[_i]); /* 0: asked about, 1: the next to be */
	fixture_rounds(3);
	ck_assert_uint_eq(fixture_ended(REASON_RESET), 1);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), _i == 0 ? 2 : 1);
	world_end();
}
END_TEST

START_TEST(controls_own_connections_wait_for_nobody)
{
	const char *const settings[] = {
	    "max_asks=1", "max_asks_per_source=1", NULL};

	world_begin_session(settings);
	world_come(1, 2);
	world_come(0, 3);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 4);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fixture_lose();
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 5);
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 4);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    fixture_event(IPC_CONN_OPEN, 3 - i)->u.conn_open.flags,
		    IPC_CONN_LOCAL);
	world_end();
}
END_TEST

START_TEST(a_new_session_asks_no_more_of_a_source_at_once)
{
	world_begin(NULL);
	world_come(1, 50);
	world_come(2, 3);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 53);
	fixture_welcome(SESSION);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 16 + 3);
	for (n_answered = 0; n_answered < 53;)
		world_answer_one();
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 0);
	world_end();
}
END_TEST

int
main(void)
{
	uint64_t n_fds;
	TCase *t = tcase_create("ask");

	tcase_set_timeout(t, 20);
	tcase_add_test(
	    t, a_source_at_its_limit_waits_and_is_asked_about_as_verdicts_come);
	tcase_add_test(t, at_the_limit_of_all_newcomers_wait_too);
	tcase_add_test(t, sources_take_turns_and_their_own_come_in_order);
	tcase_add_test(t, a_source_at_its_limit_keeps_nobody_else_waiting);
	tcase_add_loop_test(
	    t, one_source_may_have_a_quarter_of_what_waits, 0, 3);
	tcase_add_test(t, a_balancer_has_the_limits_of_all);
	tcase_add_loop_test(t, what_waits_is_bounded_in_all, 0, 2);
	tcase_add_test(t, who_waits_too_long_for_a_place_is_closed);
	tcase_add_loop_test(t, a_reset_makes_room_as_a_verdict_does, 0, 2);
	tcase_add_test(t, controls_own_connections_wait_for_nobody);
	tcase_add_test(t, a_new_session_asks_no_more_of_a_source_at_once);
	(void)fd_raise_limit(&n_fds); /* two sockets a connection */
	return suite_run("ask", (TCase *[]){t, NULL});
}
