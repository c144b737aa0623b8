#include <assert.h>
#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/nnlink.h"
#include "common/nnlink_private.h"
#include "proto/batch.h"

/* ms; nanomsg's default of 100 would cost each session its first 100 ms. The
 * interval doubles up to the maximum while nobody is there, and does not come
 * down again with a connection: the maximum is what a restart may cost. */
#define RECONNECT_MS	 10
#define RECONNECT_MAX_MS 200

#define OUT_QUEUE_MAX 65536

struct batch {
	STAILQ_ENTRY(batch) next;
	struct wire_writer w; /* over bytes */
	size_t n_msgs;
	uint8_t bytes[BATCH_CAP];
};

struct nnlink_out {
	struct loop *loop;
	int socket;
	struct event *writable;
	STAILQ_HEAD(, batch) queue; /* none of them is empty */
	struct batch *last;  /* of the queue, if it has any: it takes more */
	struct batch *spare; /* none is made anew in each turn */
	size_t n_queued;     /* messages */
	size_t max_queue;
	int lost_errno;	  /* why messages of the queue were lost; or 0 */
	bool is_blocked;  /* nanomsg takes none: writable is watched */
	bool is_deferred; /* the loop will call on_turn_end */
	bool is_freed;	  /* as soon as it did */
};

static bool
would_wait(int error)
{
	return error == EAGAIN || error == EINTR;
}

static void
forget_first(struct nnlink_out *out)
{
	struct batch *b = STAILQ_FIRST(&out->queue);

	STAILQ_REMOVE_HEAD(&out->queue, next);
	out->n_queued -= b->n_msgs;
	free(out->spare);
	out->spare = b;
}

/* NN_SNDFD says "can be sent to" by being *readable* (it is writable all the
 * time), and not while there is no peer: it is watched only while something
 * waits. If it can't be, the next message tries again. */
static void
block(struct nnlink_out *out)
{
	if (!out->is_blocked)
		out->is_blocked = event_add(out->writable, NULL) == 0;
}

static void
unblock(struct nnlink_out *out)
{
	if (out->is_blocked)
		(void)event_del(out->writable); /* can't fail once it is made */
	out->is_blocked = false;
}

static int
send_first(struct nnlink_out *out)
{
	const struct batch *b = STAILQ_FIRST(&out->queue);

	return nn_send(out->socket, b->bytes, b->w.len, NN_DONTWAIT);
}

static void
send_queue(struct nnlink_out *out)
{
	for (; !STAILQ_EMPTY(&out->queue); forget_first(out)) {
		if (send_first(out) != -1)
			continue;
		if (would_wait(errno)) {
			block(out);
			return;
		}
		out->lost_errno = errno;
	}
	unblock(out);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_queue(arg);
}

void
nnlink_send_now(struct nnlink_out *out)
{
	if (!out->is_blocked)
		send_queue(out);
}

static void
on_turn_end(void *arg)
{
	struct nnlink_out *out = arg;

	out->is_deferred = false;
	if (out->is_freed)
		free(out);
	else
		nnlink_send_now(out);
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
	out->loop = loop;
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

/* The loop's list of what is deferred can't be taken back: then the last to
 * know of it is on_turn_end. */
void
nnlink_out_free(struct nnlink_out *out)
{
	if (out == NULL)
		return;
	nnlink_send_now(out);
	nnlink_out_flush(out);
	free(out->spare);
	if (out->writable != NULL)
		event_free(out->writable);
	nnlink_close(out->socket);
	if (out->is_deferred)
		out->is_freed = true;
	else
		free(out);
}

static struct batch *
add_batch(struct nnlink_out *out)
{
	struct batch *b = out->spare;

	out->spare = NULL;
	if (b == NULL)
		b = malloc(sizeof *b);
	if (b == NULL)
		return NULL;
	wire_writer_init(&b->w, b->bytes, sizeof b->bytes);
	b->n_msgs = 0;
	STAILQ_INSERT_TAIL(&out->queue, b, next);
	out->last = b;
	return b;
}

static struct batch *
last_with_room(struct nnlink_out *out, size_t len)
{
	struct batch *b = out->last;

	if (STAILQ_EMPTY(&out->queue) ||
	    !batch_has_room(b->w.len, b->n_msgs, len))
		return NULL;
	return b;
}

/* Where the next message goes. What is full does not wait for the turn's end,
 * in which more than a batch can come. */
static struct batch *
find_room(struct nnlink_out *out, size_t len)
{
	struct batch *b = last_with_room(out, len);

	if (b != NULL && out->n_queued < out->max_queue)
		return b;
	nnlink_send_now(out);
	if (out->n_queued == out->max_queue) {
		errno = ENOBUFS;
		return NULL;
	}
	return add_batch(out);
}

static void
send_soon(struct nnlink_out *out)
{
	if (out->is_blocked || out->is_deferred)
		return;
	if (loop_defer(out->loop, on_turn_end, out) == 0)
		out->is_deferred = true;
	else
		nnlink_send_now(out);
}

/* What was lost meanwhile was to come before this one. */
static int
check_lost(struct nnlink_out *out)
{
	if (out->lost_errno == 0)
		return 0;
	errno = out->lost_errno;
	out->lost_errno = 0;
	return -1;
}

int
nnlink_send(struct nnlink_out *out, const void *p, size_t len)
{
	struct batch *b;

	assert(len > 0 && len <= BATCH_MSG_MAX);
	if (check_lost(out) == -1 || (b = find_room(out, len)) == NULL)
		return -1;
	wire_put_vec(&b->w, p, len);
	b->n_msgs++;
	out->n_queued++;
	send_soon(out);
	return 0;
}

void
nnlink_out_flush(struct nnlink_out *out)
{
	while (!STAILQ_EMPTY(&out->queue))
		forget_first(out);
	unblock(out);
	out->lost_errno = 0;
}

bool
nnlink_out_is_waiting(struct nnlink_out *out)
{
	nnlink_send_now(out);
	return out->n_queued > 0;
}

bool
nnlink_out_is_connected(const struct nnlink_out *out)
{
	return nnlink_n_peers(out->socket) > 0;
}

static bool
has_some(const struct nnlink_out *out, int statistic)
{
	uint64_t n = nn_get_statistic(out->socket, statistic);

	return n != 0 && n != UINT64_MAX;
}

const char *
nnlink_out_way(const struct nnlink_out *out)
{
	if (nnlink_out_is_connected(out))
		return "connected";
	if (has_some(out, NN_STAT_BROKEN_CONNECTIONS))
		return "who is there hangs up, or does not greet within 1 s";
	if (has_some(out, NN_STAT_CONNECT_ERRORS))
		return "each try to connect failed";
	if (has_some(out, NN_STAT_INPROGRESS_CONNECTIONS))
		return "a try to connect is not answered";
	return "no try to connect has ended yet";
}
