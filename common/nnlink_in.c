#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/nnlink.h"
#include "common/nnlink_private.h"
#include "proto/batch.h"

/* Messages after which a turn is over, so that others have theirs; a batch is
 * not left half-read. */
#define TURN_MSGS 256

/* The file of an ipc:// URL. */
static const char *
path_of(const char *url)
{
	return url + strlen("ipc://");
}

struct nnlink_in {
	int socket;
	struct event *readable;
	size_t max_len;
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

/* Before there is a socket: one that can't be bound can't always be closed. */
static int
check_place(struct nnlink_in *in, const char *url)
{
	const char *path = path_of(url);

	if (nnlink_is_tcp(url))
		return 0;
	(void)snprintf(in->dir, sizeof in->dir, "%.*s",
	    (int)(strrchr(path, '/') - path + 1), path);
	return check_way(path, in->dir);
}

/* nanomsg binds in this call, and so with this umask. No chmod(2) afterwards:
 * who may write in that folder, as every node may, could have put a link to a
 * file of ours in the socket's place. */
static int
bind_ipc(struct nnlink_in *in, const char *url, unsigned mode)
{
	mode_t had = umask(0777 & ~mode);
	int rc = nn_bind(in->socket, url);

	(void)umask(had);
	return rc == -1 ? -1 : 0;
}

/* "*" is all of IPv6 and with it of IPv4; where the machine has no IPv6, of
 * IPv4 alone. */
static int
bind_tcp(struct nnlink_in *in, const char *url)
{
	struct addr a;

	if (nnlink_tcp_addr(&a, url) == -1 ||
	    nnlink_set_tcp(in->socket, addr_is_v4(&a)) == -1)
		return -1;
	if (nn_bind(in->socket, url) != -1)
		return 0;
	if (errno != EAFNOSUPPORT || strchr(url, '*') == NULL ||
	    nnlink_set_tcp(in->socket, true) == -1)
		return -1;
	return nn_bind(in->socket, url) == -1 ? -1 : 0;
}

static int
bind_in(struct nnlink_in *in, const char *url, unsigned mode)
{
	in->socket = nn_socket(AF_SP, NN_PULL);
	if (in->socket == -1 ||
	    nnlink_set_int(in->socket, NN_RCVBUF, NNLINK_SOCKET_BUF) == -1 ||
	    nnlink_set_int(in->socket, NN_RCVMAXSIZE, BATCH_CAP) == -1)
		return -1;
	return nnlink_is_tcp(url) ? bind_tcp(in, url) : bind_ipc(in, url, mode);
}

/* What can't be taken apart may be anybody's: it is refused as a whole, since
 * there is no telling where in it the sense ends. Returns how many it counts
 * for. */
static unsigned
take_apart(const struct nnlink_in *in, const void *p, size_t len)
{
	struct wire_reader r;
	unsigned n = 0;

	if (batch_check(p, len, in->max_len) != PARSE_OK) {
		in->fn(in->arg, p, 0);
		return 1;
	}
	for (wire_reader_init(&r, p, len); !wire_done(&r); n++) {
		const uint8_t *msg = wire_get_vec(&r, in->max_len, &len);

		in->fn(in->arg, msg, len);
	}
	return n;
}

static unsigned
take_batch(const struct nnlink_in *in)
{
	void *p = NULL;
	int len = nn_recv(in->socket, &p, NN_MSG, NN_DONTWAIT);
	unsigned n;

	if (len == -1)
		return 0; /* EAGAIN; at anything else the fd stays ready */
	n = take_apart(in, p, (size_t)len);
	(void)nn_freemsg(p); /* fails for what is no message alone */
	return n;
}

/* NN_RCVFD is for polling, and level-triggered: what a turn leaves behind
 * makes it ready in the next one. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct nnlink_in *in = arg;
	unsigned n = 0, n_more;

	(void)fd;
	(void)what;
	in->in_callback = true;
	while (n < TURN_MSGS && (n_more = take_batch(in)) > 0)
		n += n_more;
	if (n > 0 && in->idle != NULL)
		in->idle(in->arg);
	in->in_callback = false;
}

static int
watch_in(struct nnlink_in *in, struct loop *loop)
{
	int fd = nnlink_get_fd(in->socket, NN_RCVFD);

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

	assert(max_len <= BATCH_MSG_MAX);
	if (nnlink_check_bind(url, &why) == -1) {
		errno = EINVAL;
		return NULL;
	}
	in = calloc(1, sizeof *in);
	if (in == NULL)
		return NULL;
	in->socket = -1;
	in->max_len = max_len;
	in->fn = fn;
	in->idle = idle;
	in->arg = arg;
	if (check_place(in, url) == -1 || bind_in(in, url, mode) == -1 ||
	    watch_in(in, loop) == -1) {
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
		nnlink_close(in->socket);
	free(in);
}

unsigned
nnlink_in_peers(const struct nnlink_in *in)
{
	return nnlink_n_peers(in->socket);
}
