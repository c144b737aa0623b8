/* Pairs that may move so many bytes a second and no more. */
#include <check.h>
#include <sys/socket.h>

#include "tests/unit/dataplane/pump_world.h"
#include "tests/unit/suite.h"

static char zeros[4096];

/* What came since the last time. */
static long
n_new(int fd)
{
	static char buf[sizeof zeros];
	ssize_t n;

	world_rounds(ROUNDS);
	n = sockets_get(fd, buf, sizeof buf);
	return n == -1 ? 0 : n;
}

START_TEST(a_rate_is_kept_in_turns)
{
	world_begin((_i & 2) != 0 ? 0 : 2);
	world_join_with((_i & 1) != 0, 1000, 0);
	sockets_put(a[OURS], zeros, 3000);
	ck_assert_int_eq(n_new(b[OURS]), 20);
	fake_now_ms += 19; /* a turn is 20 ms */
	ck_assert_int_eq(n_new(b[OURS]), 0);
	fake_now_ms += 1;
	ck_assert_int_eq(n_new(b[OURS]), 20);
	fake_now_ms += 60; /* late, and made up for */
	ck_assert_int_eq(n_new(b[OURS]), 60);
	ck_assert_int_eq(shutdown(a[OURS], SHUT_WR), 0);
	for (int i = 0; i < 150; i++) {
		fake_now_ms += 20;
		world_rounds(3);
	}
	ck_assert_int_eq(n_new(b[OURS]), 2900);
	world_expect_end(b[OURS]);
	world_end();
}
END_TEST

START_TEST(a_rate_is_for_both_ways_which_take_turns)
{
	long ab = 0, ba = 0;

	world_begin((_i & 2) != 0 ? 0 : 2);
	world_join_with((_i & 1) != 0, 1000, 0);
	sockets_put(a[OURS], zeros, 3000);
	sockets_put(b[OURS], zeros, 3000);
	for (int i = 0; i < 100; i++) {
		ab += n_new(b[OURS]);
		ba += n_new(a[OURS]);
		fake_now_ms += 20;
	}
	ck_assert_int_eq(ab + ba, 2000);
	ck_assert_int_ge(ab, 980);
	ck_assert_int_ge(ba, 980);
	world_end();
}
END_TEST

START_TEST(a_quiet_time_gains_a_tenth_of_a_second_and_no_more)
{
	world_begin(2);
	world_join_with(false, 1000, 0);
	fake_now_ms += 60000;
	world_rounds(2);
	sockets_put(a[OURS], zeros, 3000);
	ck_assert_int_eq(n_new(b[OURS]), 100 + 20);
	world_end();
}
END_TEST

START_TEST(what_a_pair_does_not_use_it_gives_back_soon)
{
	const struct share *s;

	world_begin(2);
	world_join_with(false, 1000, 0);
	s = &LIST_FIRST(&worker.pumped)->share;
	sockets_put(a[OURS], zeros, 5);
	ck_assert_int_eq(n_new(b[OURS]), 5);
	ck_assert_uint_eq(s->turns[0].left, 15);
	fake_now_ms += SHARE_KEEP_MS - 1;
	world_rounds(2);
	ck_assert_uint_eq(s->turns[0].left, 15);
	fake_now_ms += 1;
	world_rounds(2);
	ck_assert_uint_eq(s->turns[0].left, 0);
	world_end();
}
END_TEST

START_TEST(a_pair_that_waits_for_its_turn_is_not_idle)
{
	world_begin(2);
	world_join_with(false, 1, 900);
	sockets_put(a[OURS], zeros, 3);
	ck_assert_int_eq(n_new(b[OURS]), 1);
	fake_now_ms += 950;
	ck_assert_int_eq(n_new(b[OURS]), 0);
	ck_assert_int_eq(n_ended, 0);
	fake_now_ms += 50;
	ck_assert_int_eq(n_new(b[OURS]), 1);
	fake_now_ms += 1000;
	ck_assert_int_eq(n_new(b[OURS]), 1);
	fake_now_ms += 1000; /* the next turn, for which there is nothing */
	world_rounds(2);
	ck_assert_int_eq(n_ended, 0);
	fake_now_ms += 900;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_IDLE_TIMEOUT);
	world_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("pump_rates");

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, a_rate_is_for_both_ways_which_take_turns, 0, 4);
	tcase_add_loop_test(t, a_rate_is_kept_in_turns, 0, 4);
	tcase_add_test(t, a_quiet_time_gains_a_tenth_of_a_second_and_no_more);
	tcase_add_test(t, what_a_pair_does_not_use_it_gives_back_soon);
	tcase_add_test(t, a_pair_that_waits_for_its_turn_is_not_idle);
	return suite_run("pump_rates", (TCase *[]){t, NULL});
}
