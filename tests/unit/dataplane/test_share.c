/* Shares of rates: one bucket, or several, and pairs in simulated time. */
#include "dataplane/share.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

#define PAIRS_MAX 64
#define BEGIN_MS  1000000
#define RUN_MS	  10000

static struct shares shares;

/* One who would move as much as he may, and is woken late_ms behind time. */
struct mover {
	struct share share;
	uint64_t wake_ms;
	uint64_t late_ms;
	uint64_t most; /* bytes there are at a time; the rest comes later */
	uint64_t moved;
};

static struct mover movers[PAIRS_MAX];

static void
set_up(void)
{
	ck_assert_int_eq(shares_init(&shares, 4), 0);
	for (int i = 0; i < PAIRS_MAX; i++)
		movers[i] = (struct mover){.most = UINT64_MAX};
}

static void
tear_down(void)
{
	for (int i = 0; i < PAIRS_MAX; i++)
		share_fini(&movers[i].share);
	shares_fini(&shares);
}

static int
join(struct share *s, uint64_t own, uint64_t group, uint64_t bytes_per_s)
{
	struct ipc_limits limits = {0};

	if (own > 0)
		limits.rates[limits.n_rates++] =
		    (struct ipc_rate){IPC_GROUP_OWN, own};
	if (bytes_per_s > 0)
		limits.rates[limits.n_rates++] =
		    (struct ipc_rate){group, bytes_per_s};
	return share_init(s, &shares, &limits, BEGIN_MS);
}

/* The first n share one rate. */
static void
join_group(int n, uint64_t bytes_per_s)
{
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(join(&movers[i].share, 0, 7, bytes_per_s), 0);
}

static void
move(struct mover *m, uint64_t now_ms)
{
	uint64_t left = m->most, n;

	while (left > 0 && (n = share_allowance(&m->share, now_ms)) > 0) {
		n = n < left ? n : left;
		share_spend(&m->share, n);
		m->moved += n;
		left -= n;
	}
	if (left == 0)
		m->wake_ms = now_ms + 1;
	else
		m->wake_ms =
		    now_ms + share_wait_ms(&m->share, now_ms) + m->late_ms;
}

/* Bytes that the first n moved in all. */
static uint64_t
run(int n, uint64_t from_ms, uint64_t until_ms)
{
	uint64_t moved = 0;

	for (uint64_t now_ms = from_ms; now_ms < until_ms; now_ms++)
		for (int i = 0; i < n; i++)
			if (movers[i].wake_ms <= now_ms)
				move(&movers[i], now_ms);
	for (int i = 0; i < n; i++)
		moved += movers[i].moved;
	return moved;
}

static void
assert_about(uint64_t n, uint64_t expected, unsigned percent)
{
	ck_assert_uint_ge(n, expected - expected / 100 * percent);
	ck_assert_uint_le(n, expected + expected / 100 * percent);
}

static void
assert_fair(int n)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (int i = 0; i < n; i++) {
		least = movers[i].moved < least ? movers[i].moved : least;
		most = movers[i].moved > most ? movers[i].moved : most;
	}
	ck_assert_msg(10 * most <= 11 * least + 10, "least %llu, most %llu",
	    (unsigned long long)least, (unsigned long long)most);
}

static const uint64_t RATES[] = {
    1000, 50000, 1000000, 12500000, 125000000, 4294967295};
#define N_RATES ((int)(sizeof RATES / sizeof RATES[0]))

START_TEST(each_pair_has_its_own_rate)
{
	uint64_t rate = RATES[_i];

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(join(&movers[i].share, rate, 0, 0), 0);
	(void)run(8, BEGIN_MS, BEGIN_MS + RUN_MS);
	for (int i = 0; i < 8; i++)
		assert_about(movers[i].moved, 10 * rate, 2);
}
END_TEST

START_TEST(pairs_of_a_group_share_its_rate_evenly)
{
	static const int N[] = {1, 2, 8};
	uint64_t rate = RATES[_i / 3];
	int n = N[_i % 3];

	join_group(n, rate);
	assert_about(run(n, BEGIN_MS, BEGIN_MS + RUN_MS), 10 * rate, 2);
	assert_fair(n);
}
END_TEST

START_TEST(in_a_long_line_turns_are_shorter)
{
	uint64_t rate = 12500000;

	join_group(64, rate);
	/* The first ones found no line. */
	(void)run(64, BEGIN_MS, BEGIN_MS + 1000);
	for (int i = 0; i < 64; i++)
		movers[i].moved = 0;
	assert_about(run(64, BEGIN_MS + 1000, BEGIN_MS + 11000), 10 * rate, 2);
	assert_fair(64);
	/* With whole turns of 20 ms it would be 1280. */
	ck_assert_uint_lt(
	    share_wait_ms(&movers[0].share, BEGIN_MS + 11000), 250);
}
END_TEST

START_TEST(no_line_makes_a_turn_shorter_than_its_calls_are_worth)
{
	join_group(64, 1000000);
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

	join_group(1, 10000000);
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
		ck_assert_int_eq(join(&movers[i].share, 0, 7, rate), 0);
	}
	assert_about(run(8, BEGIN_MS, BEGIN_MS + RUN_MS), 10 * rate, 2);
	assert_fair(8);
}
END_TEST

