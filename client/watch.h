/*
 * watch - the interest in one descriptor, told to the loop level-triggered
 * and explicitly: what is wanted now, and nothing else. The callback is told
 * nothing: whoever owns the watch tries its reads and writes again.
 */
#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

#include <event2/event_struct.h>
#include <stdbool.h>

#include "common/loop.h"

enum { /* interest */
	WATCH_READ = 1,
	WATCH_WRITE = 2,
	WATCH_RESET = 4 /* nothing but news of the other end: see below */
};

struct watch {
	struct loop *loop;
	struct event ev;
	struct deadline again;
	int fd;		   /* borrowed; -1 = this watch is not used */
	unsigned interest; /* as last set */
	bool polls;	   /* false: a file, which never makes us wait */
	loop_fn *fn;
	void *arg;
};

/*
 * watch_init - no interest yet.
 *
 * fd   borrowed until watch_fini. May be a regular file or /dev/null, which
 *      epoll refuses: reading and writing them never says EAGAIN, so there
 *      is nothing to wait for, and watch_set does nothing.
 */
void
watch_init(struct watch *w, struct loop *loop, int fd, loop_fn *fn, void *arg);

/* watch_init_none - a watch that is not used; watch_fini is fine on it. */
void watch_init_none(struct watch *w);

/*
 * watch_set - want what interest says (0: nothing) from now on.
 *
 * WATCH_RESET is for a socket that nothing else is wanted from, so that its
 * reset is not missed: it calls back at a reset, and now and then for nothing
 * (edge-triggered: once for each arrival, once for a FIN).
 *
 * Returns  0; -1 with errno ENOMEM or ENOSPC (epoll's own limit).
 */
int watch_set(struct watch *w, unsigned interest);

/* watch_again - call back in the next turn in any case. Returns 0; -1 with
 * errno ENOMEM. */
int watch_again(struct watch *w);

/* watch_fini - no callback after this. */
void watch_fini(struct watch *w);

#endif
