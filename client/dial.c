#include "client/dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/resolve.h"
#include "client/stopwatch.h"
#include "client/watch.h"
#include "common/fd.h"
#include "common/secret.h"

struct dial {
	struct loop *loop;
	char host[ADDR_JOINED_CAP];
	bool has_preamble;
	uint8_t preamble[TX3_PREAMBLE_LEN];
	struct resolve *resolve; /* while it runs */
	struct addr addrs[RESOLVE_MAX];
	size_t n_addrs;
	size_t next; /* the address to try after the present one */
	int fd;
	struct watch watch;
	struct deadline deadline;
	uint64_t started_us;
	uint64_t resolved_us;
	char why[DIAL_WHY_CAP];
	dial_fn *fn;
	void *arg;
};

static void
hang_up(struct dial *d)
{
	watch_fini(&d->watch);
	fd_close(&d->fd);
}

void
dial_cancel(struct dial *d)
{
	if (d == NULL)
		return;
	resolve_cancel(d->resolve);
	hang_up(d);
	loop_disarm(d->loop, &d->deadline);
	secret_wipe(d->preamble, sizeof d->preamble); /* may be a token */
	free(d);
}

static void
succeed(struct dial *d)
{
	struct dialled got = {.fd = d->fd, .addr = d->addrs[d->next - 1]};
	dial_fn *fn = d->fn;
	void *arg = d->arg;

	got.resolve_us = d->resolved_us - d->started_us;
	got.connect_us = stopwatch_us() - d->resolved_us;
	watch_fini(&d->watch);
	d->fd = -1;
	dial_cancel(d);
	fn(arg, &got, "");
}

static void
fail(struct dial *d)
{
	char why[DIAL_WHY_CAP];
	dial_fn *fn = d->fn;
	void *arg = d->arg;

	memcpy(why, d->why, sizeof why);
	dial_cancel(d);
	fn(arg, NULL, why);
}

static void
note(struct dial *d, const struct addr *a, const char *what)
{
	char text[ADDR_TEXT_CAP];

	if (a == NULL || strcmp(addr_format(a, text), d->host) == 0)
		(void)snprintf(
		    d->why, sizeof d->why, "%.160s: %s", d->host, what);
	else
		(void)snprintf(d->why, sizeof d->why, "%.120s (%s): %s",
		    d->host, text, what);
}

int
dial_say(int fd, const void *p, size_t len)
{
	ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

	if (n == (ssize_t)len)
		return 0;
	if (n != -1)
		errno = ENOBUFS;
	return -1;
}

static int
set_options(int fd)
{
	if (fd_set_nodelay(fd) == -1)
		return -1;
	return fd_set_keepalive(fd, TX3_KEEPALIVE_IDLE_S,
	    TX3_KEEPALIVE_INTERVAL_S, TX3_KEEPALIVE_COUNT);
}

static void try_next(struct dial *d);

static void
on_connected(void *arg)
{
	struct dial *d = arg;
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error == 0 && d->has_preamble &&
	    dial_say(d->fd, d->preamble, sizeof d->preamble) == -1)
		error = errno;
	if (error == 0) {
		succeed(d);
		return;
	}
	note(d, &d->addrs[d->next - 1], strerror(error));
	try_next(d);
}

static int
begin_connect(struct dial *d, const struct addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, &ss);

	d->fd =
	    socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd == -1 || set_options(d->fd) == -1)
		return -1;
	if (connect(d->fd, (struct sockaddr *)&ss, len) == -1 &&
	    errno != EINPROGRESS)
		return -1;
	watch_init(&d->watch, d->loop, d->fd, on_connected, d);
	if (watch_set(&d->watch, WATCH_WRITE) == -1)
		return -1;
	return loop_arm(d->loop, &d->deadline, DIAL_MS);
}

static void
try_next(struct dial *d)
{
	while (d->next < d->n_addrs) {
		const struct addr *a = &d->addrs[d->next++];

		hang_up(d);
		if (begin_connect(d, a) == 0)
			return;
		note(d, a, strerror(errno));
	}
	fail(d);
}

static void
on_timeout(struct deadline *deadline, void *arg)
{
	struct dial *d = arg;

	(void)deadline;
	if (d->next > 0)
		note(d, &d->addrs[d->next - 1], "no answer in time");
	try_next(d);
}

static void
on_resolved(void *arg, const struct addr *addrs, size_t n, const char *why)
{
	struct dial *d = arg;

	d->resolve = NULL;
	d->resolved_us = stopwatch_us();
	if (n == 0)
		note(d, NULL, why);
	memcpy(d->addrs, addrs, n * sizeof *addrs);
	d->n_addrs = n;
	try_next(d);
}

static struct dial *
dial_new(struct loop *loop, const uint8_t *preamble, dial_fn *fn, void *arg)
{
	struct dial *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->loop = loop;
	d->fd = -1;
	d->fn = fn;
	d->arg = arg;
	d->has_preamble = preamble != NULL;
	if (preamble != NULL)
		memcpy(d->preamble, preamble, sizeof d->preamble);
	watch_init_none(&d->watch);
	deadline_init(&d->deadline, on_timeout, d);
	d->started_us = d->resolved_us = stopwatch_us();
	return d;
}

struct dial *
dial_start(struct loop *loop, const char *host, uint16_t port,
    const uint8_t *preamble, dial_fn *fn, void *arg)
{
	struct dial *d = dial_new(loop, preamble, fn, arg);

	if (d == NULL)
		return NULL;
	addr_join_host(host, port, d->host);
	d->resolve = resolve_start(loop, host, port, on_resolved, d);
	if (d->resolve == NULL) {
		dial_cancel(d);
		return NULL;
	}
	return d;
}

/* The first turn of the loop finds the deadline due and begins. */
struct dial *
dial_start_addr(struct loop *loop, const struct addr *addr,
    const uint8_t *preamble, dial_fn *fn, void *arg)
{
	struct dial *d = dial_new(loop, preamble, fn, arg);

	if (d == NULL)
		return NULL;
	addr_format(addr, d->host);
	d->addrs[0] = *addr;
	d->n_addrs = 1;
	if (loop_arm(loop, &d->deadline, 0) == -1) {
		dial_cancel(d);
		return NULL;
	}
	return d;
}
