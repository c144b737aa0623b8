/* Pairs and their pump. */
#include <check.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/dataplane/pump_world.h"

static size_t
at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

/* More than every buffer on the way holds, read in fits and starts. */
static void
move_bulk(size_t len)
{
	uint8_t *out = malloc(len), *in = malloc(len);
	size_t n_out = 0, n_in = 0;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(i * 2654435761u >> 13);
	ck_assert_int_eq(fd_set_nonblock(a[OURS]), 0);
	for (int i = 0; n_in < len; i++) {
		ssize_t n =
		    write(a[OURS], out + n_out, at_most(len - n_out, 1 << 18));

		ck_assert_int_lt(i, 1000000);
		n_out += n > 0 ? (size_t)n : 0;
		world_rounds(1);
		if (i % 7 != 0)
			continue;
		n = sockets_get(
		    b[OURS], in + n_in, at_most(len - n_in, 100000));
		n_in += n > 0 ? (size_t)n : 0;
	}
	ck_assert_mem_eq(in, out, len);
	free(out);
	free(in);
}

START_TEST(bytes_go_both_ways)
{
	bool local = (_i & 1) != 0;
	bool copied = (_i & 2) != 0;

	world_begin(copied ? 0 : 2);
	world_join(local);
	sockets_put(a[OURS], "ping", 4);
	world_expect(b[OURS], "ping");
	sockets_put(b[OURS], "pong!", 5);
	world_expect(a[OURS], "pong!");
	ck_assert_uint_eq(worker.bytes_spliced, copied ? 0 : 9);
	ck_assert_uint_eq(worker.bytes_copied, copied ? 9 : 0);
	world_end();
}
END_TEST

START_TEST(bulk_arrives_whole_and_in_order)
{
	world_begin((_i & 2) != 0 ? 0 : 2);
	world_join((_i & 1) != 0);
	move_bulk(24 << 20);
	ck_assert_uint_eq(worker.bytes_spliced + worker.bytes_copied, 24 << 20);
	world_end();
}
END_TEST

START_TEST(bytes_that_came_before_the_pair_are_moved)
{
	const bool locals[2] = {false, false};

	world_begin(2);
	sockets_tcp(a);
	sockets_tcp(b);
	sockets_put(a[OURS], "early", 5);
	worker_take(&worker, pair_new((const int[]){a[THEIRS], b[THEIRS]},
				 locals, NULL, 0, fake_now_ms));
	world_expect(b[OURS], "early");
	world_end();
}
END_TEST

START_TEST(a_half_close_passes_on_behind_the_bytes)
{
	world_begin((_i & 2) != 0 ? 0 : 2);
	world_join((_i & 1) != 0);
	sockets_put(a[OURS], "last", 4);
	ck_assert_int_eq(shutdown(a[OURS], SHUT_WR), 0);
	world_expect(b[OURS], "last");
	world_expect_end(b[OURS]);
	sockets_put(b[OURS], "answer", 6);
	world_expect(a[OURS], "answer");
	ck_assert_int_eq(n_ended, 0);
	fd_close(&b[OURS]);
	world_expect_end(a[OURS]);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_FINISHED);
	ck_assert_uint_eq(ended->legs[0].bytes, 4);
	ck_assert_uint_eq(ended->legs[1].bytes, 6);
	world_end();
}
END_TEST

START_TEST(an_idle_pair_holds_no_pipe)
{
	world_begin(2);
	world_join(false);
	sockets_put(a[OURS], "x", 1);
	world_expect(b[OURS], "x");
	for (int i = 0; i < 2; i++)
		ck_assert_ptr_null(LIST_FIRST(&worker.pumped)->legs[i].pipe);
	world_end();
}
END_TEST

START_TEST(an_idle_pair_wakes_nobody)
{
	world_begin(2);
	world_join(false);
	world_rounds(ROUNDS);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(
		    event_base_get_num_events(
			loop_base(worker.loop), EVENT_BASE_COUNT_ACTIVE),
		    0);
	world_end();
}
END_TEST

START_TEST(a_reset_passes_on_as_a_reset_behind_the_bytes)
{
	world_begin((_i & 2) != 0 ? 0 : 2);
	world_join(false);
	sockets_put(a[OURS], "before", 6);
	sockets_reset(&a[OURS]);
	world_expect(b[OURS], "before");
	world_expect_reset(b[OURS]);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_RESET);
	ck_assert_uint_eq(ended->legs[0].bytes, 6);
	world_end();
}
END_TEST

START_TEST(a_reset_after_a_half_close_is_seen_though_nobody_writes)
{
	world_begin(2);
	world_join(false);
	ck_assert_int_eq(shutdown(a[OURS], SHUT_WR), 0);
	world_expect_end(b[OURS]);
	sockets_reset(&a[OURS]);
	world_rounds(ROUNDS);
	fake_now_ms += PUMP_LINGER_MS; /* b may not have acked its FIN yet */
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	/* Reading tells the end that it was told; writing tells the reset. */
	ck_assert_int_eq(send(b[OURS], "x", 1, MSG_NOSIGNAL), -1);
	ck_assert_int_eq(errno, EPIPE);
	ck_assert_int_eq(ended->reason, REASON_RESET);
	world_end();
}
END_TEST

