/* What comes from who is none of ours, or says more than may be. */
#include <check.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

#include "proto/batch.h"
#include "tests/unit/common/nnlink_ends.h"
#include "tests/unit/suite.h"

static int
open_raw(void)
{
	int raw = nn_socket(AF_SP, NN_PUSH);

	ck_assert_int_ne(raw, -1);
	ck_assert_int_ge(nn_connect(raw, url), 0);
	return raw;
}

static void
send_raw(int raw, const void *p, size_t len)
{
	ck_assert_int_eq(nn_send(raw, p, len, 0), (int)len);
}

/* Two messages; returns how long the first is. */
static size_t
put_two(struct wire_writer *w, uint8_t *buf, size_t cap)
{
	static const uint8_t first[] = {0, 0, 0, 0}, second[] = {1, 0, 0, 0};
	size_t len;

	wire_writer_init(w, buf, cap);
	wire_put_vec(w, first, sizeof first);
	len = w->len;
	wire_put_vec(w, second, sizeof second);
	return len;
}

START_TEST(what_is_no_batch_is_refused_as_a_whole)
{
	uint8_t buf[64];
	struct wire_writer w;
	size_t one = put_two(&w, buf, sizeof buf);
	int raw;

	in = ends_bind();
	raw = open_raw();
	for (size_t len = 0; len < w.len; len++)
		if (len != one)
			send_raw(raw, buf, len);
	ends_refuse((uint32_t)w.len - 1);
	ck_assert_uint_eq(n_received, 0);
	ck_assert_uint_ge(n_idles, 1);
	send_raw(raw, buf, w.len);
	ends_receive(2);
	(void)nn_close(raw);
}
END_TEST

START_TEST(an_oversize_message_takes_its_batch_with_it)
{
	ends_open();
	ck_assert_int_eq(ends_send(0, 8), 0);
	ck_assert_int_eq(ends_send(1, MAX_LEN + 1), 0);
	ck_assert_int_eq(ends_send(2, 8), 0);
	ends_refuse(1);
	ck_assert_uint_eq(n_received, 0);
	ck_assert_int_eq(ends_send(0, MAX_LEN), 0);
	ends_receive(1);
}
END_TEST

static int raw_socket;

/* The connection over which it came is closed, and another takes its time. */
static bool
one_came(void)
{
	static const uint8_t message[] = {0, 1, 0};

	(void)nn_send(raw_socket, message, sizeof message, NN_DONTWAIT);
	return n_received > 0;
}

static void
on_any(void *arg, const void *p, size_t len)
{
	(void)arg;
	(void)p;
	ck_assert_uint_eq(len, 1);
	n_received++;
}

START_TEST(what_is_longer_than_any_batch_does_not_come_but_later_ones_do)
{
	static uint8_t buf[BATCH_CAP + 1];

	in = nnlink_in_new(loop, url, 0600, MAX_LEN, on_any, NULL, NULL);
	ck_assert_ptr_nonnull(in);
	raw_socket = open_raw();
	send_raw(raw_socket, buf, sizeof buf);
	ends_await(one_came);
	(void)nn_close(raw_socket);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nnlink_nonsense");

	tcase_add_checked_fixture(tc, ends_set_up, ends_tear_down);
	tcase_add_test(tc, what_is_no_batch_is_refused_as_a_whole);
	tcase_add_test(tc, an_oversize_message_takes_its_batch_with_it);
	tcase_add_test(
	    tc, what_is_longer_than_any_batch_does_not_come_but_later_ones_do);
	return suite_run("nnlink_nonsense", (TCase *[]){tc, NULL});
}
