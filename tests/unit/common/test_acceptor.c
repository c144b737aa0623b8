/* Accepting, above all when descriptors run out. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/listen.h"
#include "common/log.h"
#include "tests/unit/suite.h"

static uint64_t fake_now_ms = 1000;
static int errors[8]; /* what the next accepts say; 0 = the kernel's answer */
static size_t n_errors, n_accepts;
static unsigned n_warnings, n_infos, n_failures;
static unsigned n_unwatched; /* so many event_add to come fail */

uint64_t __wrap_clock_now_ms(void);
int __real_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);
int __real_event_add(struct event *e, const struct timeval *tv);
int __wrap_event_add(struct event *e, const struct timeval *tv);
void __wrap_log_error(const char *event, const char *fmt, ...);
void __wrap_log_warn(const char *event, const char *fmt, ...);
void __wrap_log_info(const char *event, const char *fmt, ...);

uint64_t
__wrap_clock_now_ms(void)
{
	return fake_now_ms;
}

int
__wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
	size_t i = n_accepts++;

	if (i >= n_errors || errors[i] == 0)
		return __real_accept4(fd, sa, len, flags);
	errno = errors[i];
	return -1;
}

int
__wrap_event_add(struct event *e, const struct timeval *tv)
{
	if (n_unwatched == 0 || event_get_fd(e) == -1)
		return __real_event_add(e, tv);
	n_unwatched--;
	return -1;
}

void
__wrap_log_error(const char *event, const char *fmt, ...)
{
	(void)fmt;
	ck_assert_str_eq(event, "accept-failed");
	n_failures++;
}

void
__wrap_log_warn(const char *event, const char *fmt, ...)
{
	(void)fmt;
	ck_assert_str_eq(event, "accept-backoff");
	n_warnings++;
}

void
__wrap_log_info(const char *event, const char *fmt, ...)
{
	(void)fmt;
	ck_assert_str_eq(event, "accept-resumed");
	n_infos++;
}

static struct loop *loop;
static struct acceptor *acceptor;
static struct addr address;
static uint64_t n_backoffs;
static unsigned n_taken;
static bool pause_at_first;
static int callers[LISTEN_BATCH + 2]; /* closed at the end */
static size_t n_callers;

static void
take(void *arg, int fd, const struct sockaddr *peer)
{
	struct addr a;

	ck_assert_ptr_eq(arg, &n_taken);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(addr_from_sockaddr(&a, peer), 0);
	ck_assert(addr_is_loopback(&a));
	fd_close(&fd);
	n_taken++;
	if (pause_at_first)
		acceptor_pause(acceptor);
}

static void
set_up(void)
{
	struct addr any;
	int fd;

	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0"), 0);
	fd = listen_tcp(&any, &address);
	loop = loop_new();
	acceptor = acceptor_new(loop, fd, "here", take, &n_taken, &n_backoffs);
	ck_assert_ptr_nonnull(acceptor);
}

static void
tear_down(void)
{
	while (n_callers > 0)
		fd_close(&callers[--n_callers]);
	acceptor_free(acceptor);
	loop_free(loop);
}

/* n more come. */
static void
call(int n)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&address, &ss);

	for (; n > 0; n--) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		callers[n_callers++] = fd;
		ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	}
}

static void
answer(int error)
{
	errors[n_errors++] = error;
}

static void
turn_at(uint64_t now_ms)
{
	fake_now_ms = now_ms;
	ck_assert_int_eq(loop_turn(loop), 0);
}

START_TEST(connections_are_handed_over)
{
	call(2);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, 2);
	ck_assert_uint_eq(n_backoffs, 0);
	ck_assert_uint_eq(n_warnings + n_infos, 0);
}
END_TEST

START_TEST(accept_is_never_called_in_vain)
{
	turn_at(1000);
	ck_assert_uint_eq(n_accepts, 0);
	call(3);
	turn_at(1000);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, 3);
	ck_assert_uint_eq(n_accepts, 3);
}
END_TEST

START_TEST(without_descriptors_one_is_closed_and_the_rest_waits)
{
	char byte;

	call(2);
	answer(EMFILE);
	turn_at(1000);
	/* It is shed, and told. */
	ck_assert_int_eq(recv(callers[0], &byte, 1, 0), 0);
	ck_assert_uint_eq(n_taken, 0);
	ck_assert_uint_eq(n_backoffs, 1);
	ck_assert_uint_eq(n_warnings, 1);
	turn_at(1099);
	ck_assert_uint_eq(n_taken, 0);
	turn_at(1100); /* it is armed again */
	turn_at(1100);
	ck_assert_uint_eq(n_taken, 1);
	ck_assert_uint_eq(n_infos, 1);
}
END_TEST

START_TEST(an_episode_is_logged_once_and_counted_each_time)
{
	call(4);
	for (int i = 0; i < 3; i++) {
		answer(ENFILE);
		answer(0); /* the one that is shed */
	}
	for (uint64_t now_ms = 1000; now_ms <= 1300; now_ms += 50)
		turn_at(now_ms);
	ck_assert_uint_eq(n_backoffs, 3);
	ck_assert_uint_eq(n_warnings, 1);
	ck_assert_uint_eq(n_infos, 0);
	turn_at(1400);
	turn_at(1450);
	ck_assert_uint_eq(n_taken, 1);
	ck_assert_uint_eq(n_infos, 1);
}
END_TEST

