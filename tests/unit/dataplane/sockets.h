/*
 * sockets - connected sockets for tests, and what a test does with its own
 * end of them.
 */
#ifndef TESTS_UNIT_DATAPLANE_SOCKETS_H
#define TESTS_UNIT_DATAPLANE_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

enum { OURS, THEIRS }; /* the test's end, and the end under test */

/* sockets_tcp, sockets_unix - a connected pair, THEIRS non-blocking. */
void sockets_tcp(int fds[2]);
void sockets_unix(int fds[2]);

/* sockets_put - write all of len bytes. */
void sockets_put(int fd, const void *p, size_t len);

/* sockets_get - what is there to read now, at most cap bytes: how many; 0 at
 * the end; -1 with errno (EAGAIN: nothing). */
long sockets_get(int fd, void *p, size_t cap);

/* sockets_reset - close with a reset. */
void sockets_reset(int *fd);

/* sockets_n_fds - grows by one with each descriptor that this process has. */
int sockets_n_fds(void);

#endif
