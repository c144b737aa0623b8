/*
 * route - from which of its addresses this machine reaches another.
 */
#ifndef COMMON_ROUTE_H
#define COMMON_ROUTE_H

#include "proto/addr.h"

/* route_from - the local address of connections to `to`; nothing is sent.
 * *from has port 0. Returns 0; -1 with errno: there is no way there. */
int route_from(struct addr *from, const struct addr *to);

#endif
