#include "common/rate.h"

#include <check.h>

#include "tests/unit/suite.h"

START_TEST(a_new_bucket_is_full)
{
	struct rate r;

	rate_init(&r, 20, 64, 1000);
	ck_assert_uint_eq(rate_available(&r, 1000), 64);
	ck_assert_uint_eq(rate_wait_ms(&r, 64, 1000), 0);
}
END_TEST

START_TEST(what_is_taken_comes_back_at_the_rate)
{
	struct rate r;

	rate_init(&r, 20, 64, 1000);
	rate_take(&r, 64);
	ck_assert_uint_eq(rate_available(&r, 1000), 0);
	ck_assert_uint_eq(rate_available(&r, 1049), 0);
	ck_assert_uint_eq(rate_available(&r, 1050), 1);
	ck_assert_uint_eq(rate_available(&r, 2000), 20);
	ck_assert_uint_eq(rate_available(&r, 4200), 64);
	ck_assert_uint_eq(rate_available(&r, 9000), 64);
}
END_TEST

START_TEST(looking_often_loses_no_part_of_a_token)
{
	struct rate r;
	uint64_t now_ms = 1;

	rate_init(&r, 3, 10, now_ms);
	rate_take(&r, 10);
	for (; now_ms < 1001; now_ms++)
		(void)rate_available(&r, now_ms);
	ck_assert_uint_eq(rate_available(&r, 1001), 3);
}
END_TEST

START_TEST(waiting_as_long_as_it_says_is_enough_and_no_less_is)
{
	struct rate r;
	uint64_t wait_ms;

	rate_init(&r, 7, 10, 0);
	rate_take(&r, 10);
	(void)rate_available(&r, 100); /* leaves a rest */
	wait_ms = rate_wait_ms(&r, 3, 100);
	ck_assert_uint_eq(wait_ms, 329); /* 3/7 s less 100 ms, upwards */
	ck_assert_uint_lt(rate_available(&r, 100 + wait_ms - 1), 3);
	ck_assert_uint_ge(rate_available(&r, 100 + wait_ms), 3);
}
END_TEST

START_TEST(no_rate_is_no_limit)
{
	struct rate r;

	rate_init(&r, 0, 0, 5);
	ck_assert_uint_eq(rate_available(&r, 6), UINT64_MAX);
	rate_take(&r, 1u << 30);
	ck_assert_uint_eq(rate_wait_ms(&r, UINT64_MAX, 7), 0);
}
END_TEST

START_TEST(a_clock_that_steps_back_gives_nothing)
{
	struct rate r;

	rate_init(&r, 1000, 10, 5000);
	rate_take(&r, 10);
	ck_assert_uint_eq(rate_available(&r, 4000), 0);
	ck_assert_uint_eq(rate_available(&r, 4001), 1);
}
END_TEST

START_TEST(large_numbers_fill_the_bucket_and_no_more)
{
	struct rate r;

	rate_init(&r, UINT64_MAX, UINT64_MAX, 0);
	rate_take(&r, UINT64_MAX);
	ck_assert_uint_eq(rate_available(&r, UINT64_MAX), UINT64_MAX);
	rate_init(&r, 1, UINT64_MAX, 0);
	rate_take(&r, UINT64_MAX);
	ck_assert_uint_eq(rate_wait_ms(&r, UINT64_MAX, 0), UINT64_MAX);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("rate");

	tcase_add_test(tc, a_new_bucket_is_full);
	tcase_add_test(tc, what_is_taken_comes_back_at_the_rate);
	tcase_add_test(tc, looking_often_loses_no_part_of_a_token);
	tcase_add_test(tc, waiting_as_long_as_it_says_is_enough_and_no_less_is);
	tcase_add_test(tc, no_rate_is_no_limit);
	tcase_add_test(tc, a_clock_that_steps_back_gives_nothing);
	tcase_add_test(tc, large_numbers_fill_the_bucket_and_no_more);
	return suite_run("rate", (TCase *[]){tc, NULL});
}
