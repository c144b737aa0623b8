/*
 * Every failure arm: a life of a node is played again and again, and each time
 * one call more goes well before one fails, until none fails any more. However
 * it went, nothing crashed, every connection and every pair ended once and for
 * a reason that fits, the gauges are back at zero, and no descriptor is left.
 */
#include <check.h>
#include <errno.h>

#include "common/log.h"
#include "tests/unit/dataplane/failing.h"
#include "tests/unit/dataplane/life.h"
#include "tests/unit/suite.h"

#define CALLS_MAX 2000 /* a life makes fewer of each */

/* Which call fails how, the reason that follows from it (NONE: none does, the
 * node helps itself), and whether pipes are there. */
static const struct fault {
	enum call call;
	int error;
	enum reason reason;
	const char *pool;
	int n_min; /* so many calls are made at least */
} FAULTS[] = {
    {CALL_ACCEPT4, EMFILE, REASON_NONE, "pipe_pool_bytes=131072", 5},
    {CALL_ACCEPT4, ECONNABORTED, REASON_NONE, "pipe_pool_bytes=131072", 5},
    {CALL_SPLICE, EIO, REASON_IO_ERROR, "pipe_pool_bytes=131072", 5},
    {CALL_SPLICE, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=131072", 5},
    {CALL_SPLICE, ETIMEDOUT, REASON_RESET, "pipe_pool_bytes=131072", 5},
    {CALL_PIPE2, EMFILE, REASON_NONE, "pipe_pool_bytes=131072", 1},
    {CALL_RECV, EIO, REASON_IO_ERROR, "pipe_pool_bytes=131072", 10},
    {CALL_RECV, ENOBUFS, REASON_RESOURCES, "pipe_pool_bytes=0", 15},
    {CALL_RECV, ETIMEDOUT, REASON_RESET, "pipe_pool_bytes=0", 15},
    {CALL_SEND, EIO, REASON_IO_ERROR, "pipe_pool_bytes=0", 5},
    {CALL_SEND, ENOBUFS, REASON_RESOURCES, "pipe_pool_bytes=131072", 2},
    {CALL_SEND, EPIPE, REASON_RESET, "pipe_pool_bytes=0", 5},
    {CALL_MALLOC, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=131072", 10},
    {CALL_CALLOC, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=131072", 10},
    {CALL_REALLOCARRAY, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=0", 1},
    {CALL_EVENT_NEW, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=0", 10},
    {CALL_EVENT_ADD, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=0", 10},
};

static const struct fault *fault;
static uint64_t n_of_reason; /* ends for the fault's reason, in all lives */

static uint64_t
sum(const uint64_t *counters)
{
	uint64_t total = 0;

	for (int i = 0; i < REASON_COUNT; i++)
		total += counters[i];
	return total;
}

static void
expect_only(const uint64_t *ended)
{
	static const enum reason of_faults[] = {
	    REASON_RESOURCES, REASON_IO_ERROR};

	for (size_t i = 0; i < 2; i++)
		if (fault->reason != of_faults[i])
			ck_assert_msg(ended[of_faults[i]] == 0,
			    "call %d failed, and something ended as %s",
			    failing.at, reason_name(of_faults[i]));
}

static void
expect_settled(void)
{
	const struct node *n = life.node;
	uint64_t figures[FIGURE_WIRE_COUNT];

	account_figures(n, figures);
	for (int i = 0; i < FIGURE_COUNT; i++)
		if (figure_is_gauge((enum figure)i) && i != FIGURE_PIPES)
			ck_assert_msg(figures[i] == 0, "%s after call %d",
			    figure_name((enum figure)i), failing.at);
	for (int i = 0; i < PENDING_STATES; i++)
		ck_assert_uint_eq(n->n_in[i], 0);
	ck_assert_uint_eq(n->budget.sources.n, 0);
	ck_assert_uint_eq(n->admissions.sources.counts.n, 0);
	ck_assert_uint_eq(
	    figures[FIGURE_ACCEPTED], sum(n->account.pending_ended));
	ck_assert_uint_eq(
	    figures[FIGURE_PAIRS_STARTED], sum(n->account.pairs_ended));
	expect_only(n->account.pending_ended);
	expect_only(n->account.pairs_ended);
	n_of_reason += n->account.pending_ended[fault->reason] +
		       n->account.pairs_ended[fault->reason];
}

/* What is released reaches control, unless there was no memory to keep it:
 * then the session was begun anew, and the list of pairs says the same. */
static void
expect_released(void)
{
	if (life.n_settled != life.n_paired)
		ck_assert_uint_gt(
		    life.node->account.counters[FIGURE_CONTROL_LOSSES], 1);
}

/* One life in which one call fails. Returns whether it did. */
static bool
live_once(void)
{
	life_set_up(fault->pool);
	failing.n_calls = 0;
	if (life_begin() == 0) {
		life_live();
		life_leave();
		expect_settled();
		expect_released();
	} else {
		ck_assert_int_ge(failing.n_calls, failing.at);
	}
	life_tear_down();
	return failing.n_calls >= failing.at;
}

START_TEST(each_call_may_fail_once)
{
	int n_fds;

	fault = &FAULTS[_i];
	failing.call = fault->call;
	failing.error = fault->error;
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	failing.at = CALLS_MAX;
	ck_assert(!live_once()); /* what is made once is made now */
	n_fds = sockets_n_fds();
	for (failing.at = 1; live_once(); failing.at++)
		ck_assert_msg(sockets_n_fds() == n_fds,
		    "call %d failed, and descriptors are left", failing.at);
	ck_assert_int_eq(sockets_n_fds(), n_fds);
	ck_assert_int_gt(failing.at, fault->n_min);
	ck_assert_int_eq(n_of_reason > 0, fault->reason != REASON_NONE);
}
END_TEST

/* Without a fault it goes as it should: else the above would prove nothing. */
START_TEST(a_life_without_a_fault_is_complete)
{
	const struct account *a;

	fault = &FAULTS[0];
	failing.call = fault->call;
	failing.at = CALLS_MAX;
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	life_set_up(fault->pool);
	ck_assert_int_eq(life_begin(), 0);
	life_live();
	life_leave();
	a = &life.node->account;
	ck_assert_uint_eq(a->counters[FIGURE_ACCEPTED], 5);
	ck_assert_uint_eq(a->pending_ended[REASON_PAIRED], 2);
	ck_assert_uint_eq(a->pending_ended[REASON_DROPPED], 3);
	ck_assert_uint_eq(life.n_paired, 1);
	ck_assert_uint_eq(life.n_settled, 1);
	expect_settled();
	life_tear_down();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("faults");

	tcase_set_timeout(t, 50);
	tcase_add_test(t, a_life_without_a_fault_is_complete);
	tcase_add_loop_test(t, each_call_may_fail_once, 0,
	    (int)(sizeof FAULTS / sizeof FAULTS[0]));
	return suite_run("faults", (TCase *[]){t, NULL});
}
