/* Bytes on their way through a pair, in pipes or without. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/dataplane/pump_world.h"
#include "tests/unit/suite.h"

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

int
main(void)
{
	TCase *t = tcase_create("pump");

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, bytes_go_both_ways, 0, 4);
	tcase_add_loop_test(t, bulk_arrives_whole_and_in_order, 0, 4);
	tcase_add_test(t, bytes_that_came_before_the_pair_are_moved);
	tcase_add_loop_test(t, a_half_close_passes_on_behind_the_bytes, 0, 4);
	tcase_add_test(t, an_idle_pair_holds_no_pipe);
	tcase_add_test(t, an_idle_pair_wakes_nobody);
	tcase_add_test(t, when_the_pool_is_dry_bytes_are_copied);
	tcase_add_test(t, when_no_pipe_can_be_made_the_pool_rests_for_a_minute);
	tcase_add_loop_test(t, an_interrupted_call_is_made_again, 1, 3);
	tcase_add_test(t, a_worker_in_its_own_thread_moves_and_reports);
	return suite_run("pump", (TCase *[]){t, NULL});
}
