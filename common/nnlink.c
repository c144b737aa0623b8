#include "common/nnlink.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

/* bytes; 1 MiB takes about 2,700 small messages where the default of 128 KiB
 * takes 340. Set before bind or connect, or nanomsg does not heed it. */
#define SOCKET_BUF (1 << 20)

/* ms; nanomsg's default of 100 would cost each session its first 100 ms. The
 * interval doubles up to the maximum while nobody is there. */
#define RECONNECT_MS	 10
#define RECONNECT_MAX_MS 1000

#define IN_BATCH      256 /* messages a turn, so that others have theirs */
#define OUT_QUEUE_MAX 65536

/* The file of an ipc:// URL. */
static const char *
path_of(const char *url)
{
	return url + strlen("ipc://");
}

static int
set_int(int socket, int option, int value)
{
	return nn_setsockopt(
	    socket, NN_SOL_SOCKET, option, &value, sizeof value);
}

/* For tcp://; before bind or connect. A message has to leave at once, and the
 * family must be the address's: an IPv4 address with IPv6 allowed makes
 * nanomsg bind the wrong family before it connects, and then abort. */
static int
set_tcp(int socket, bool is_v4)
{
	int nodelay = 1, v4_only = is_v4;

	if (nn_setsockopt(
		socket, NN_TCP, NN_TCP_NODELAY, &nodelay, sizeof nodelay) == -1)
		return -1;
	return set_int(socket, NN_IPV4ONLY, v4_only);
}

static int
get_fd(int socket, int option)
{
	int fd;
	size_t len = sizeof fd;

	return nn_getsockopt(socket, NN_SOL_SOCKET, option, &fd, &len) == -1
		   ? -1
		   : fd;
}

static void
close_keeping_errno(int socket)
{
	int saved = errno;

	if (socket != -1)
		(void)nn_close(socket); /* EBADF alone: it is ours */
	errno = saved;
}

static unsigned
n_peers(int socket)
{
	uint64_t n = nn_get_statistic(socket, NN_STAT_CURRENT_CONNECTIONS);

	return n == UINT64_MAX ? 0 : (unsigned)n;
}

struct nnlink_in {
	int socket;
	struct event *readable;
	nnlink_fn *fn;
	nnlink_idle_fn *idle;
	void *arg;
	bool in_callback;
	char dir[NNLINK_IPC_PATH_MAX + 1]; /* empty: tcp:// */
};

static bool
may_write(const char *dir)
{
	return faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0;
}

/* nanomsg would unlink a regular file, and abort the process on a socket it
 * can't unlink. A live owner of a socket it finds by itself (EADDRINUSE). */
static int
check_way(const char *path, const char *dir)
{
	struct stat st;

	if (!may_write(dir))
		return -1;
	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	return 0;
}

static int
bind_ipc(struct nnlink_in *in, const char *url, unsigned mode)
{
	const char *path = path_of(url);

	(void)snprintf(in->dir, sizeof in->dir, "%.*s",
	    (int)(strrchr(path, '/') - path + 1), path);
	if (check_way(path, in->dir) == -1 || nn_bind(in->socket, url) == -1)
		return -1;
	return chmod(path, mode);
}

/* "*" is all of IPv6 and with it of IPv4; where the machine has no IPv6, of
 * IPv4 alone. */
static int
bind_tcp(struct nnlink_in *in, const char *url)
{
	struct addr a;

	if (nnlink_tcp_addr(&a, url) == -1 ||
	    set_tcp(in->socket, addr_is_v4(&a)) == -1)
		return -1;
	if (nn_bind(in->socket, url) != -1)
		return 0;
	if (errno != EAFNOSUPPORT || strchr(url, '*') == NULL ||
	    set_tcp(in->socket, true) == -1)
		return -1;
	return nn_bind(in->socket, url) == -1 ? -1 : 0;
}

static int
bind_in(struct nnlink_in *in, const char *url, unsigned mode, size_t max_len)
{
	in->socket = nn_socket(AF_SP, NN_PULL);
	if (in->socket == -1 ||
	    set_int(in->socket, NN_RCVBUF, SOCKET_BUF) == -1 ||
	    set_int(in->socket, NN_RCVMAXSIZE, (int)max_len) == -1)
		return -1;
	return nnlink_is_tcp(url) ? bind_tcp(in, url) : bind_ipc(in, url, mode);
}

static bool
take_one(struct nnlink_in *in)
{
	void *p = NULL;
	int len = nn_recv(in->socket, &p, NN_MSG, NN_DONTWAIT);

	if (len == -1)
		return false; /* EAGAIN; at anything else the fd stays ready */
	in->fn(in->arg, p, (size_t)len);
	(void)nn_freemsg(p); /* fails for what is no message alone */
	return true;
}