START_TEST(a_turn_that_ends_short_does_not_end_the_episode)
{
	call(4);
	answer(EMFILE);
	answer(0);	/* shed */
	answer(0);	/* taken in the next turn, */
	answer(EMFILE); /* which ends short again */
	for (uint64_t now_ms = 1000; now_ms <= 1150; now_ms += 50)
		turn_at(now_ms);
	ck_assert_uint_eq(n_taken, 1);
	ck_assert_uint_eq(n_backoffs, 2);
	ck_assert_uint_eq(n_warnings, 1);
	ck_assert_uint_eq(n_infos, 0);
}
END_TEST

START_TEST(without_memory_nobody_is_closed)
{
	static const int short_of[] = {ENOBUFS, ENOMEM};

	for (int i = 0; i < 2; i++) {
		uint64_t now_ms = 2000 + 1000 * (uint64_t)i;

		call(1);
		n_accepts = n_errors = 0;
		answer(short_of[i]);
		turn_at(now_ms);
		turn_at(now_ms + 100);
		turn_at(now_ms + 100);
		ck_assert_uint_eq(n_taken, (unsigned)i + 1);
		ck_assert_uint_eq(n_backoffs, (unsigned)i + 1);
	}
}
END_TEST

START_TEST(a_listener_that_cant_be_watched_is_tried_again)
{
	call(1);
	acceptor_pause(acceptor);
	n_unwatched = 2;
	acceptor_resume(acceptor);
	for (uint64_t now_ms = 1000; now_ms < 1200; now_ms += 50)
		turn_at(now_ms);
	ck_assert_uint_eq(n_taken, 0);
	ck_assert_uint_eq(n_failures, 1);
	turn_at(1200);
	turn_at(1200);
	ck_assert_uint_eq(n_taken, 1);
	ck_assert_uint_eq(n_infos, 1);
}
END_TEST

START_TEST(a_newcomer_that_is_gone_is_passed_over)
{
	static const int gone[] = {ECONNABORTED, EINTR, EPERM, EPROTO, ENETDOWN,
	    ENETUNREACH, EHOSTUNREACH};
	call(1);
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		answer(gone[i]);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, 1);
	ck_assert_uint_eq(n_backoffs, 0);
}
END_TEST

START_TEST(a_paused_listener_keeps_newcomers_waiting)
{
	call(1);
	acceptor_pause(acceptor);
	turn_at(1000);
	ck_assert_uint_eq(n_accepts, 0);
	acceptor_resume(acceptor);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, 1);
}
END_TEST

START_TEST(a_callback_may_pause_and_nothing_more_comes)
{
	call(2);
	pause_at_first = true;
	turn_at(1000);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, 1);
	acceptor_resume(acceptor);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, 2);
}
END_TEST

START_TEST(resuming_does_not_cut_a_rest_short)
{
	call(1);
	answer(ENOBUFS);
	turn_at(1000);
	acceptor_pause(acceptor);
	acceptor_resume(acceptor);
	turn_at(1050);
	ck_assert_uint_eq(n_accepts, 1);
	acceptor_pause(acceptor);
	turn_at(1100); /* the rest is over, the pause is not */
	turn_at(1100);
	ck_assert_uint_eq(n_accepts, 1);
	acceptor_resume(acceptor);
	turn_at(1100);
	ck_assert_uint_eq(n_taken, 1);
}
END_TEST

START_TEST(a_turn_takes_64_so_that_others_have_theirs)
{
	call(LISTEN_BATCH + 2);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, LISTEN_BATCH);
	turn_at(1000);
	ck_assert_uint_eq(n_taken, LISTEN_BATCH + 2);
}
END_TEST

START_TEST(all_in_the_backlog_are_taken_before_it_is_closed)
{
	int late;
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&address, &ss);

	call(LISTEN_BATCH + 2);
	acceptor_empty(acceptor);
	acceptor_free(acceptor);
	acceptor = NULL;
	acceptor_empty(acceptor); /* of none: nothing */
	ck_assert_uint_eq(n_taken, LISTEN_BATCH + 2);
	late = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(late, (struct sockaddr *)&ss, len), -1);
	fd_close(&late);
}
END_TEST

START_TEST(emptying_it_ends_where_descriptors_do)
{
	call(3);
	answer(0);
	answer(EMFILE);
	acceptor_empty(acceptor);
	ck_assert_uint_eq(n_taken, 1);
	ck_assert_uint_eq(n_backoffs, 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("acceptor");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, connections_are_handed_over);
	tcase_add_test(tc, accept_is_never_called_in_vain);
	tcase_add_test(
	    tc, without_descriptors_one_is_closed_and_the_rest_waits);
	tcase_add_test(tc, an_episode_is_logged_once_and_counted_each_time);
	tcase_add_test(tc, a_turn_that_ends_short_does_not_end_the_episode);
	tcase_add_test(tc, without_memory_nobody_is_closed);
	tcase_add_test(tc, a_listener_that_cant_be_watched_is_tried_again);
	tcase_add_test(tc, a_newcomer_that_is_gone_is_passed_over);
	tcase_add_test(tc, a_paused_listener_keeps_newcomers_waiting);
	tcase_add_test(tc, a_callback_may_pause_and_nothing_more_comes);
	tcase_add_test(tc, resuming_does_not_cut_a_rest_short);
	tcase_add_test(tc, a_turn_takes_64_so_that_others_have_theirs);
	tcase_add_test(tc, all_in_the_backlog_are_taken_before_it_is_closed);
	tcase_add_test(tc, emptying_it_ends_where_descriptors_do);
	return suite_run("acceptor", (TCase *[]){tc, NULL});
}
