/*
 * flows - throughput: bytes from callers to callees, as many as go through.
 */
#ifndef TESTS_BENCH_FLOWS_H
#define TESTS_BENCH_FLOWS_H

#include <stdint.h>

#include "tests/bench/route.h"

#define FLOWS_MAX 64

struct flows_result {
	uint64_t bytes; /* received, all flows together */
	uint64_t ns;	/* from the first byte to the last flow's end */
};

struct flows;

/* flows_new - n connections (1..FLOWS_MAX), all open. */
struct flows *flows_new(const struct route_plan *plan, unsigned n);

/*
 * flows_run - send on all of them at once, one thread for each end.
 *
 * seconds    senders stop after it, and half-close.
 * max_bytes  or after so many on each flow, whichever is first.
 * Ends the program unless each callee got what its caller sent, in bytes.
 */
struct flows_result
flows_run(struct flows *f, unsigned seconds, uint64_t max_bytes);

/* flows_free - NULL is fine. */
void flows_free(struct flows *f);

#endif
