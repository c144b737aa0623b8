/*
 * route - from which of its addresses this machine reaches another, and what
 * keeps it from doing so.
 */
#ifndef COMMON_ROUTE_H
#define COMMON_ROUTE_H

#include "proto/addr.h"

/* route_from - the local address of connections to `to`; nothing is sent.
 * *from has port 0. Returns 0; -1 with errno: there is no way there. */
int route_from(struct addr *from, const struct addr *to);

/* route_try - begin a TCP connection and drop it: nobody is waited for, so only
 * what is known at once is said. Returns 0; -1 with errno, such as
 * EADDRNOTAVAIL (every port of this machine is taken), ENETUNREACH or EMFILE,
 * and ECONNREFUSED if to is this machine itself. */
int route_try(const struct addr *to);

#endif
