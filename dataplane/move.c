#include "dataplane/move.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "dataplane/pipes.h"
#include "dataplane/stream.h"

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

enum move
move_in(struct leg *l, size_t want, size_t *n)
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

enum move
move_copy(struct leg *l, void *buf, size_t cap, size_t want, size_t *n)
{
	ssize_t seen = stream_peek(l->from->fd, buf, want < cap ? want : cap);
	ssize_t put;

	if (seen <= 0)
		return read_result(seen);
	put = send_some(l->to->fd, buf, (size_t)seen);
	if (put <= 0)
		return write_result(put);
	*n = (size_t)put;
	/* Those bytes were there, and nobody else reads this socket. */
	if (stream_discard(
		l->from->fd, l->from->local, (size_t)put, buf, cap) == -1)
		return MOVE_SOURCE_DIED;
	return MOVE_SOME;
}
