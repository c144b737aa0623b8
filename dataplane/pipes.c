#include "dataplane/pipes.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"

void
pipes_init(struct pipes *p, size_t max, size_t pipe_len)
{
	SLIST_INIT(&p->free);
	atomic_init(&p->n, 0);
	p->max = max;
	p->pipe_len = pipe_len;
	p->rest_until_ms = 0;
}

static void
close_pipe(struct pipe *pipe)
{
	fd_close(&pipe->read_fd);
	fd_close(&pipe->write_fd);
	free(pipe);
}

void
pipes_fini(struct pipes *p)
{
	while (!SLIST_EMPTY(&p->free)) {
		struct pipe *pipe = SLIST_FIRST(&p->free);

		SLIST_REMOVE_HEAD(&p->free, next);
		pipes_drop(p, pipe);
	}
	assert(p->n == 0);
}

static int
open_pipe(struct pipe *pipe, size_t pipe_len)
{
	int fds[2];

	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) == -1)
		return -1;
	pipe->read_fd = fds[0];
	pipe->write_fd = fds[1];
	/* A smaller pipe is no use: one page at a time is slower than
	 * copying. */
	if (fcntl(pipe->write_fd, F_SETPIPE_SZ, (int)pipe_len) == -1)
		return -1;
	return 0;
}

/* Asking again for every splice would cost more than the copies, but what is
 * short now, descriptors above all, may not be for ever. */
static void
rest(struct pipes *p, uint64_t now_ms, int error)
{
	p->rest_until_ms = now_ms + PIPES_REST_MS;
	log_warn("pipes-limited",
	    "pipes=%zu pipe_bytes=%zu error=\"%s\" hint=\"bytes beyond these "
	    "pipes are copied; see pipe_pool_bytes, the descriptor limit and "
	    "/proc/sys/fs/pipe-user-pages-soft\"",
	    (size_t)p->n, p->pipe_len, strerror(error));
}

static struct pipe *
make_pipe(struct pipes *p, uint64_t now_ms)
{
	struct pipe *pipe = malloc(sizeof *pipe);
	int error;

	if (pipe == NULL)
		return NULL;
	pipe->read_fd = pipe->write_fd = -1;
	if (open_pipe(pipe, p->pipe_len) == -1) {
		error = errno;
		close_pipe(pipe);
		rest(p, now_ms, error);
		return NULL;
	}
	p->n++;
	return pipe;
}

struct pipe *
pipes_take(struct pipes *p, uint64_t now_ms)
{
	struct pipe *pipe = SLIST_FIRST(&p->free);

	if (pipe == NULL)
		return p->n < p->max && now_ms >= p->rest_until_ms
			   ? make_pipe(p, now_ms)
			   : NULL;
	SLIST_REMOVE_HEAD(&p->free, next);
	return pipe;
}

void
pipes_give(struct pipes *p, struct pipe *pipe)
{
	SLIST_INSERT_HEAD(&p->free, pipe, next);
}

void
pipes_drop(struct pipes *p, struct pipe *pipe)
{
	close_pipe(pipe);
	p->n--;
}
