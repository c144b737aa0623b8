/* Messages on their way from one end of a pipeline to the other. */
#include <check.h>
#include <errno.h>
#include <unistd.h>

#include "tests/unit/common/nnlink_ends.h"
#include "tests/unit/suite.h"

static bool
is_alone(void)
{
	return !nnlink_out_is_connected(out);
}

static bool
has_a_peer(void)
{
	return nnlink_in_peers(in) == 1;
}

START_TEST(messages_come_whole_and_in_their_order)
{
	ends_open();
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(ends_send(i, 100 + i), 0);
	ends_receive(3);
	ck_assert_uint_eq(last_len, 102);
	ck_assert_uint_ge(n_idles, 1);
	ck_assert_uint_le(n_idles, 3);
}
END_TEST

START_TEST(more_than_nanomsg_takes_waits_its_turn)
{
	ends_open();
	ends_await(ends_are_connected);
	for (uint32_t i = 0; i < 10000; i++)
		ck_assert_int_eq(ends_send(i, 120), 0);
	ends_receive(10000);
	ck_assert_uint_ge(n_idles, 10000 / 256);
	ck_assert_uint_lt(n_idles, 10000);
}
END_TEST

START_TEST(what_is_sent_to_nobody_waits_for_somebody)
{
	out = nnlink_out_new(loop, url, 10);
	ck_assert_ptr_nonnull(out);
	ck_assert(!nnlink_out_is_waiting(out));
	ck_assert_int_eq(ends_send(0, 8), 0);
	ck_assert(nnlink_out_is_waiting(out));
	ck_assert_int_eq(ends_send(1, 8), 0);
	in = ends_bind();
	ck_assert_ptr_nonnull(in);
	ends_receive(2);
	ck_assert(!nnlink_out_is_waiting(out));
}
END_TEST

START_TEST(a_full_queue_refuses_and_never_blocks)
{
	out = nnlink_out_new(loop, url, 2);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(ends_send(0, 8), 0);
	ck_assert_int_eq(ends_send(1, 8), 0);
	ck_assert_int_eq(ends_send(2, 8), -1);
	ck_assert_int_eq(errno, ENOBUFS);
}
END_TEST

START_TEST(what_is_flushed_is_never_sent)
{
	out = nnlink_out_new(loop, url, 2);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(ends_send(7, 8), 0);
	ck_assert_int_eq(ends_send(8, 8), 0);
	nnlink_out_flush(out);
	in = ends_bind();
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(ends_send(0, 8), 0);
	ends_receive(1);
}
END_TEST

START_TEST(each_end_sees_the_other_come_and_go)
{
	ends_open();
	ends_await(ends_are_connected);
	ends_await(has_a_peer);
	nnlink_in_free(in);
	in = NULL;
	ends_await(is_alone);
	ck_assert_int_eq(access(path, F_OK), -1);
	in = ends_bind();
	ends_await(ends_are_connected);
	ck_assert_int_eq(ends_send(0, 8), 0);
	ends_receive(1);
}
END_TEST

START_TEST(a_message_of_the_greatest_length_comes)
{
	ends_open();
	ck_assert_int_eq(ends_send(0, MAX_LEN), 0);
	ends_receive(1);
	ck_assert_uint_eq(last_len, MAX_LEN);
}
END_TEST

START_TEST(a_queue_is_bounded)
{
	ck_assert_ptr_null(nnlink_out_new(loop, url, 0));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(nnlink_out_new(loop, url, 65537));
	ck_assert_int_eq(errno, EINVAL);
	out = nnlink_out_new(loop, url, 65536);
	ck_assert_ptr_nonnull(out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nnlink");

	tcase_add_checked_fixture(tc, ends_set_up, ends_tear_down);
	tcase_add_test(tc, messages_come_whole_and_in_their_order);
	tcase_add_test(tc, more_than_nanomsg_takes_waits_its_turn);
	tcase_add_test(tc, what_is_sent_to_nobody_waits_for_somebody);
	tcase_add_test(tc, a_full_queue_refuses_and_never_blocks);
	tcase_add_test(tc, what_is_flushed_is_never_sent);
	tcase_add_test(tc, each_end_sees_the_other_come_and_go);
	tcase_add_test(tc, a_message_of_the_greatest_length_comes);
	tcase_add_test(tc, a_queue_is_bounded);
	return suite_run("nnlink", (TCase *[]){tc, NULL});
}