START_TEST(one_who_is_woken_late_is_made_up_for_it)
{
	movers[0].late_ms = 70;
	ck_assert_int_eq(join(&movers[0].share, 1000000, 0, 0), 0);
	assert_about(run(1, BEGIN_MS, BEGIN_MS + RUN_MS), 10000000, 2);
}
END_TEST

START_TEST(the_tightest_of_several_rates_holds)
{
	/* A quarter of the group's for each, and more than that. */
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(join(&movers[i].share,
				     i == 0 ? 100000 : 900000, 7, 1000000),
		    0);
	assert_about(run(4, BEGIN_MS, BEGIN_MS + RUN_MS), 10000000, 2);
	assert_about(movers[0].moved, 1000000, 3);
	for (int i = 1; i < 4; i++)
		assert_about(movers[i].moved, 3000000, 3);
}
END_TEST

START_TEST(what_one_does_not_use_is_the_others)
{
	join_group(3, 1000000);
	movers[0].most = 30; /* of a thousand a millisecond */
	(void)run(3, BEGIN_MS, BEGIN_MS + RUN_MS);
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
		ck_assert_int_eq(join(&movers[i].share, 0, 7, 1000000), 0);
		movers[i].wake_ms = BEGIN_MS + 60000;
	}
	moved = run(8, BEGIN_MS + 60000, BEGIN_MS + 60001);
	ck_assert_uint_ge(moved, 100000);
	ck_assert_uint_le(moved, 120000);
}
END_TEST

START_TEST(a_new_group_gives_nothing_for_the_time_before)
{
	ck_assert_int_eq(join(&movers[0].share, 0, 7, 1000000), 0);
	ck_assert_uint_le(run(1, BEGIN_MS, BEGIN_MS + 1), 20000);
}
END_TEST

START_TEST(what_is_given_back_is_the_next_ones)
{
	struct mover *m = movers;

	join_group(2, 1000);
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
	join_group(2, 1000);
	ck_assert_uint_eq(share_allowance(&movers[0].share, BEGIN_MS), 20);
	share_fini(&movers[0].share);
	ck_assert_uint_eq(share_allowance(&movers[1].share, BEGIN_MS), 20);
}
END_TEST

/* Rates at the ends of what is allowed: min, min+1, max-1, max. */
START_TEST(the_least_and_the_greatest_rates_are_kept)
{
	static const uint64_t ENDS[] = {1, 2, IPC_RATE_MAX - 1, IPC_RATE_MAX};
	struct mover *m = movers;

	ck_assert_int_eq(join(&m->share, ENDS[_i], 0, 0), 0);
	(void)run(1, BEGIN_MS, BEGIN_MS + 4000);
	ck_assert_uint_ge(m->moved, ENDS[_i] * 4 - ENDS[_i] / 50);
	ck_assert_uint_le(m->moved, ENDS[_i] * 4 + ENDS[_i] / 50 + 1);
}
END_TEST

START_TEST(the_newest_rate_told_holds_for_all)
{
	uint64_t moved;

	ck_assert_int_eq(join(&movers[0].share, 0, 7, 100000), 0);
	assert_about(run(1, BEGIN_MS, BEGIN_MS + RUN_MS), 1000000, 2);
	ck_assert_int_eq(join(&movers[1].share, 0, 7, 1000000), 0);
	moved = movers[0].moved;
	(void)run(1, BEGIN_MS + RUN_MS, BEGIN_MS + 2 * RUN_MS);
	assert_about(movers[0].moved - moved, 10000000, 2);
}
END_TEST

START_TEST(a_group_ends_with_its_last_pair)
{
	join_group(3, 1000);
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
		ck_assert_int_eq(join(&movers[i].share, 9, i + 1, 1000), 0);
	ck_assert_int_eq(join(&movers[4].share, 9, 5, 1000), -1);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_uint_eq(movers[4].share.n, 0);
	ck_assert_int_eq(join(&movers[4].share, 9, 4, 1000), 0);
	share_fini(&movers[0].share);
	ck_assert_int_eq(join(&movers[5].share, 9, 5, 1000), 0);
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

	join_group(2, 1000000000); /* a nanosecond a byte */
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
	TCase *t = tcase_create("share");

	tcase_set_timeout(t, 50);
	tcase_add_checked_fixture(t, set_up, tear_down);
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
	tcase_add_test(t, what_is_given_back_is_the_next_ones);
	tcase_add_test(t, a_pair_that_goes_gives_back_what_it_had);
	tcase_add_loop_test(t, the_least_and_the_greatest_rates_are_kept, 0, 4);
	tcase_add_test(t, the_newest_rate_told_holds_for_all);
	tcase_add_test(t, a_group_ends_with_its_last_pair);
	tcase_add_test(
	    t, beyond_so_many_groups_a_pair_has_none_and_a_known_one_is_joined);
	tcase_add_test(t, threads_lose_no_turn_of_each_other);
	return suite_run("share", (TCase *[]){t, NULL});
}