/* NN_RCVFD is for polling, and level-triggered: what a batch leaves behind
 * makes it ready in the next turn. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct nnlink_in *in = arg;
	unsigned n = 0;

	(void)fd;
	(void)what;
	in->in_callback = true;
	while (n < IN_BATCH && take_one(in))
		n++;
	if (n > 0 && in->idle != NULL)
		in->idle(in->arg);
	in->in_callback = false;
}

static int
watch_in(struct nnlink_in *in, struct loop *loop)
{
	int fd = get_fd(in->socket, NN_RCVFD);

	if (fd == -1)
		return -1;
	in->readable = event_new(
	    loop_base(loop), fd, EV_READ | EV_PERSIST, on_readable, in);
	if (in->readable == NULL || event_add(in->readable, NULL) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

struct nnlink_in *
nnlink_in_new(struct loop *loop, const char *url, unsigned mode, size_t max_len,
    nnlink_fn *fn, nnlink_idle_fn *idle, void *arg)
{
	const char *why;
	struct nnlink_in *in;

	if (nnlink_check_bind(url, &why) == -1) {
		errno = EINVAL;
		return NULL;
	}
	in = calloc(1, sizeof *in);
	if (in == NULL)
		return NULL;
	in->socket = -1;
	in->fn = fn;
	in->idle = idle;
	in->arg = arg;
	if (bind_in(in, url, mode, max_len) == -1 || watch_in(in, loop) == -1) {
		int saved = errno;

		nnlink_in_free(in);
		errno = saved;
		return NULL;
	}
	return in;
}

void
nnlink_in_free(struct nnlink_in *in)
{
	if (in == NULL)
		return;
	assert(!in->in_callback);
	if (in->readable != NULL)
		event_free(in->readable);
	/* nn_close unlinks the socket file, and aborts if it may not: then
	 * the socket is left to the end of the process. */
	if (in->dir[0] == '\0' || may_write(in->dir))
		close_keeping_errno(in->socket);
	free(in);
}

unsigned
nnlink_in_peers(const struct nnlink_in *in)
{
	return n_peers(in->socket);
}

struct waiting {
	STAILQ_ENTRY(waiting) next;
	size_t len;
	uint8_t bytes[];
};

struct nnlink_out {
	int socket;
	struct event *writable;
	STAILQ_HEAD(, waiting) queue;
	size_t n_queued;
	size_t max_queue;
};

static bool
would_wait(int error)
{
	return error == EAGAIN || error == EINTR;
}

static void
forget_first(struct nnlink_out *out)
{
	struct waiting *w = STAILQ_FIRST(&out->queue);

	STAILQ_REMOVE_HEAD(&out->queue, next);
	out->n_queued--;
	free(w);
}

/* NN_SNDFD says "can be sent to" by being *readable* (it is writable all the
 * time), and not while there is no peer: it is watched only while something
 * waits. */
static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct nnlink_out *out = arg;
	const struct waiting *w;

	(void)fd;
	(void)what;
	while ((w = STAILQ_FIRST(&out->queue)) != NULL) {
		if (nn_send(out->socket, w->bytes, w->len, NN_DONTWAIT) == -1 &&
		    would_wait(errno))
			return;
		forget_first(out);
	}
	(void)event_del(out->writable); /* can't fail once it is made */
}

static int
connect_out(struct nnlink_out *out, const char *url)
{
	struct addr a;

	out->socket = nn_socket(AF_SP, NN_PUSH);
	if (out->socket == -1 ||
	    set_int(out->socket, NN_SNDBUF, SOCKET_BUF) == -1 ||
	    set_int(out->socket, NN_RECONNECT_IVL, RECONNECT_MS) == -1 ||
	    set_int(out->socket, NN_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) == -1)
		return -1;
	if (nnlink_tcp_addr(&a, url) == 0 &&
	    set_tcp(out->socket, addr_is_v4(&a)) == -1)
		return -1;
	return nn_connect(out->socket, url) == -1 ? -1 : 0;
}

static int
prepare_watch(struct nnlink_out *out, struct loop *loop)
{
	int fd = get_fd(out->socket, NN_SNDFD);

	if (fd == -1)
		return -1;
	out->writable = event_new(
	    loop_base(loop), fd, EV_READ | EV_PERSIST, on_writable, out);
	if (out->writable == NULL) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

struct nnlink_out *
nnlink_out_new(struct loop *loop, const char *url, size_t max_queue)
{
	const char *why;
	struct nnlink_out *out;

	if (max_queue < 1 || max_queue > OUT_QUEUE_MAX ||
	    nnlink_check_connect(url, &why) == -1) {
		errno = EINVAL;
		return NULL;
	}
	out = calloc(1, sizeof *out);
	if (out == NULL)
		return NULL;
	out->socket = -1;
	out->max_queue = max_queue;
	STAILQ_INIT(&out->queue);
	if (connect_out(out, url) == -1 || prepare_watch(out, loop) == -1) {
		int saved = errno;

		nnlink_out_free(out);
		errno = saved;
		return NULL;
	}
	return out;
}

void
nnlink_out_free(struct nnlink_out *out)
{
	if (out == NULL)
		return;
	nnlink_out_flush(out);
	if (out->writable != NULL)
		event_free(out->writable);
	close_keeping_errno(out->socket);
	free(out);
}

static int
put_behind(struct nnlink_out *out, const void *p, size_t len)
{
	struct waiting *w;

	if (out->n_queued == out->max_queue) {
		errno = ENOBUFS;
		return -1;
	}
	w = malloc(sizeof *w + len);
	if (w == NULL)
		return -1;
	w->len = len;
	memcpy(w->bytes, p, len);
	if (event_add(out->writable, NULL) == -1) {
		free(w);
		errno = ENOMEM;
		return -1;
	}
	STAILQ_INSERT_TAIL(&out->queue, w, next);
	out->n_queued++;
	return 0;
}

int
nnlink_send(struct nnlink_out *out, const void *p, size_t len)
{
	if (out->n_queued == 0) {
		if (nn_send(out->socket, p, len, NN_DONTWAIT) != -1)
			return 0;
		if (!would_wait(errno))
			return -1;
	}
	return put_behind(out, p, len);
}

void
nnlink_out_flush(struct nnlink_out *out)
{
	while (!STAILQ_EMPTY(&out->queue))
		forget_first(out);
	if (out->writable != NULL)
		(void)event_del(out->writable);
}

bool
nnlink_out_is_connected(const struct nnlink_out *out)
{
	return n_peers(out->socket) > 0;
}
