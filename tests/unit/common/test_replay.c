#include <check.h>

#include "common/replay.h"
#include "tests/unit/suite.h"

static struct replay r;

static void
set_up(void)
{
	r = (struct replay){0};
}

static bool
comes(uint64_t n)
{
	if (!replay_is_new(&r, n))
		return false;
	replay_take(&r, n);
	return true;
}

START_TEST(each_number_comes_once)
{
	for (uint64_t n = 1; n <= 5000; n++) {
		ck_assert(comes(n));
		ck_assert(!comes(n));
	}
	for (uint64_t n = 1; n <= 5000; n++)
		ck_assert(!comes(n));
}
END_TEST

START_TEST(zero_never_comes)
{
	ck_assert(!comes(0));
	ck_assert(comes(1));
	ck_assert(!comes(0));
}
END_TEST

START_TEST(the_first_may_be_any)
{
	ck_assert(comes(UINT64_MAX - 1));
	ck_assert(comes(UINT64_MAX));
	ck_assert(!comes(UINT64_MAX));
	ck_assert(!comes(7));
}
END_TEST

START_TEST(one_that_is_late_comes_while_the_window_reaches)
{
	ck_assert(comes(REPLAY_WINDOW + 100));
	ck_assert(!comes(99));
	ck_assert(!comes(100));
	ck_assert(comes(101));
	ck_assert(!comes(101));
	ck_assert(comes(REPLAY_WINDOW + 99));
}
END_TEST

START_TEST(a_step_of_any_length_forgets_what_left_the_window)
{
	static const uint64_t STEPS[] = {1, 2, 63, 64, 65, REPLAY_WINDOW - 1,
	    REPLAY_WINDOW, REPLAY_WINDOW + 1, 10 * REPLAY_WINDOW};
	uint64_t step = STEPS[_i];

	for (uint64_t n = 1; n <= REPLAY_WINDOW; n++)
		ck_assert(comes(n));
	ck_assert(comes(REPLAY_WINDOW + step));
	for (uint64_t n = REPLAY_WINDOW + 1; n < REPLAY_WINDOW + step; n++)
		ck_assert_int_eq(comes(n), n > step);
	for (uint64_t n = 1; n <= REPLAY_WINDOW; n++)
		ck_assert(!comes(n));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("replay");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, each_number_comes_once);
	tcase_add_test(tc, zero_never_comes);
	tcase_add_test(tc, the_first_may_be_any);
	tcase_add_test(tc, one_that_is_late_comes_while_the_window_reaches);
	tcase_add_loop_test(
	    tc, a_step_of_any_length_forgets_what_left_the_window, 0, 9);
	return suite_run("replay", (TCase *[]){tc, NULL});
}
