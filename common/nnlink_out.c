#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/nnlink.h"
#include "common/nnlink_private.h"

/* ms; nanomsg's default of 100 would cost each session its first 100 ms. The
 * interval doubles up to the maximum while nobody is there. */
#define RECONNECT_MS	 10
#define RECONNECT_MAX_MS 1000

#define OUT_QUEUE_MAX 65536

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
	    nnlink_set_int(out->socket, NN_SNDBUF, NNLINK_SOCKET_BUF) == -1 ||
	    nnlink_set_int(out->socket, NN_RECONNECT_IVL, RECONNECT_MS) == -1 ||
	    nnlink_set_int(
		out->socket, NN_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) == -1)
		return -1;
	if (nnlink_tcp_addr(&a, url) == 0 &&
	    nnlink_set_tcp(out->socket, addr_is_v4(&a)) == -1)
		return -1;
	return nn_connect(out->socket, url) == -1 ? -1 : 0;
}

static int
prepare_watch(struct nnlink_out *out, struct loop *loop)
{
	int fd = nnlink_get_fd(out->socket, NN_SNDFD);

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
	nnlink_close(out->socket);
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
nnlink_out_is_waiting(const struct nnlink_out *out)
{
	return out->n_queued > 0;
}

bool
nnlink_out_is_connected(const struct nnlink_out *out)
{
	return nnlink_n_peers(out->socket) > 0;
}
