/* What nanomsg's refusals and the lack of memory do to a link. */
#include <check.h>
#include <errno.h>
#include <nanomsg/nn.h>
#include <stdlib.h>

#include "proto/batch.h"
#include "tests/unit/common/nnlink_ends.h"
#include "tests/unit/suite.h"

static unsigned n_batches; /* that nanomsg took */

/* What goes wrong, and how often yet. */
static struct {
	int send_errno;
	unsigned n_sends, n_defers, n_adds, n_mallocs;
} faults;

int __real_nn_send(int s, const void *p, size_t len, int flags);
int __wrap_nn_send(int s, const void *p, size_t len, int flags);
int __real_loop_defer(struct loop *l, loop_fn *fn, void *arg);
int __wrap_loop_defer(struct loop *l, loop_fn *fn, void *arg);
int __real_event_add(struct event *e, const struct timeval *in_time);
int __wrap_event_add(struct event *e, const struct timeval *in_time);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static bool
goes_wrong(unsigned *n)
{
	if (*n == 0)
		return false;
	--*n;
	return true;
}

int
__wrap_nn_send(int s, const void *p, size_t len, int flags)
{
	int rc;

	if (goes_wrong(&faults.n_sends)) {
		errno = faults.send_errno;
		return -1;
	}
	rc = __real_nn_send(s, p, len, flags);
	n_batches += rc != -1;
	return rc;
}

int
__wrap_loop_defer(struct loop *l, loop_fn *fn, void *arg)
{
	return goes_wrong(&faults.n_defers) ? -1
					    : __real_loop_defer(l, fn, arg);
}

int
__wrap_event_add(struct event *e, const struct timeval *in_time)
{
	return goes_wrong(&faults.n_adds) ? -1 : __real_event_add(e, in_time);
}

void *
__wrap_malloc(size_t size)
{
	if (size < BATCH_CAP || !goes_wrong(&faults.n_mallocs))
		return __real_malloc(size);
	errno = ENOMEM;
	return NULL;
}

START_TEST(what_waits_keeps_its_place_before_what_is_sent_later)
{
	ends_open_with(2000);
	for (int i = 0; i < 50; i++) {
		faults.n_sends = i % 3 == 0;
		faults.send_errno = i % 2 == 0 ? EAGAIN : EINTR;
		ends_send_many(1 + (uint32_t)i % 7, 1000);
		if (i % 5 == 0)
			nnlink_send_now(out);
		ends_send_many(2, 1000);
		ends_turn();
	}
	ends_receive(n_sent);
	ck_assert_uint_eq(n_refused, 0);
}
END_TEST

START_TEST(more_goes_into_a_batch_that_waits)
{
	ends_open_with(100);
	faults.n_sends = 1;
	faults.send_errno = EAGAIN;
	ends_send_many(1, 120);
	nnlink_send_now(out);
	ck_assert(nnlink_out_is_waiting(out));
	ends_send_many(9, 120);
	nnlink_send_now(out);
	ck_assert_uint_eq(n_batches, 0);
	ends_receive(10);
	ck_assert_uint_eq(n_batches, 1);
}
END_TEST

START_TEST(without_memory_to_defer_it_goes_at_once)
{
	ends_open_with(100);
	faults.n_defers = 1;
	ends_send_many(1, 8);
	ck_assert_uint_eq(n_batches, 1);
	ends_send_many(1, 8);
	ck_assert_uint_eq(n_batches, 1);
	ends_receive(2);
}
END_TEST

START_TEST(without_memory_for_a_batch_it_is_refused)
{
	ends_open_with(1000);
	faults.n_mallocs = 1;
	ck_assert_int_eq(ends_send_next(8), -1);
	ck_assert_int_eq(errno, ENOMEM);
	ends_send_many(BATCH_MSGS_MAX, 8);
	faults.n_sends = 1;
	faults.send_errno = EAGAIN;
	faults.n_mallocs = 1;
	ck_assert_int_eq(ends_send_next(8), -1);
	ck_assert_int_eq(errno, ENOMEM);
	ends_send_many(1, 8);
	ends_receive(BATCH_MSGS_MAX + 1);
}
END_TEST

START_TEST(a_batch_is_not_made_anew_in_each_turn)
{
	ends_open_with(100);
	ends_send_many(1, 8);
	ends_receive(1);
	faults.n_mallocs = 1;
	for (uint32_t i = 2; i < 10; i++) {
		ends_send_many(1, 8);
		ends_receive(i);
	}
	ck_assert_uint_eq(faults.n_mallocs, 1);
}
END_TEST

START_TEST(what_can_not_be_watched_goes_with_the_next_message)
{
	ends_open_with(100);
	faults.n_sends = faults.n_adds = 1;
	faults.send_errno = EAGAIN;
	ends_send_many(1, 8);
	ends_turn();
	ck_assert_uint_eq(faults.n_adds, 0);
	ck_assert_uint_eq(n_batches, 0);
	ends_send_many(1, 8);
	ends_receive(2);
	ck_assert_uint_eq(n_batches, 1);
}
END_TEST

START_TEST(what_is_lost_is_told_once_to_who_sends_next)
{
	ends_open_with(100);
	faults.n_sends = 1;
	faults.send_errno = ETERM;
	ends_send_many(2, 8);
	ends_turn();
	ck_assert_int_eq(ends_send_next(8), -1);
	ck_assert_int_eq(errno, ETERM);
	n_sent = 0;
	ends_send_many(1, 8);
	ends_receive(1);
}
END_TEST

START_TEST(who_flushes_does_not_ask_what_was_lost)
{
	ends_open_with(100);
	faults.n_sends = 1;
	faults.send_errno = ETERM;
	ends_send_many(2, 8);
	ends_turn();
	nnlink_out_flush(out);
	n_sent = 0;
	ends_send_many(1, 8);
	ends_receive(1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nnlink_faults");

	tcase_add_checked_fixture(tc, ends_set_up, ends_tear_down);
	tcase_add_test(
	    tc, what_waits_keeps_its_place_before_what_is_sent_later);
	tcase_add_test(tc, more_goes_into_a_batch_that_waits);
	tcase_add_test(tc, without_memory_to_defer_it_goes_at_once);
	tcase_add_test(tc, without_memory_for_a_batch_it_is_refused);
	tcase_add_test(tc, a_batch_is_not_made_anew_in_each_turn);
	tcase_add_test(tc, what_can_not_be_watched_goes_with_the_next_message);
	tcase_add_test(tc, what_is_lost_is_told_once_to_who_sends_next);
	tcase_add_test(tc, who_flushes_does_not_ask_what_was_lost);
	return suite_run("nnlink_faults", (TCase *[]){tc, NULL});
}
