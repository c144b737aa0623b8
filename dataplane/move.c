#include "dataplane/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "dataplane/pipes.h"
#include "dataplane/stream.h"
#include "dataplane/worker.h"

#define SPLICE_FLAGS (SPLICE_F_NONBLOCK | SPLICE_F_MOVE)

static ssize_t
splice_some(int from, int to, size_t len)
{
	ssize_t n;

	do {
		n = splice(from, NULL, to, NULL, len, SPLICE_FLAGS);
	} while (n == -1 && errno == EINTR);
	return n;
}

static enum move
read_result(ssize_t n)
{
	if (n > 0)
		return MOVE_SOME;
	if (n == 0)
		return MOVE_EOF;
	return errno == EAGAIN ? MOVE_DRY : MOVE_SOURCE_DIED;
}

static enum move
write_result(ssize_t n)
{
	if (n > 0)
		return MOVE_SOME;
	return n == -1 && errno != EAGAIN ? MOVE_SINK_DIED : MOVE_BLOCKED;
}

static void
count(struct leg *l, _Atomic uint64_t *figure, size_t n)
{
	l->bytes += n;
	atomic_fetch_add_explicit(figure, n, memory_order_relaxed);
}

static enum move
fill_pipe(struct leg *l, size_t want, size_t *n)
{
	ssize_t got = splice_some(l->from->fd, l->pipe->write_fd, want);

	if (got > 0) {
		*n = (size_t)got;
		l->in_pipe += (size_t)got;
	}
	return read_result(got);
}

enum move
move_out(struct leg *l, size_t *n)
{
	ssize_t put = splice_some(l->pipe->read_fd, l->to->fd, l->in_pipe);

	if (put > 0) {
		*n = (size_t)put;
		l->in_pipe -= (size_t)put;
		count(l, &l->pair->worker->bytes_spliced, *n);
	}
	return write_result(put);
}

static ssize_t
send_some(int fd, const void *p, size_t len)
{
	ssize_t n;

	do {
		n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* One step without a pipe: peek, send, discard what was taken, so that nothing
 * stays in user space. */
static enum move
copy(struct leg *l, size_t want, size_t *n)
{
	struct worker *w = l->pair->worker;
	size_t cap = want < WORKER_COPY_CAP ? want : WORKER_COPY_CAP;
	ssize_t seen = stream_peek(l->from->fd, w->copy_buf, cap);
	ssize_t put;

	if (seen <= 0)
		return read_result(seen);
	put = send_some(l->to->fd, w->copy_buf, (size_t)seen);
	if (put <= 0)
		return write_result(put);
	*n = (size_t)put;
	count(l, &w->bytes_copied, *n);
	/* Those bytes were there, and nobody else reads this socket. */
	if (stream_discard(l->from->fd, l->from->is_unix, (size_t)put,
		w->copy_buf, WORKER_COPY_CAP) == -1)
		return MOVE_SOURCE_DIED;
	return put == seen && (size_t)seen < cap ? MOVE_ALL : MOVE_SOME;
}

/*
 * At the mark of TCP's urgent data splice(2) stops: it says EAGAIN for ever
 * while poll(2) says readable, which would spin, and "the end" once a FIN came,
 * which would cut the stream. recv(2) steps over the mark, so a copy is asked
 * in these two cases; it says itself whether the source is dry or ended.
 */
static bool
may_be_at_mark(enum move met, bool is_readable)
{
	return met == MOVE_EOF || (met == MOVE_DRY && is_readable);
}

enum move
move_in(struct leg *l, size_t want, bool is_readable, size_t *n)
{
	struct worker *w = l->pair->worker;
	enum move met = MOVE_DRY;

	if (l->pipe == NULL)
		l->pipe = pipes_take(&w->pipes, loop_now_ms(w->loop));
	if (l->pipe != NULL)
		met = fill_pipe(l, want, n);
	if (l->pipe == NULL || may_be_at_mark(met, is_readable))
		met = copy(l, want, n);
	if (met == MOVE_SOME || met == MOVE_ALL)
		share_spend(&l->pair->share, *n);
	return met;
}
