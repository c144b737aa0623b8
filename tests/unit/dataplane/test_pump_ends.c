/* How pairs end: resets, silence, errors, and the end of the node. */
#include <check.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/leg.h"
#include "common/fd.h"
#include "tests/unit/dataplane/pump_world.h"
#include "tests/unit/suite.h"

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
	fake_now_ms += LEG_LINGER_MS; /* b may not have acked its FIN yet */
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
	fake_now_ms += LEG_LINGER_MS;
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
	fake_now_ms += LEG_LINGER_MS;
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
	fake_now_ms += LEG_LINGER_MS;
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

int
main(void)
{
	TCase *t = tcase_create("pump_ends");

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(
	    t, a_reset_passes_on_as_a_reset_behind_the_bytes, 1, 3);
	tcase_add_test(
	    t, a_reset_after_a_half_close_is_seen_though_nobody_writes);
	tcase_add_test(t, a_closed_unix_socket_after_a_half_close_is_seen_too);
	tcase_add_test(t, a_dead_sink_lets_the_other_way_deliver_first);
	tcase_add_test(t, a_broken_pair_is_over_after_its_respite);
	tcase_add_test(t, silence_ends_a_pair_and_a_byte_prolongs_it);
	tcase_add_test(t, silence_is_measured_by_the_workers_own_clock);
	tcase_add_loop_test(
	    t, an_error_of_splice_ends_the_pair_for_its_reason, 0, 4);
	tcase_add_loop_test(
	    t, an_error_of_send_or_recv_ends_the_pair_for_its_reason, 0, 8);
	tcase_add_test(t, an_end_of_the_node_resets_pairs_and_those_to_come);
	return suite_run("pump_ends", (TCase *[]){t, NULL});
}
