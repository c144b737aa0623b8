#include "common/loop.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static uint64_t fake_now_ms;
uint64_t __wrap_clock_now_ms(void);

uint64_t
__wrap_clock_now_ms(void)
{
	return fake_now_ms;
}

static struct loop *loop;
static char order[32]; /* what was called, a letter each */
static size_t n_order;

static void
set_up(void)
{
	fake_now_ms = 1000;
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
}

static void
tear_down(void)
{
	loop_free(loop);
}

static void
note(void *arg)
{
	order[n_order++] = *(const char *)arg;
}

static void
on_deadline(struct deadline *d, void *arg)
{
	(void)d;
	note(arg);
}

START_TEST(a_deadline_is_called_when_its_time_has_come)
{
	struct deadline d;

	deadline_init(&d, on_deadline, "d");
	ck_assert_int_eq(loop_arm(loop, &d, 100), 0);
	fake_now_ms = 1099;
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "");
	fake_now_ms = 1100;
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "d");
}
END_TEST

START_TEST(a_disarmed_deadline_is_not_called)
{
	struct deadline d;

	deadline_init(&d, on_deadline, "d");
	ck_assert_int_eq(loop_arm(loop, &d, 100), 0);
	loop_disarm(loop, &d);
	fake_now_ms = 2000;
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "");
}
END_TEST

START_TEST(the_clock_is_read_once_a_turn)
{
	ck_assert_int_eq(loop_turn(loop), 0);
	fake_now_ms = 1500;
	ck_assert_uint_eq(loop_now_ms(loop), 1000);
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_uint_eq(loop_now_ms(loop), 1500);
}
END_TEST

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ck_assert_int_eq(loop_defer(loop, note, "z"), 0);
	note(arg);
}

START_TEST(deferred_work_comes_after_events_and_deadlines)
{
	struct event *a = event_new(loop_base(loop), -1, 0, on_event, "a");
	struct event *b = event_new(loop_base(loop), -1, 0, on_event, "b");
	struct deadline d;

	deadline_init(&d, on_deadline, "d");
	ck_assert_int_eq(loop_arm(loop, &d, 0), 0);
	event_active(a, EV_TIMEOUT, 0);
	event_active(b, EV_TIMEOUT, 0);
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "abdzz");
	event_free(a);
	event_free(b);
}
END_TEST

static void
defer_another(void *arg)
{
	note(arg);
	ck_assert_int_eq(loop_defer(loop, note, "2"), 0);
}

START_TEST(what_deferred_work_defers_comes_in_the_next_turn)
{
	ck_assert_int_eq(loop_defer(loop, defer_another, "1"), 0);
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "1");
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "12");
}
END_TEST

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	note(arg);
}

START_TEST(what_stays_ready_is_called_once_a_turn)
{
	struct event *e;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	e = event_new(
	    loop_base(loop), fds[0], EV_READ | EV_PERSIST, on_readable, "r");
	ck_assert_int_eq(event_add(e, NULL), 0);
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "r");
	event_free(e);
	(void)close(fds[0]);
	(void)close(fds[1]);
}
END_TEST

static void
count(void *arg)
{
	++*(unsigned *)arg;
}

START_TEST(any_amount_of_work_can_be_deferred)
{
	unsigned n = 0;

	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(loop_defer(loop, count, &n), 0);
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_uint_eq(n, 1000);
}
END_TEST

static void
stop(void *arg)
{
	note(arg);
	loop_stop(loop);
}

START_TEST(the_loop_runs_until_it_is_stopped)
{
	ck_assert_int_eq(loop_defer(loop, stop, "s"), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(loop_defer(loop, stop, "t"), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(order, "st");
}
END_TEST

static void
stop_at_deadline(struct deadline *d, void *arg)
{
	(void)d;
	stop(arg);
}

/* The real timer: the clock of this test stands beyond the deadline as soon as
 * the loop wakes. */
START_TEST(the_loop_wakes_for_a_deadline)
{
	struct deadline d;

	deadline_init(&d, stop_at_deadline, "d");
	ck_assert_int_eq(loop_arm(loop, &d, 1), 0);
	fake_now_ms = 1001;
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(order, "d");
}
END_TEST

START_TEST(a_loop_on_the_boot_clock_wakes_as_well)
{
	struct deadline d;

	loop_free(loop);
	loop = loop_new_boot();
	ck_assert_ptr_nonnull(loop);
	deadline_init(&d, stop_at_deadline, "d");
	ck_assert_int_eq(loop_arm(loop, &d, 1), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(order, "d");
}
END_TEST

START_TEST(a_signal_is_handled_in_the_loop)
{
	ck_assert_int_eq(loop_on_signal(loop, SIGUSR1, stop, "u"), 0);
	ck_assert_int_eq(loop_on_signal(loop, SIGUSR2, note, "v"), 0);
	ck_assert_int_eq(raise(SIGUSR2), 0);
	ck_assert_int_eq(loop_turn(loop), 0);
	ck_assert_str_eq(order, "v");
	ck_assert_int_eq(raise(SIGUSR1), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(order, "vu");
}
END_TEST

START_TEST(at_most_8_signals_are_watched)
{
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(
		    loop_on_signal(loop, SIGRTMIN + i, note, "r"), 0);
	ck_assert_int_eq(loop_on_signal(loop, SIGUSR1, note, "u"), -1);
	ck_assert_int_eq(errno, ENOSPC);
}
END_TEST

START_TEST(a_broken_pipe_is_an_error_and_no_end)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	(void)close(fds[0]);
	ck_assert_int_eq(write(fds[1], "x", 1), -1);
	ck_assert_int_eq(errno, EPIPE);
	(void)close(fds[1]);
}
END_TEST

START_TEST(a_file_as_long_as_may_be_is_an_error_and_no_end)
{
	struct rlimit had, none;
	char path[] = "/tmp/test_loop.XXXXXX";
	int fd = mkstemp(path);

	(void)unlink(path);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &had), 0);
	none = had;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	ck_assert_int_eq(write(fd, "x", 1), -1);
	ck_assert_int_eq(errno, EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &had), 0);
	(void)close(fd);
}
END_TEST

START_TEST(freeing_the_loop_runs_what_is_deferred)
{
	ck_assert_int_eq(loop_defer(loop, note, "1"), 0);
	loop_free(loop);
	ck_assert_str_eq(order, "1");
	loop = NULL;
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("loop");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_deadline_is_called_when_its_time_has_come);
	tcase_add_test(tc, a_disarmed_deadline_is_not_called);
	tcase_add_test(tc, the_clock_is_read_once_a_turn);
	tcase_add_test(tc, deferred_work_comes_after_events_and_deadlines);
	tcase_add_test(tc, what_deferred_work_defers_comes_in_the_next_turn);
	tcase_add_test(tc, what_stays_ready_is_called_once_a_turn);
	tcase_add_test(tc, any_amount_of_work_can_be_deferred);
	tcase_add_test(tc, the_loop_runs_until_it_is_stopped);
	tcase_add_test(tc, the_loop_wakes_for_a_deadline);
	tcase_add_test(tc, a_loop_on_the_boot_clock_wakes_as_well);
	tcase_add_test(tc, a_signal_is_handled_in_the_loop);
	tcase_add_test(tc, at_most_8_signals_are_watched);
	tcase_add_test(tc, a_broken_pipe_is_an_error_and_no_end);
	tcase_add_test(tc, a_file_as_long_as_may_be_is_an_error_and_no_end);
	tcase_add_test(tc, freeing_the_loop_runs_what_is_deferred);
	return suite_run("loop", (TCase *[]){tc, NULL});
}
