/*
 * rendezvous - how many connections a relay can bring about, and how soon.
 *
 * One rendezvous: a peer connects and says a client's digest, the client gets
 * the notice, connects and says the token, one byte goes each way, both close.
 */
#ifndef TESTS_BENCH_RENDEZVOUS_H
#define TESTS_BENCH_RENDEZVOUS_H

#include <stdint.h>

#include "tests/bench/route.h"

#define RENDEZVOUS_PARALLEL_MAX 64

struct rendezvous_result {
	uint64_t n;
	uint64_t ns;		 /* all of them together */
	uint64_t p50_ns, p99_ns; /* from connect to the answer's byte */
};

struct rendezvous;

/* rendezvous_new - parallel (1..RENDEZVOUS_PARALLEL_MAX) clients, each with
 * its own identity and control stream. */
struct rendezvous *
rendezvous_new(const struct route_plan *plan, unsigned parallel);

/* rendezvous_run - each client has one after the other, for so long or until
 * it had max. */
struct rendezvous_result
rendezvous_run(struct rendezvous *r, unsigned seconds, uint64_t max);

/* rendezvous_free - NULL is fine. */
void rendezvous_free(struct rendezvous *r);

#endif
