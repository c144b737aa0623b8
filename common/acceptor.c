#include "common/listen.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"

struct acceptor {
	struct loop *loop;
	int fd;
	int reserve_fd; /* -1 = it could not be opened again yet */
	const char *name;
	acceptor_fn *fn;
	void *arg;
	uint64_t *n_backoffs;
	struct event *readable;
	struct deadline rest;
	bool paused;
	bool in_episode; /* short of descriptors since the last good turn */
	bool in_callback;
};

static int
open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* It can't be watched now: then it rests once more, and is tried again. */
static void
rest_unwatched(struct acceptor *a)
{
	if (!a->in_episode)
		log_error("accept-failed",
		    "listener=%s why=\"it can't be watched\"", a->name);
	a->in_episode = true;
	if (loop_arm(a->loop, &a->rest, LISTEN_BACKOFF_MS) == -1)
		log_error("accept-stopped",
		    "listener=%s why=\"no memory to try again\" "
		    "hint=\"restart this daemon\"",
		    a->name);
}

/* Watch the listener unless it is paused or rests. */
static void
update(struct acceptor *a)
{
	if (a->paused || deadline_is_armed(&a->rest))
		(void)event_del(a->readable); /* can't fail once it is made */
	else if (event_add(a->readable, NULL) == -1)
		rest_unwatched(a);
}

static int
accept_one(struct acceptor *a, struct sockaddr_storage *peer)
{
	socklen_t len = sizeof *peer;

	memset(peer, 0, sizeof *peer);
	return accept4(
	    a->fd, (struct sockaddr *)peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* accept(2): errors of the newcomer, not of ours; the next may be fine. */
static bool
is_of_newcomer(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EINTR:
	case EPERM:
	case EPROTO:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

/* Spend the reserve on closing one that could not be taken: waiting in the
 * backlog it would never learn that nobody comes. */
static void
shed_one(struct acceptor *a)
{
	struct sockaddr_storage peer;
	int fd;

	if (a->reserve_fd == -1)
		return;
	fd_close(&a->reserve_fd);
	fd = accept_one(a, &peer);
	fd_close(&fd);
	a->reserve_fd = open_reserve();
}

static void
back_off(struct acceptor *a, int error)
{
	if (a->n_backoffs != NULL)
		++*a->n_backoffs;
	if (!a->in_episode)
		log_warn("accept-backoff",
		    "listener=%s pause_ms=%d error=\"%s\"", a->name,
		    LISTEN_BACKOFF_MS, strerror(error));
	a->in_episode = true;
	if (error == EMFILE || error == ENFILE)
		shed_one(a);
	/* Without the memory for a deadline it is tried again at once. */
	(void)loop_arm(a->loop, &a->rest, LISTEN_BACKOFF_MS);
	update(a);
}

static void
end_episode(struct acceptor *a)
{
	if (a->in_episode)
		log_info("accept-resumed", "listener=%s", a->name);
	a->in_episode = false;
	if (a->reserve_fd == -1)
		a->reserve_fd = open_reserve();
}

static void
hand_over(struct acceptor *a, int fd, const struct sockaddr_storage *peer)
{
	a->in_callback = true;
	a->fn(a->arg, fd, (const struct sockaddr *)peer);
	a->in_callback = false;
}

/* accept(2) makes a socket before it looks whether there is anybody: in vain
 * it costs ten times as much as this does. */
static bool
is_awaited(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static void
accept_some(struct acceptor *a, unsigned max)
{
	struct sockaddr_storage peer;
	unsigned n_taken = 0;

	for (unsigned i = 0;
	     i < max && !a->paused && (i == 0 || is_awaited(a->fd)); i++) {
		int fd = accept_one(a, &peer);

		if (fd != -1) {
			n_taken++;
			hand_over(a, fd, &peer);
		} else if (errno == EAGAIN) {
			break;
		} else if (!is_of_newcomer(errno)) {
			back_off(a, errno);
			return;
		}
	}
	if (n_taken > 0)
		end_episode(a);
}

static void
on_readable(evutil_socket_t listener, short what, void *arg)
{
	(void)listener;
	(void)what;
	accept_some(arg, LISTEN_BATCH);
}

static void
on_rested(struct deadline *d, void *arg)
{
	(void)d;
	update(arg);
}

struct acceptor *
acceptor_new(struct loop *loop, int fd, const char *name, acceptor_fn *fn,
    void *arg, uint64_t *n_backoffs)
{
	struct acceptor *a = calloc(1, sizeof *a);

	if (a == NULL) {
		fd_close(&fd);
		return NULL;
	}
	a->loop = loop;
	a->fd = fd;
	a->name = name;
	a->fn = fn;
	a->arg = arg;
	a->n_backoffs = n_backoffs;
	deadline_init(&a->rest, on_rested, a);
	a->reserve_fd = open_reserve();
	a->readable = event_new(
	    loop_base(loop), fd, EV_READ | EV_PERSIST, on_readable, a);
	if (a->reserve_fd == -1 || a->readable == NULL ||
	    event_add(a->readable, NULL) == -1) {
		acceptor_free(a);
		return NULL;
	}
	return a;
}

void
acceptor_empty(struct acceptor *a)
{
	if (a == NULL)
		return;
	assert(!a->in_callback);
	accept_some(a, LISTEN_BACKLOG);
}

void
acceptor_free(struct acceptor *a)
{
	if (a == NULL)
		return;
	assert(!a->in_callback);
	loop_disarm(a->loop, &a->rest);
	if (a->readable != NULL)
		event_free(a->readable);
	fd_close(&a->reserve_fd);
	fd_close(&a->fd);
	free(a);
}

void
acceptor_pause(struct acceptor *a)
{
	a->paused = true;
	update(a);
}

void
acceptor_resume(struct acceptor *a)
{
	a->paused = false;
	update(a);
}
