/*
 * syncthing_place - where a device is invited to. Where there are several
 * nodes, both of a session had best come to one.
 */
#ifndef CONTROL_SYNCTHING_PLACE_H
#define CONTROL_SYNCTHING_PLACE_H

#include <stdbool.h>

#include "proto/addr.h"

struct call;
struct node;
struct stream;

/* syncthing_place_node - which node the sides of call are to come to: where one
 * is, or else where asker's stream is (NULL: there is none). Borrowed; NULL: it
 * does not matter, for there is but one, or none can be told. */
const struct node *
syncthing_place_node(const struct call *call, const struct stream *asker);

/*
 * syncthing_place_at - an address of that node's own that the client of s can
 * reach: a public listener of the family by which it came. A private one may be
 * behind a port forwarding, so it is nobody's but the node's host's.
 *
 * at       out, if there is one.
 * node     may be NULL.
 * Returns  whether there is one; there is none behind a balancer.
 */
bool syncthing_place_at(
    struct addr *at, const struct node *node, const struct stream *s);

#endif
