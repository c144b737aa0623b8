#include "common/deadline.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

#define N 500

static struct deadline_queue q;
static struct deadline deadlines[N];
static struct deadline *called[2 * N];
static size_t n_called;

static void
note(struct deadline *d, void *arg)
{
	(void)arg;
	ck_assert(!deadline_is_armed(d));
	called[n_called++] = d;
}

static void
set_up(void)
{
	deadline_queue_init(&q);
	for (size_t i = 0; i < N; i++)
		deadline_init(&deadlines[i], note, NULL);
}

static void
tear_down(void)
{
	deadline_queue_fini(&q);
}

/* A fixed disorder, each number below N once. */
static uint64_t
shuffled(size_t i)
{
	return i * 317 % N;
}

START_TEST(all_are_called_in_the_order_of_their_times)
{
	for (size_t i = 0; i < N; i++)
		ck_assert_int_eq(
		    deadline_arm(&q, &deadlines[i], shuffled(i)), 0);
	ck_assert_uint_eq(deadline_next_ms(&q), 0);
	ck_assert_uint_eq(deadline_run(&q, N), N);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(called[i]->at_ms, i);
	ck_assert_uint_eq(deadline_next_ms(&q), UINT64_MAX);
}
END_TEST

START_TEST(one_is_due_at_its_time_and_not_before)
{
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 100), 0);
	ck_assert_uint_eq(deadline_run(&q, 99), 0);
	ck_assert(deadline_is_armed(&deadlines[0]));
	ck_assert_uint_eq(deadline_run(&q, 100), 1);
	ck_assert(!deadline_is_armed(&deadlines[0]));
}
END_TEST

START_TEST(a_disarmed_one_is_not_called)
{
	for (size_t i = 0; i < N; i++)
		ck_assert_int_eq(
		    deadline_arm(&q, &deadlines[i], shuffled(i)), 0);
	for (size_t i = 0; i < N; i += 2) {
		deadline_disarm(&q, &deadlines[i]);
		deadline_disarm(&q, &deadlines[i]);
	}
	ck_assert_uint_eq(deadline_run(&q, N), N / 2);
	for (size_t i = 1; i < n_called; i++)
		ck_assert_uint_lt(called[i - 1]->at_ms, called[i]->at_ms);
}
END_TEST

START_TEST(arming_again_moves_it)
{
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 10), 0);
	ck_assert_int_eq(deadline_arm(&q, &deadlines[1], 20), 0);
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 30), 0);
	ck_assert_uint_eq(deadline_next_ms(&q), 20);
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 5), 0);
	ck_assert_uint_eq(deadline_next_ms(&q), 5);
	ck_assert_uint_eq(deadline_run(&q, 100), 2);
}
END_TEST

static void
arm_again_at_once(struct deadline *d, void *arg)
{
	note(d, arg);
	ck_assert_int_eq(deadline_arm(&q, d, 0), 0);
}

START_TEST(what_a_callback_arms_for_now_comes_in_a_later_run)
{
	deadline_init(&deadlines[0], arm_again_at_once, NULL);
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 10), 0);
	ck_assert_uint_eq(deadline_run(&q, 10), 1);
	ck_assert_uint_eq(deadline_next_ms(&q), 11);
	ck_assert_uint_eq(deadline_run(&q, 11), 1);
}
END_TEST

static void
free_both(struct deadline *d, void *arg)
{
	struct deadline *other = arg;

	n_called++;
	deadline_disarm(&q, other);
	free(other);
	free(d);
}

START_TEST(a_callback_may_free_itself_and_others_that_are_due)
{
	struct deadline *a = malloc(sizeof *a), *b = malloc(sizeof *b);

	deadline_init(a, free_both, b);
	deadline_init(b, free_both, a);
	ck_assert_int_eq(deadline_arm(&q, a, 1), 0);
	ck_assert_int_eq(deadline_arm(&q, b, 1), 0);
	ck_assert_uint_eq(deadline_run(&q, 1), 1);
	ck_assert_uint_eq(n_called, 1);
}
END_TEST

START_TEST(what_is_armed_at_the_queues_end_is_disarmed)
{
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 1), 0);
	deadline_queue_fini(&q);
	ck_assert(!deadline_is_armed(&deadlines[0]));
}
END_TEST

static int no_memory;
void *__real_reallocarray(void *p, size_t n, size_t len);
void *__wrap_reallocarray(void *p, size_t n, size_t len);

void *
__wrap_reallocarray(void *p, size_t n, size_t len)
{
	if (no_memory) {
		errno = ENOMEM;
		return NULL;
	}
	return __real_reallocarray(p, n, len);
}

START_TEST(without_memory_it_is_not_armed)
{
	no_memory = 1;
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 1), -1);
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert(!deadline_is_armed(&deadlines[0]));
	no_memory = 0;
	ck_assert_int_eq(deadline_arm(&q, &deadlines[0], 1), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("deadline");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, all_are_called_in_the_order_of_their_times);
	tcase_add_test(tc, one_is_due_at_its_time_and_not_before);
	tcase_add_test(tc, a_disarmed_one_is_not_called);
	tcase_add_test(tc, arming_again_moves_it);
	tcase_add_test(tc, what_a_callback_arms_for_now_comes_in_a_later_run);
	tcase_add_test(tc, a_callback_may_free_itself_and_others_that_are_due);
	tcase_add_test(tc, what_is_armed_at_the_queues_end_is_disarmed);
	tcase_add_test(tc, without_memory_it_is_not_armed);
	return suite_run("deadline", (TCase *[]){tc, NULL});
}
