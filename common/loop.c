#include "common/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"

#define SIGNALS_MAX    8
#define DEFERRED_FIRST 64 /* calls; doubled as needed */

struct call {
	loop_fn *fn;
	void *arg;
};

struct signal_watch {
	struct event *event;
	struct call call;
};

struct loop {
	struct event_base *base;
	uint64_t (*clock)(void);
	uint64_t now_ms; /* 0 = not read in this turn */
	struct deadline_queue deadlines;
	/* A timerfd, since libevent's timers know no CLOCK_BOOTTIME. */
	int timer_fd;
	struct event *timer;
	uint64_t timer_ms; /* when it fires; UINT64_MAX = it is off */
	struct call *deferred;
	size_t n_deferred;
	size_t deferred_cap;
	struct signal_watch signals[SIGNALS_MAX];
	size_t n_signals;
	bool stop;
};

uint64_t
loop_now_ms(struct loop *l)
{
	if (l->now_ms == 0)
		l->now_ms = l->clock();
	return l->now_ms;
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

/* The timer is moved forward alone: firing too early costs one look at the
 * heap, moving it at every change a system call each time. */
static void
set_timer(struct loop *l)
{
	uint64_t next_ms = deadline_next_ms(&l->deadlines);
	uint64_t now_ms = loop_now_ms(l), in_ms;
	struct itimerspec spec = {0};

	if (next_ms >= l->timer_ms)
		return;
	in_ms = next_ms > now_ms ? next_ms - now_ms : 1;
	spec.it_value.tv_sec = (time_t)(in_ms / 1000);
	spec.it_value.tv_nsec = (long)(in_ms % 1000) * 1000000;
	if (timerfd_settime(l->timer_fd, 0, &spec, NULL) == 0)
		l->timer_ms = next_ms;
}

/* The turn's end runs what is due; here the timer is only made quiet. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	uint64_t n_expired;

	(void)what;
	if (read(fd, &n_expired, sizeof n_expired) == sizeof n_expired)
		l->timer_ms = UINT64_MAX;
}

/* Signal numbers are the process's: writing to a connection that was reset is
 * an error here, never an end of the process, and so is a log that has become
 * as long as a file may. write(2) by OpenSSL and splice(2) have no flag for
 * that. */
static int
ignore_signals(void)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};

	if (sigaction(SIGPIPE, &sa, NULL) == -1)
		return -1;
	return sigaction(SIGXFSZ, &sa, NULL);
}

static int
set_up(struct loop *l, clockid_t timer_clock)
{
	if (ignore_signals() == -1)
		return -1;
	l->timer_fd = timerfd_create(timer_clock, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd == -1)
		return -1;
	l->base = event_base_new();
	if (l->base == NULL)
		return -1;
	l->timer =
	    event_new(l->base, l->timer_fd, EV_READ | EV_PERSIST, on_timer, l);
	if (l->timer == NULL || event_add(l->timer, NULL) == -1)
		return -1;
	l->deferred = calloc(DEFERRED_FIRST, sizeof *l->deferred);
	if (l->deferred == NULL)
		return -1;
	l->deferred_cap = DEFERRED_FIRST;
	return 0;
}

static struct loop *
new_on(uint64_t (*clock)(void), clockid_t timer_clock)
{
	struct loop *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->clock = clock;
	l->timer_fd = -1;
	l->timer_ms = UINT64_MAX;
	deadline_queue_init(&l->deadlines);
	errno = ENOMEM; /* libevent does not always say */
	if (set_up(l, timer_clock) == -1) {
		int saved = errno;

		loop_free(l);
		errno = saved;
		return NULL;
	}
	return l;
}

struct loop *
loop_new(void)
{
	return new_on(clock_now_ms, CLOCK_MONOTONIC);
}

struct loop *
loop_new_boot(void)
{
	return new_on(clock_boot_ms, CLOCK_BOOTTIME);
}

/* What is deferred meanwhile waits for the next round. */
static void
run_deferred(struct loop *l)
{
	size_t n = l->n_deferred;

	for (size_t i = 0; i < n; i++) {
		struct call call = l->deferred[i];

		call.fn(call.arg);
	}
	l->n_deferred -= n;
	for (size_t i = 0; i < l->n_deferred; i++)
		l->deferred[i] = l->deferred[n + i];
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	while (l->n_deferred > 0)
		run_deferred(l);
	for (size_t i = 0; i < l->n_signals; i++)
		event_free(l->signals[i].event);
	if (l->timer != NULL)
		event_free(l->timer);
	if (l->base != NULL)
		event_base_free(l->base);
	fd_close(&l->timer_fd);
	deadline_queue_fini(&l->deadlines);
	free(l->deferred);
	free(l);
}

int
loop_arm(struct loop *l, struct deadline *d, uint64_t in_ms)
{
	uint64_t at_ms = loop_now_ms(l) + in_ms;

	if (deadline_arm(&l->deadlines, d, at_ms) == -1)
		return -1;
	set_timer(l);
	return 0;
}

void
loop_disarm(struct loop *l, struct deadline *d)
{
	deadline_disarm(&l->deadlines, d);
}

int
loop_defer(struct loop *l, loop_fn *fn, void *arg)
{
	if (l->n_deferred == l->deferred_cap) {
		size_t cap = l->deferred_cap * 2;
		struct call *bigger =
		    reallocarray(l->deferred, cap, sizeof *bigger);

		if (bigger == NULL)
			return -1;
		l->deferred = bigger;
		l->deferred_cap = cap;
	}
	l->deferred[l->n_deferred++] = (struct call){fn, arg};
	return 0;
}

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	const struct signal_watch *w = arg;

	(void)signo;
	(void)what;
	w->call.fn(w->call.arg);
}

int
loop_on_signal(struct loop *l, int signo, loop_fn *fn, void *arg)
{
	struct signal_watch *w = &l->signals[l->n_signals];

	if (l->n_signals == SIGNALS_MAX) {
		errno = ENOSPC;
		return -1;
	}
	w->call = (struct call){fn, arg};
	w->event = evsignal_new(l->base, signo, on_signal, w);
	if (w->event == NULL)
		return -1;
	if (event_add(w->event, NULL) == -1) {
		event_free(w->event);
		return -1;
	}
	l->n_signals++;
	return 0;
}

/* EVLOOP_ONCE also where it must not wait: EVLOOP_NONBLOCK alone would go on
 * for as long as anything is ready, and starve what is due or deferred. */
static int
turn(struct loop *l, bool wait)
{
	int flags = wait ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK;

	l->now_ms = 0;
	if (event_base_loop(l->base, flags) == -1)
		return -1;
	(void)deadline_run(&l->deadlines, loop_now_ms(l));
	set_timer(l);
	run_deferred(l);
	return 0;
}

int
loop_turn(struct loop *l)
{
	return turn(l, false);
}

int
loop_run(struct loop *l)
{
	int rc = 0;

	while (!l->stop && rc == 0)
		rc = turn(l, l->n_deferred == 0);
	l->stop = false;
	return rc;
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}
