/* Which messages of a link go together, and when. */
#include <check.h>
#include <errno.h>
#include <nanomsg/nn.h>

#include "proto/batch.h"
#include "tests/unit/common/nnlink_ends.h"
#include "tests/unit/suite.h"

static uint32_t n_sent;	   /* the next message's number */
static unsigned n_batches; /* that nanomsg took */

int __real_nn_send(int s, const void *p, size_t len, int flags);
int __wrap_nn_send(int s, const void *p, size_t len, int flags);

int
__wrap_nn_send(int s, const void *p, size_t len, int flags)
{
	int rc = __real_nn_send(s, p, len, flags);

	n_batches += rc != -1;
	return rc;
}

static void
turn(void)
{
	ck_assert_int_eq(loop_turn(loop), 0);
}

static void
connect_out(size_t max_queue)
{
	out = nnlink_out_new(loop, url, max_queue);
	ck_assert_ptr_nonnull(out);
}

static void
open_with(size_t max_queue)
{
	in = ends_bind();
	ck_assert_ptr_nonnull(in);
	connect_out(max_queue);
	ends_await(ends_are_connected);
}

static int
try_send(size_t len)
{
	if (ends_send(n_sent, len) == -1)
		return -1;
	n_sent++;
	return 0;
}

static void
send_many(uint32_t n, size_t len)
{
	for (uint32_t i = 0; i < n; i++)
		ck_assert_int_eq(try_send(len), 0);
}

START_TEST(what_a_turn_sends_goes_together_at_its_end)
{
	open_with(100);
	send_many(20, 120);
	ck_assert_uint_eq(n_batches, 0);
	turn();
	ck_assert_uint_eq(n_batches, 1);
	ends_receive(20);
	send_many(1, 120);
	turn();
	ck_assert_uint_eq(n_batches, 2);
	ends_receive(21);
	turn();
	ck_assert_uint_eq(n_batches, 2);
}
END_TEST

START_TEST(what_must_not_wait_for_the_turns_end_does_not)
{
	open_with(100);
	send_many(3, 120);
	nnlink_send_now(out);
	ck_assert_uint_eq(n_batches, 1);
	nnlink_send_now(out);
	ck_assert_uint_eq(n_batches, 1);
	send_many(2, 120);
	turn();
	ck_assert_uint_eq(n_batches, 2);
	ends_receive(5);
}
END_TEST

START_TEST(a_batch_with_no_room_for_another_message_goes_at_once)
{
	open_with(1000);
	send_many(BATCH_MSGS_MAX, 8);
	ck_assert_uint_eq(n_batches, 0);
	send_many(1, 8);
	ck_assert_uint_eq(n_batches, 1);
	ends_receive(BATCH_MSGS_MAX + 1);
	ck_assert_uint_eq(n_batches, 2);
}
END_TEST

START_TEST(a_batch_with_no_room_for_more_bytes_goes_at_once)
{
	const uint32_t n = BATCH_CAP / (MAX_LEN + BATCH_HEAD_LEN);
	const size_t left = BATCH_CAP % (MAX_LEN + BATCH_HEAD_LEN);

	open_with(1000);
	send_many(n, MAX_LEN);
	send_many(1, left - BATCH_HEAD_LEN);
	ck_assert_uint_eq(n_batches, 0);
	send_many(n, MAX_LEN);
	ck_assert_uint_eq(n_batches, 1);
	send_many(1, left - BATCH_HEAD_LEN + 1);
	ck_assert_uint_eq(n_batches, 2);
	ends_receive(2 * n + 2);
	ck_assert_uint_eq(n_batches, 3);
}
END_TEST

START_TEST(a_queue_bounds_what_waits_and_not_what_a_turn_sends)
{
	open_with(3);
	send_many(10, 120);
	ck_assert_uint_eq(n_batches, 3);
	ends_receive(10);
	ck_assert_uint_eq(n_batches, 4);
}
END_TEST

START_TEST(a_queue_is_counted_in_messages)
{
	connect_out(3 * BATCH_MSGS_MAX);
	send_many(3 * BATCH_MSGS_MAX, 8);
	ck_assert_int_eq(try_send(8), -1);
	ck_assert_int_eq(errno, ENOBUFS);
	in = ends_bind();
	ends_receive(3 * BATCH_MSGS_MAX);
	ck_assert_uint_eq(n_batches, 3);
	send_many(1, 8);
	ends_receive(3 * BATCH_MSGS_MAX + 1);
}
END_TEST

START_TEST(whether_something_waits_is_known_before_the_turns_end)
{
	connect_out(100);
	send_many(1, 8);
	ck_assert(nnlink_out_is_waiting(out));
	in = ends_bind();
	ends_receive(1);
	send_many(1, 8);
	ck_assert(!nnlink_out_is_waiting(out));
	ends_receive(2);
}
END_TEST

START_TEST(what_is_flushed_in_its_own_turn_is_never_sent)
{
	open_with(100);
	send_many(5, 8);
	nnlink_out_flush(out);
	turn();
	ck_assert_uint_eq(n_batches, 0);
	n_sent = 0;
	send_many(1, 8);
	nnlink_out_flush(out);
	n_sent = 0;
	send_many(2, 8);
	ends_receive(2);
	ck_assert_uint_eq(n_batches, 1);
}
END_TEST

START_TEST(the_last_words_before_a_link_is_freed_are_sent)
{
	open_with(100);
	send_many(1, 8);
	nnlink_out_free(out);
	out = NULL;
	ck_assert_uint_eq(n_batches, 1);
	turn();
}
END_TEST

START_TEST(a_link_is_freed_before_the_turn_that_it_sends_in_ends)
{
	for (int i = 0; i < 3; i++) {
		connect_out(100);
		send_many(1, 8);
		nnlink_out_free(out);
	}
	connect_out(100);
	send_many(1, 8);
	turn();
	nnlink_out_free(out);
	out = NULL;
	turn(); /* ASan looks on */
	connect_out(100);
	send_many(1, 8); /* and at the end of the loop */
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nnlink_batch");

	tcase_add_checked_fixture(tc, ends_set_up, ends_tear_down);
	tcase_add_test(tc, what_a_turn_sends_goes_together_at_its_end);
	tcase_add_test(tc, what_must_not_wait_for_the_turns_end_does_not);
	tcase_add_test(
	    tc, a_batch_with_no_room_for_another_message_goes_at_once);
	tcase_add_test(tc, a_batch_with_no_room_for_more_bytes_goes_at_once);
	tcase_add_test(tc, a_queue_bounds_what_waits_and_not_what_a_turn_sends);
	tcase_add_test(tc, a_queue_is_counted_in_messages);
	tcase_add_test(
	    tc, whether_something_waits_is_known_before_the_turns_end);
	tcase_add_test(tc, what_is_flushed_in_its_own_turn_is_never_sent);
	tcase_add_test(tc, the_last_words_before_a_link_is_freed_are_sent);
	tcase_add_test(
	    tc, a_link_is_freed_before_the_turn_that_it_sends_in_ends);
	return suite_run("nnlink_batch", (TCase *[]){tc, NULL});
}