START_TEST(a_closed_unix_socket_after_a_half_close_is_seen_too)
{
	world_begin(2);
	world_join(true);
	ck_assert_int_eq(shutdown(a[OURS], SHUT_WR), 0);
	world_expect_end(b[OURS]);
	fd_close(&a[OURS]);
	world_rounds(ROUNDS);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_RESET);
	world_end();
}
END_TEST

START_TEST(a_dead_sink_lets_the_other_way_deliver_first)
{
	world_begin(2);
	world_join(false);
	sockets_put(b[OURS], "goodbye", 7);
	sockets_reset(&b[OURS]);
	sockets_put(a[OURS], "nobody hears", 12);
	world_expect(a[OURS], "goodbye");
	world_expect_reset(a[OURS]);
	ck_assert_int_eq(ended->reason, REASON_RESET);
	world_end();
}
END_TEST

START_TEST(a_broken_pair_is_over_after_its_respite)
{
	uint8_t bulk[65536] = {0};

	world_begin(2);
	world_join(false);
	ck_assert_int_eq(fd_set_nonblock(a[OURS]), 0);
	for (int i = 0; i < 1000; i++) { /* until nobody takes any more */
		(void)!write(a[OURS], bulk, sizeof bulk);
		world_rounds(1);
	}
	sockets_reset(&a[OURS]);
	world_rounds(ROUNDS);
	/* The source is blocked by its sink: it has not been read to its
	 * end, so make room for that, but not for everything. */
	for (int i = 0; i < 400 && n_ended == 0; i++) {
		(void)sockets_get(b[OURS], bulk, sizeof bulk);
		world_rounds(1);
	}
	fake_now_ms += PUMP_LINGER_MS;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_RESET);
	ck_assert_uint_eq(worker.pipes.n, 0 + !SLIST_EMPTY(&worker.pipes.free));
	world_end();
}
END_TEST

START_TEST(silence_ends_a_pair_and_a_byte_prolongs_it)
{
	world_begin(2);
	world_join_with(false, 0, 1000);
	fake_now_ms += 999;
	sockets_put(b[OURS], "x", 1);
	world_expect(a[OURS], "x");
	fake_now_ms += 999;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 0);
	fake_now_ms += 1;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_IDLE_TIMEOUT);
	ck_assert_uint_eq(ended->ended_ms - ended->started_ms, 1999);
	world_expect_reset(a[OURS]);
	world_end();
}
END_TEST

START_TEST(silence_is_measured_by_the_workers_own_clock)
{
	world_begin(2);
	sockets_tcp(a);
	sockets_tcp(b);
	worker_take(&worker,
	    pair_new((const int[]){a[THEIRS], b[THEIRS]},
		(const bool[]){false, false}, NULL, 1000, fake_now_ms + 500));
	world_rounds(2);
	fake_now_ms += 1000;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_IDLE_TIMEOUT);
	world_end();
}
END_TEST

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

START_TEST(when_the_pool_is_dry_bytes_are_copied)
{
	world_begin(1);
	world_join(false);
	worker.pipes.max = 0;
	move_bulk(1 << 20);
	ck_assert_uint_eq(worker.bytes_copied, 1 << 20);
	world_end();
}
END_TEST

START_TEST(when_no_pipe_can_be_made_the_pool_rests_for_a_minute)
{
	world_begin(2);
	pipe2_errno = EMFILE;
	world_join(false);
	sockets_put(a[OURS], "still", 5);
	world_expect(b[OURS], "still");
	ck_assert_uint_eq(worker.bytes_copied, 5);
	pipe2_errno = 0;
	fake_now_ms += PIPES_REST_MS - 1;
	sockets_put(a[OURS], "early", 5);
	world_expect(b[OURS], "early");
	ck_assert_uint_eq(worker.bytes_copied, 10);
	fake_now_ms += 1;
	sockets_put(a[OURS], "spliced", 7);
	world_expect(b[OURS], "spliced");
	ck_assert_uint_eq(worker.bytes_spliced, 7);
	world_end();
}
END_TEST

START_TEST(an_interrupted_call_is_made_again)
{
	world_begin((_i & 2) != 0 ? 0 : 2);
	world_join(false);
	splice_errno = send_errno = recv_errno = EINTR;
	sockets_put(a[OURS], "again", 5);
	world_expect(b[OURS], "again");
	world_end();
}
END_TEST

static const struct {
	int error;
	enum reason reason;
} ERRORS[] = {
    {EIO, REASON_IO_ERROR},
    {ENOMEM, REASON_RESOURCES},
    {ECONNRESET, REASON_RESET},
    {ETIMEDOUT, REASON_RESET},
};

