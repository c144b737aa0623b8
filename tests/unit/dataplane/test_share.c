/* Shares of rates: one bucket, or several, and pairs in simulated time. */
#include "dataplane/share.h"

#include <check.h>

#include "tests/unit/dataplane/movers.h"
#include "tests/unit/suite.h"

static const uint64_t RATES[] = {
    1000, 50000, 1000000, 12500000, 125000000, 4294967295};
#define N_RATES ((int)(sizeof RATES / sizeof RATES[0]))

START_TEST(each_pair_has_its_own_rate)
{
	uint64_t rate = RATES[_i];

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(mover_join(&movers[i].share, rate, 0, 0), 0);
	(void)movers_run(8, BEGIN_MS, BEGIN_MS + RUN_MS);
	for (int i = 0; i < 8; i++)
		assert_about(movers[i].moved, 10 * rate, 2);
}
END_TEST

START_TEST(pairs_of_a_group_share_its_rate_evenly)
{
	static const int N[] = {1, 2, 8};
	uint64_t rate = RATES[_i / 3];
	int n = N[_i % 3];

	movers_join(n, rate);
	assert_about(movers_run(n, BEGIN_MS, BEGIN_MS + RUN_MS), 10 * rate, 2);
	assert_fair(n);
}
END_TEST

START_TEST(in_a_long_line_turns_are_shorter)
{
	uint64_t rate = 12500000;

	movers_join(64, rate);
	/* The first ones found no line. */
	(void)movers_run(64, BEGIN_MS, BEGIN_MS + 1000);
	for (int i = 0; i < 64; i++)
		movers[i].moved = 0;
	assert_about(
	    movers_run(64, BEGIN_MS + 1000, BEGIN_MS + 11000), 10 * rate, 2);
	assert_fair(64);
	/* With whole turns of 20 ms it would be 1280. */
	ck_assert_uint_lt(
	    share_wait_ms(&movers[0].share, BEGIN_MS + 11000), 250);
}
END_TEST

START_TEST(no_line_makes_a_turn_shorter_than_its_calls_are_worth)
{
	movers_join(64, 1000000);
	for (int i = 0; i < 64; i++) {
		(void)share_allowance(&movers[i].share, BEGIN_MS);
		ck_assert_uint_ge(
		    movers[i].share.turns[0].bytes, SHARE_TURN_MIN);
	}
}
END_TEST

START_TEST(who_said_little_asks_for_more_as_he_says_more)
{
	struct share *s = &movers[0].share;

	movers_join(1, 10000000);
	(void)share_allowance(s, BEGIN_MS);
	share_spend(s, 10);
	share_give_back(s);
	ck_assert_uint_eq(share_allowance(s, BEGIN_MS + 100), SHARE_TURN_MIN);
	share_spend(s, SHARE_TURN_MIN);
	ck_assert_uint_eq(
	    share_allowance(s, BEGIN_MS + 100), 2 * SHARE_TURN_MIN);
}
END_TEST

/* As on a machine that is busy, worse for some. */
START_TEST(those_who_are_woken_late_have_their_share)
{
	uint64_t rate = RATES[_i];

	for (int i = 0; i < 8; i++) {
		movers[i].late_ms = (uint64_t)(i % 4) * 4;
		ck_assert_int_eq(mover_join(&movers[i].share, 0, 7, rate), 0);
	}
	assert_about(movers_run(8, BEGIN_MS, BEGIN_MS + RUN_MS), 10 * rate, 2);
	assert_fair(8);
}
END_TEST

START_TEST(one_who_is_woken_late_is_made_up_for_it)
{
	movers[0].late_ms = 70;
	ck_assert_int_eq(mover_join(&movers[0].share, 1000000, 0, 0), 0);
	assert_about(movers_run(1, BEGIN_MS, BEGIN_MS + RUN_MS), 10000000, 2);
}
END_TEST

START_TEST(the_tightest_of_several_rates_holds)
{
	/* A quarter of the group's for each, and more than that. */
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(mover_join(&movers[i].share,
				     i == 0 ? 100000 : 900000, 7, 1000000),
		    0);
	assert_about(movers_run(4, BEGIN_MS, BEGIN_MS + RUN_MS), 10000000, 2);
	assert_about(movers[0].moved, 1000000, 3);
	for (int i = 1; i < 4; i++)
		assert_about(movers[i].moved, 3000000, 3);
}
END_TEST

START_TEST(what_one_does_not_use_is_the_others)
{
	movers_join(3, 1000000);
	movers[0].most = 30; /* of a thousand a millisecond */
	(void)movers_run(3, BEGIN_MS, BEGIN_MS + RUN_MS);
	ck_assert_uint_ge(movers[0].moved, 100000);
	for (int i = 1; i < 3; i++)
		assert_about(
		    movers[i].moved, (10000000 - movers[0].moved) / 2, 3);
}
END_TEST

START_TEST(a_quiet_time_gains_a_tenth_of_a_second_for_all_together)
{
	uint64_t moved;

	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(
		    mover_join(&movers[i].share, 0, 7, 1000000), 0);
		movers[i].wake_ms = BEGIN_MS + 60000;
	}
	moved = movers_run(8, BEGIN_MS + 60000, BEGIN_MS + 60001);
	ck_assert_uint_ge(moved, 100000);
	ck_assert_uint_le(moved, 120000);
}
END_TEST

START_TEST(a_new_group_gives_nothing_for_the_time_before)
{
	ck_assert_int_eq(mover_join(&movers[0].share, 0, 7, 1000000), 0);
	ck_assert_uint_le(movers_run(1, BEGIN_MS, BEGIN_MS + 1), 20000);
}
END_TEST

/* Rates at the ends of what is allowed: min, min+1, max-1, max. */
START_TEST(the_least_and_the_greatest_rates_are_kept)
{
	static const uint64_t ENDS[] = {1, 2, IPC_RATE_MAX - 1, IPC_RATE_MAX};
	struct mover *m = movers;

	ck_assert_int_eq(mover_join(&m->share, ENDS[_i], 0, 0), 0);
	(void)movers_run(1, BEGIN_MS, BEGIN_MS + 4000);
	ck_assert_uint_ge(m->moved, ENDS[_i] * 4 - ENDS[_i] / 50);
	ck_assert_uint_le(m->moved, ENDS[_i] * 4 + ENDS[_i] / 50 + 1);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("share");

	tcase_set_timeout(t, 50);
	tcase_add_checked_fixture(t, movers_set_up, movers_tear_down);
	tcase_add_loop_test(t, each_pair_has_its_own_rate, 0, N_RATES);
	tcase_add_loop_test(
	    t, pairs_of_a_group_share_its_rate_evenly, 0, 3 * N_RATES);
	tcase_add_test(t, in_a_long_line_turns_are_shorter);
	tcase_add_test(
	    t, no_line_makes_a_turn_shorter_than_its_calls_are_worth);
	tcase_add_test(t, who_said_little_asks_for_more_as_he_says_more);
	tcase_add_loop_test(
	    t, those_who_are_woken_late_have_their_share, 0, N_RATES);
	tcase_add_test(t, one_who_is_woken_late_is_made_up_for_it);
	tcase_add_test(t, the_tightest_of_several_rates_holds);
	tcase_add_test(t, what_one_does_not_use_is_the_others);
	tcase_add_test(
	    t, a_quiet_time_gains_a_tenth_of_a_second_for_all_together);
	tcase_add_test(t, a_new_group_gives_nothing_for_the_time_before);
	tcase_add_loop_test(t, the_least_and_the_greatest_rates_are_kept, 0, 4);
	return suite_run("share", (TCase *[]){t, NULL});
}
