/*
 * listen - listening sockets: opening them, and accepting with back-off when
 * descriptors run out.
 */
#ifndef COMMON_LISTEN_H
#define COMMON_LISTEN_H

#include <stdint.h>
#include <sys/socket.h>

#include "common/loop.h"
#include "proto/addr.h"

#define LISTEN_BACKLOG	  4096 /* cut by net.core.somaxconn */
#define LISTEN_BACKOFF_MS 100  /* after EMFILE, ENFILE, ENOBUFS, ENOMEM */
#define LISTEN_BATCH	  64   /* accepts a turn, so that others have theirs */

/* listen_tcp - bound, listening, non-blocking, close-on-exec, SO_REUSEADDR;
 * an IPv6 address is IPv6 alone (IPV6_V6ONLY). *bound is the address with the
 * port that the kernel chose, if a's is 0.
 * Returns the descriptor; -1 with errno. */
int listen_tcp(const struct addr *a, struct addr *bound);

/* listen_tcp_shared - the same with SO_REUSEPORT: others of the same user that
 * are opened so may listen there too, and newcomers are shared out. */
int listen_tcp_shared(const struct addr *a, struct addr *bound);

/* listen_unix - the same at path (at most 107 bytes, ENAMETOOLONG), with that
 * mode from its first moment; the process' umask is another meanwhile. A stale
 * socket there is replaced; one that somebody listens on, or any other file, is
 * EADDRINUSE. */
int listen_unix(const char *path, unsigned mode);

struct acceptor;

/*
 * acceptor_fn - one accepted connection.
 *
 * fd    taken over; non-blocking, close-on-exec.
 * peer  borrowed; for AF_UNIX its family alone means something.
 */
typedef void acceptor_fn(void *arg, int fd, const struct sockaddr *peer);

/*
 * acceptor_new - accept on fd as long as the loop runs.
 *
 * fd       taken over; a listening socket.
 * name     borrowed, for log records: the address.
 * n_backoffs  borrowed; counts the pauses; may be NULL.
 * Returns  NULL with errno set.
 * Context  at EMFILE and its like the listener rests LISTEN_BACKOFF_MS; that
 *          is logged once an episode and counted each time. A descriptor in
 *          reserve lets it close the connection that could not be taken, so
 *          that the peer learns of it.
 */
struct acceptor *acceptor_new(struct loop *loop, int fd, const char *name,
    acceptor_fn *fn, void *arg, uint64_t *n_backoffs);

/* acceptor_empty - accept all who are in the backlog now, as far as there are
 * descriptors: the last thing before acceptor_free. NULL is fine. Not from
 * within fn. */
void acceptor_empty(struct acceptor *a);

/* acceptor_free - closes the socket. Not from within fn. */
void acceptor_free(struct acceptor *a);

/* acceptor_pause, acceptor_resume - stop and go on accepting; the backlog
 * keeps newcomers meanwhile. */
void acceptor_pause(struct acceptor *a);
void acceptor_resume(struct acceptor *a);

#endif