START_TEST(an_error_of_splice_ends_the_pair_for_its_reason)
{
	world_begin(2);
	world_join(false);
	splice_errno = ERRORS[_i].error;
	sockets_put(a[OURS], "x", 1);
	world_rounds(ROUNDS);
	fake_now_ms += PUMP_LINGER_MS;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, ERRORS[_i].reason);
	world_end();
}
END_TEST

START_TEST(an_error_of_send_or_recv_ends_the_pair_for_its_reason)
{
	world_begin(0);
	world_join(false);
	*(_i % 2 != 0 ? &send_errno : &recv_errno) = ERRORS[_i / 2].error;
	sockets_put(a[OURS], "x", 1);
	world_rounds(ROUNDS);
	fake_now_ms += PUMP_LINGER_MS;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, ERRORS[_i / 2].reason);
	world_end();
}
END_TEST

START_TEST(an_end_of_the_node_resets_pairs_and_those_to_come)
{
	world_begin(2);
	world_join(false);
	worker_end_pairs(&worker, REASON_DRAINED);
	world_rounds(3);
	ck_assert_int_eq(n_ended, 1);
	/* pair_new: no drain waits for it */
	ck_assert_int_eq(ended->reason, REASON_SHUTDOWN);
	world_expect_reset(a[OURS]);
	fd_close(&a[OURS]);
	fd_close(&b[OURS]);
	world_join(false);
	world_rounds(3);
	ck_assert_int_eq(n_ended, 2);
	world_end();
}
END_TEST

START_TEST(a_worker_in_its_own_thread_moves_and_reports)
{
	char buf[8];

	world_begin(2);
	ck_assert_int_eq(worker_start(&worker), 0);
	sockets_tcp(a);
	sockets_tcp(b);
	worker_take(
	    &worker, pair_new((const int[]){a[THEIRS], b[THEIRS]},
			 (const bool[]){false, false}, NULL, 0, fake_now_ms));
	sockets_put(a[OURS], "x", 1);
	ck_assert_int_eq(read(b[OURS], buf, sizeof buf), 1);
	fd_close(&a[OURS]);
	ck_assert_int_eq(read(b[OURS], buf, sizeof buf), 0);
	fd_close(&b[OURS]);
	while (n_ended == 0)
		ck_assert_int_eq(loop_turn(main_loop), 0);
	ck_assert_int_eq(ended->reason, REASON_FINISHED);
	world_end();
}
END_TEST

static Suite *
pump_suite(void)
{
	Suite *s = suite_create("pump");
	TCase *t = tcase_create("pump");

	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	tcase_add_loop_test(t, bytes_go_both_ways, 0, 4);
	tcase_add_loop_test(t, bulk_arrives_whole_and_in_order, 0, 4);
	tcase_add_test(t, bytes_that_came_before_the_pair_are_moved);
	tcase_add_loop_test(t, a_half_close_passes_on_behind_the_bytes, 0, 4);
	tcase_add_test(t, an_idle_pair_holds_no_pipe);
	tcase_add_test(t, an_idle_pair_wakes_nobody);
	tcase_add_loop_test(
	    t, a_reset_passes_on_as_a_reset_behind_the_bytes, 1, 3);
	tcase_add_test(
	    t, a_reset_after_a_half_close_is_seen_though_nobody_writes);
	tcase_add_test(t, a_closed_unix_socket_after_a_half_close_is_seen_too);
	tcase_add_test(t, a_dead_sink_lets_the_other_way_deliver_first);
	tcase_add_test(t, a_broken_pair_is_over_after_its_respite);
	tcase_add_test(t, silence_ends_a_pair_and_a_byte_prolongs_it);
	tcase_add_loop_test(t, a_rate_is_for_both_ways_which_take_turns, 0, 4);
	tcase_add_loop_test(t, a_rate_is_kept_in_turns, 0, 4);
	tcase_add_test(t, a_quiet_time_gains_a_tenth_of_a_second_and_no_more);
	tcase_add_test(t, what_a_pair_does_not_use_it_gives_back_soon);
	tcase_add_test(t, a_pair_that_waits_for_its_turn_is_not_idle);
	tcase_add_test(t, when_the_pool_is_dry_bytes_are_copied);
	tcase_add_test(t, when_no_pipe_can_be_made_the_pool_rests_for_a_minute);
	tcase_add_test(t, silence_is_measured_by_the_workers_own_clock);
	tcase_add_loop_test(t, an_interrupted_call_is_made_again, 1, 3);
	tcase_add_loop_test(
	    t, an_error_of_splice_ends_the_pair_for_its_reason, 0, 4);
	tcase_add_loop_test(
	    t, an_error_of_send_or_recv_ends_the_pair_for_its_reason, 0, 8);
	tcase_add_test(t, an_end_of_the_node_resets_pairs_and_those_to_come);
	tcase_add_test(t, a_worker_in_its_own_thread_moves_and_reports);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(pump_suite());
	int failures;

	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
