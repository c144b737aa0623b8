/* Who shares a rate: groups come and go, turns go from one to the next. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/unit/dataplane/movers.h"
#include "tests/unit/suite.h"

START_TEST(what_is_given_back_is_the_next_ones)
{
	struct mover *m = movers;

	movers_join(2, 1000);
	ck_assert_uint_eq(share_allowance(&m[0].share, BEGIN_MS), 20);
	share_spend(&m[0].share, 5);
	ck_assert_uint_eq(share_allowance(&m[1].share, BEGIN_MS), 0);
	ck_assert_uint_eq(share_wait_ms(&m[1].share, BEGIN_MS), 20);
	ck_assert(share_holds(&m[0].share));
	ck_assert(share_holds(&m[1].share));
	share_give_back(&m[1].share);
	share_give_back(&m[0].share);
	ck_assert(!share_holds(&m[0].share));
	ck_assert_uint_eq(share_allowance(&m[1].share, BEGIN_MS), 0);
	ck_assert_uint_eq(share_wait_ms(&m[1].share, BEGIN_MS), 5);
	ck_assert_uint_eq(share_allowance(&m[1].share, BEGIN_MS + 4), 0);
	ck_assert_uint_eq(share_allowance(&m[1].share, BEGIN_MS + 5), 20);
}
END_TEST

START_TEST(a_pair_that_goes_gives_back_what_it_had)
{
	movers_join(2, 1000);
	ck_assert_uint_eq(share_allowance(&movers[0].share, BEGIN_MS), 20);
	share_fini(&movers[0].share);
	ck_assert_uint_eq(share_allowance(&movers[1].share, BEGIN_MS), 20);
}
END_TEST

START_TEST(the_newest_rate_told_holds_for_all)
{
	uint64_t moved;

	ck_assert_int_eq(mover_join(&movers[0].share, 0, 7, 100000), 0);
	assert_about(movers_run(1, BEGIN_MS, BEGIN_MS + RUN_MS), 1000000, 2);
	ck_assert_int_eq(mover_join(&movers[1].share, 0, 7, 1000000), 0);
	moved = movers[0].moved;
	(void)movers_run(1, BEGIN_MS + RUN_MS, BEGIN_MS + 2 * RUN_MS);
	assert_about(movers[0].moved - moved, 10000000, 2);
}
END_TEST

START_TEST(a_group_ends_with_its_last_pair)
{
	movers_join(3, 1000);
	ck_assert_uint_eq(shares.by_group.n, 1);
	share_fini(&movers[0].share);
	share_fini(&movers[2].share);
	ck_assert_uint_eq(shares.by_group.n, 1);
	share_fini(&movers[1].share);
	ck_assert_uint_eq(shares.by_group.n, 0);
}
END_TEST

START_TEST(beyond_so_many_groups_a_pair_has_none_and_a_known_one_is_joined)
{
	for (uint64_t i = 0; i < 4; i++)
		ck_assert_int_eq(
		    mover_join(&movers[i].share, 9, i + 1, 1000), 0);
	ck_assert_int_eq(mover_join(&movers[4].share, 9, 5, 1000), -1);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_uint_eq(movers[4].share.n, 0);
	ck_assert_int_eq(mover_join(&movers[4].share, 9, 4, 1000), 0);
	share_fini(&movers[0].share);
	ck_assert_int_eq(mover_join(&movers[5].share, 9, 5, 1000), 0);
}
END_TEST

#define THREAD_TURNS 200000

static uint64_t
next_ns(const struct share *s)
{
	return atomic_load(&s->turns[0].bucket->next_ns);
}

/* However long the line is; every fourth turn is given back. */
static void *
take_turns(void *arg)
{
	struct mover *m = arg;

	for (int i = 0; i < THREAD_TURNS; i++) {
		(void)share_allowance(&m->share, BEGIN_MS);
		if (i % 4 == 0) {
			share_give_back(&m->share);
			continue;
		}
		m->moved += m->share.turns[0].left;
		share_spend(&m->share, m->share.turns[0].left);
	}
	return NULL;
}

START_TEST(threads_lose_no_turn_of_each_other)
{
	pthread_t threads[2];
	uint64_t began_ns;

	movers_join(2, 1000000000); /* a nanosecond a byte */
	began_ns = next_ns(&movers[0].share);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, take_turns, &movers[i]),
		    0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_eq(next_ns(&movers[0].share) - began_ns,
	    movers[0].moved + movers[1].moved);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("share_groups");

	tcase_set_timeout(t, 50);
	tcase_add_checked_fixture(t, movers_set_up, movers_tear_down);
	tcase_add_test(t, what_is_given_back_is_the_next_ones);
	tcase_add_test(t, a_pair_that_goes_gives_back_what_it_had);
	tcase_add_test(t, the_newest_rate_told_holds_for_all);
	tcase_add_test(t, a_group_ends_with_its_last_pair);
	tcase_add_test(
	    t, beyond_so_many_groups_a_pair_has_none_and_a_known_one_is_joined);
	tcase_add_test(t, threads_lose_no_turn_of_each_other);
	return suite_run("share_groups", (TCase *[]){t, NULL});
}
