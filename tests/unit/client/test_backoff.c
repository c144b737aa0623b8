
#include "client/backoff.h"
#include "tests/unit/suite.h"

START_TEST(waits_grow_to_the_cap_and_stay_there)
{
	struct backoff b;
	uint32_t before = 0, wait;

	backoff_reset(&b);
	ck_assert_uint_eq(backoff_next_ms(&b, 0), BACKOFF_FIRST_MS);
	for (int i = 0; i < 40; i++) {
		wait = backoff_next_ms(&b, 0);
		ck_assert_uint_ge(wait, before);
		ck_assert_uint_le(wait, BACKOFF_CAP_MS);
		before = wait;
	}
	ck_assert_uint_eq(before, BACKOFF_CAP_MS);
}
END_TEST

START_TEST(the_jitter_takes_away_at_most_half)
{
	for (uint64_t random = 0; random < 1000; random++) {
		struct backoff b = {.next_ms = BACKOFF_CAP_MS};
		uint32_t wait =
		    backoff_next_ms(&b, random * UINT64_C(0x9e3779b97f4a7c15));

		ck_assert_uint_ge(wait, BACKOFF_CAP_MS / 2);
		ck_assert_uint_le(wait, BACKOFF_CAP_MS);
	}
}
END_TEST

START_TEST(both_ends_of_the_jitter_occur)
{
	struct backoff b = {.next_ms = 1000};

	ck_assert_uint_eq(backoff_next_ms(&b, 500), 500);
	b.next_ms = 1000;
	ck_assert_uint_eq(backoff_next_ms(&b, 501), 1000);
}
END_TEST

START_TEST(an_absence_of_ten_seconds_is_over_within_five)
{
	struct backoff b;
	uint32_t at = 0, wait;

	backoff_reset(&b);
	do {
		wait = backoff_next_ms(&b, 0);
		at += wait;
		ck_assert_uint_le(wait, 5000);
	} while (at < 10000);
}
END_TEST

START_TEST(a_limit_holds_for_the_next_wait_and_never_lengthens_one)
{
	struct backoff b = {.next_ms = BACKOFF_CAP_MS};

	backoff_limit(&b, 2000);
	ck_assert_uint_eq(backoff_next_ms(&b, 0), 2000);
	ck_assert_uint_eq(backoff_next_ms(&b, 0), 3000);
	backoff_reset(&b);
	backoff_limit(&b, 2000);
	ck_assert_uint_eq(backoff_next_ms(&b, 0), BACKOFF_FIRST_MS);
}
END_TEST

START_TEST(a_reset_makes_the_next_wait_short)
{
	struct backoff b = {.next_ms = BACKOFF_CAP_MS};

	backoff_reset(&b);
	ck_assert_uint_le(backoff_next_ms(&b, 12345), BACKOFF_FIRST_MS);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("backoff");

	tcase_add_test(t, waits_grow_to_the_cap_and_stay_there);
	tcase_add_test(t, the_jitter_takes_away_at_most_half);
	tcase_add_test(t, both_ends_of_the_jitter_occur);
	tcase_add_test(t, an_absence_of_ten_seconds_is_over_within_five);
	tcase_add_test(
	    t, a_limit_holds_for_the_next_wait_and_never_lengthens_one);
	tcase_add_test(t, a_reset_makes_the_next_wait_short);
	return suite_run("backoff", (TCase *[]){t, NULL});
}
