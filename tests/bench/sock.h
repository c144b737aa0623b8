/*
 * sock - blocking TCP sockets with a timeout, for a load generator.
 *
 * Every failure ends the program with a sentence: half a measurement is none.
 * Any thread.
 */
#ifndef TESTS_BENCH_SOCK_H
#define TESTS_BENCH_SOCK_H

#include <stddef.h>

#include "proto/addr.h"

#define SOCK_TIMEOUT_S 10 /* s without a byte; then the relay stands still */

/* sock_dial - a connection to to: TCP_NODELAY, timeouts set. */
int sock_dial(const struct addr *to);

/* sock_dial_from - the same from an address of this machine, port 0; NULL:
 * from any. Addresses of IPv4 alone. */
int sock_dial_from(const struct addr *to, const struct addr *from);

/* sock_accept - the next connection of a listener, set up like a dialled
 * one. */
int sock_accept(int listener);

/* sock_write - all len bytes. */
void sock_write(int fd, const void *p, size_t len);

/* sock_read - all len bytes. */
void sock_read(int fd, void *p, size_t len);

#endif
