/*
 * route - a way for a connection from one end of this program to the other:
 * straight over loopback, through a plain TCP proxy, or through a relay, tx3's
 * or Syncthing's.
 *
 * Failures end the program, as in sock.h. A route is one thread's at a time.
 */
#ifndef TESTS_BENCH_ROUTE_H
#define TESTS_BENCH_ROUTE_H

#include "proto/addr.h"
#include "proto/url.h"
#include "tests/bench/devices.h"

enum route_kind { ROUTE_DIRECT, ROUTE_TCP, ROUTE_RELAY, ROUTE_SYNCTHING };

struct route_plan {
	enum route_kind kind;
	struct addr proxy;  /* ROUTE_TCP: where to dial */
	struct addr listen; /* ROUTE_TCP: where the proxy connects to */
	struct url relay;   /* ROUTE_RELAY */
	struct devices_relay syncthing; /* ROUTE_SYNCTHING; outlives routes */
};

struct route;

/* The two ends of one connection. */
struct route_ends {
	int caller; /* the peer that dialled, or asked */
	int callee; /* what accepted, or came back with its token */
};

/* route_new - a listener, or a client registered with the relay. plan outlives
 * it. */
struct route *route_new(const struct route_plan *plan);

/* route_open - one connection, and one byte each way over it. */
struct route_ends route_open(struct route *r);

/* route_close - both ends, the caller's first. */
void route_close(struct route_ends *ends);

/* route_free - what was opened stays open; NULL is fine. */
void route_free(struct route *r);

/* route_relay_addr - where a relay's URL leads; its host is a literal. */
void route_relay_addr(const struct url *relay, struct addr *at);

#endif
