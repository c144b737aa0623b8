#include <stdio.h>

#include "client/episode.h"
#include "tests/unit/suite.h"

static struct episode e;

static void
setup(void)
{
	episode_end(&e);
}

START_TEST(the_first_failure_is_told_and_the_next_is_not)
{
	ck_assert(episode_note(&e, 1000, "refused"));
	ck_assert(!episode_note(&e, 1001, "refused"));
	ck_assert_uint_eq(e.n, 2);
}
END_TEST

START_TEST(another_reason_is_told_once)
{
	ck_assert(episode_note(&e, 0, "refused"));
	ck_assert(episode_note(&e, 1, "no route"));
	ck_assert(!episode_note(&e, 2, "refused"));
	ck_assert(!episode_note(&e, 3, "no route"));
}
END_TEST

START_TEST(there_is_a_bound_on_reasons)
{
	char why[16];

	for (int i = 0; i < EPISODE_REASONS_MAX; i++) {
		(void)snprintf(why, sizeof why, "reason %d", i);
		ck_assert(episode_note(&e, 0, why));
	}
	ck_assert(!episode_note(&e, 0, "one more"));
	ck_assert(!episode_note(&e, 0, "and one more"));
}
END_TEST

START_TEST(reasons_that_differ_far_behind_are_one)
{
	char first[EPISODE_REASON_CAP + 8], second[EPISODE_REASON_CAP + 8];

	(void)snprintf(first, sizeof first, "%0*d1", EPISODE_REASON_CAP, 0);
	(void)snprintf(second, sizeof second, "%0*d2", EPISODE_REASON_CAP, 0);
	ck_assert(episode_note(&e, 0, first));
	ck_assert(!episode_note(&e, 0, second));
}
END_TEST

START_TEST(the_silence_ends_at_its_last_millisecond)
{
	ck_assert(episode_note(&e, 5, "refused"));
	ck_assert(!episode_note(&e, 5 + EPISODE_FIRST_MS - 1, "refused"));
	ck_assert(episode_note(&e, 5 + EPISODE_FIRST_MS, "refused"));
}
END_TEST

/* An attempt a second for ten hours: 0, 1, 3, 7, 15, 31 and 63 minutes, then
 * one an hour. */
START_TEST(silences_grow_up_to_an_hour)
{
	unsigned n_told = 0, n_told_in_first_hour = 0;

	for (uint64_t now_ms = 0; now_ms < 36000000; now_ms += 1000) {
		n_told += episode_note(&e, now_ms, "refused");
		if (now_ms < 3600000)
			n_told_in_first_hour = n_told;
	}
	ck_assert_uint_eq(n_told_in_first_hour, 6);
	ck_assert_uint_eq(n_told, 15);
}
END_TEST

START_TEST(a_new_episode_begins_with_a_word)
{
	ck_assert(episode_note(&e, 0, "refused"));
	episode_end(&e);
	ck_assert(episode_note(&e, 1, "refused"));
	ck_assert_uint_eq(e.n, 1);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("episode");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, the_first_failure_is_told_and_the_next_is_not);
	tcase_add_test(t, another_reason_is_told_once);
	tcase_add_test(t, there_is_a_bound_on_reasons);
	tcase_add_test(t, reasons_that_differ_far_behind_are_one);
	tcase_add_test(t, the_silence_ends_at_its_last_millisecond);
	tcase_add_test(t, silences_grow_up_to_an_hour);
	tcase_add_test(t, a_new_episode_begins_with_a_word);
	return suite_run("episode", (TCase *[]){t, NULL});
}
