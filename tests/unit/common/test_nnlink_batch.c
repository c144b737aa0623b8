/* Which messages of a link go together, and when. */
#include <check.h>
#include <errno.h>
#include <nanomsg/nn.h>

#include "proto/batch.h"
#include "tests/unit/common/nnlink_ends.h"
#include "tests/unit/suite.h"

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

START_TEST(what_a_turn_sends_goes_together_at_its_end)
{
	ends_open_with(100);
	ends_send_many(20, 120);
	ck_assert_uint_eq(n_batches, 0);
	ends_turn();
	ck_assert_uint_eq(n_batches, 1);
	ends_receive(20);
	ends_send_many(1, 120);
	ends_turn();
	ck_assert_uint_eq(n_batches, 2);
	ends_receive(21);
	ends_turn();
	ck_assert_uint_eq(n_batches, 2);
}
END_TEST

START_TEST(what_must_not_wait_for_the_turns_end_does_not)
{
	ends_open_with(100);
	ends_send_many(3, 120);
	nnlink_send_now(out);
	ck_assert_uint_eq(n_batches, 1);
	nnlink_send_now(out);
	ck_assert_uint_eq(n_batches, 1);
	ends_send_many(2, 120);
	ends_turn();
	ck_assert_uint_eq(n_batches, 2);
	ends_receive(5);
}
END_TEST

START_TEST(a_batch_with_no_room_for_another_message_goes_at_once)
{
	ends_open_with(1000);
	ends_send_many(BATCH_MSGS_MAX, 8);
	ck_assert_uint_eq(n_batches, 0);
	ends_send_many(1, 8);
	ck_assert_uint_eq(n_batches, 1);
	ends_receive(BATCH_MSGS_MAX + 1);
	ck_assert_uint_eq(n_batches, 2);
}
END_TEST

START_TEST(a_batch_with_no_room_for_more_bytes_goes_at_once)
{
	const uint32_t n = BATCH_CAP / (MAX_LEN + BATCH_HEAD_LEN);
	const size_t left = BATCH_CAP % (MAX_LEN + BATCH_HEAD_LEN);

	ends_open_with(1000);
	ends_send_many(n, MAX_LEN);
	ends_send_many(1, left - BATCH_HEAD_LEN);
	ck_assert_uint_eq(n_batches, 0);
	ends_send_many(n, MAX_LEN);
	ck_assert_uint_eq(n_batches, 1);
	ends_send_many(1, left - BATCH_HEAD_LEN + 1);
	ck_assert_uint_eq(n_batches, 2);
	ends_receive(2 * n + 2);
	ck_assert_uint_eq(n_batches, 3);
}
END_TEST

START_TEST(a_queue_bounds_what_waits_and_not_what_a_turn_sends)
{
	ends_open_with(3);
	ends_send_many(10, 120);
	ck_assert_uint_eq(n_batches, 3);
	ends_receive(10);
	ck_assert_uint_eq(n_batches, 4);
}
END_TEST

START_TEST(a_queue_is_counted_in_messages)
{
	ends_connect(3 * BATCH_MSGS_MAX);
	ends_send_many(3 * BATCH_MSGS_MAX, 8);
	ck_assert_int_eq(ends_send_next(8), -1);
	ck_assert_int_eq(errno, ENOBUFS);
	in = ends_bind();
	ends_receive(3 * BATCH_MSGS_MAX);
	ck_assert_uint_eq(n_batches, 3);
	ends_send_many(1, 8);
	ends_receive(3 * BATCH_MSGS_MAX + 1);
}
END_TEST

START_TEST(whether_something_waits_is_known_before_the_turns_end)
{
	ends_connect(100);
	ends_send_many(1, 8);
	ck_assert(nnlink_out_is_waiting(out));
	in = ends_bind();
	ends_receive(1);
	ends_send_many(1, 8);
	ck_assert(!nnlink_out_is_waiting(out));
	ends_receive(2);
}
END_TEST

START_TEST(what_is_flushed_in_its_own_turn_is_never_sent)
{
	ends_open_with(100);
	ends_send_many(5, 8);
	nnlink_out_flush(out);
	ends_turn();
	ck_assert_uint_eq(n_batches, 0);
	n_sent = 0;
	ends_send_many(1, 8);
	nnlink_out_flush(out);
	n_sent = 0;
	ends_send_many(2, 8);
	ends_receive(2);
	ck_assert_uint_eq(n_batches, 1);
}
END_TEST

START_TEST(the_last_words_before_a_link_is_freed_are_sent)
{
	ends_open_with(100);
	ends_send_many(1, 8);
	nnlink_out_free(out);
	out = NULL;
	ck_assert_uint_eq(n_batches, 1);
	ends_turn();
}
END_TEST

START_TEST(a_link_is_freed_before_the_turn_that_it_sends_in_ends)
{
	for (int i = 0; i < 3; i++) {
		ends_connect(100);
		ends_send_many(1, 8);
		nnlink_out_free(out);
	}
	ends_connect(100);
	ends_send_many(1, 8);
	ends_turn();
	nnlink_out_free(out);
	out = NULL;
	ends_turn(); /* ASan looks on */
	ends_connect(100);
	ends_send_many(1, 8); /* and at the end of the loop */
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
