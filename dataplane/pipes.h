/*
 * pipes - a worker's pool of pipes for splice(2). A pipe is made when it is
 * first wanted and stays; a leg has one only while bytes are on their way.
 * When the pool is dry, bytes are copied instead.
 *
 * For an unprivileged user Linux gives all pipes together 16,384 pages
 * (/proc/sys/fs/pipe-user-pages-soft) and makes further ones small: the pool
 * is bounded below that, and rests from growing when the kernel says so first.
 */
#ifndef DATAPLANE_PIPES_H
#define DATAPLANE_PIPES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#define PIPES_REST_MS 60000 /* without growing, once a pipe was refused */

struct pipe {
	int read_fd;
	int write_fd;
	SLIST_ENTRY(pipe) next; /* while it is free */
};

struct pipes {
	SLIST_HEAD(, pipe) free;
	_Atomic size_t n; /* in existence; other threads may read it */
	size_t max;
	size_t pipe_len; /* bytes that one takes */
	uint64_t rest_until_ms;
};

/*
 * pipes_init - an empty pool.
 *
 * max       pipes at most; 0 = there are none.
 * pipe_len  bytes; a power of 2, 4096..1048576.
 */
void pipes_init(struct pipes *p, size_t max, size_t pipe_len);

/* pipes_fini - closes what is free; what was taken must be back. */
void pipes_fini(struct pipes *p);

/* pipes_take - an empty pipe; NULL when the pool is dry. */
struct pipe *pipes_take(struct pipes *p, uint64_t now_ms);

/* pipes_give - back to the pool; it must be empty. */
void pipes_give(struct pipes *p, struct pipe *pipe);

/* pipes_drop - close one that still holds bytes: nobody may get them. */
void pipes_drop(struct pipes *p, struct pipe *pipe);

#endif
