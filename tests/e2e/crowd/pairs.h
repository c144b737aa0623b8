/*
 * pairs - many calls made first, so that all of them are there at one instant,
 * and then moving bytes all at once.
 */
#ifndef TESTS_E2E_CROWD_PAIRS_H
#define TESTS_E2E_CROWD_PAIRS_H

#include <stdint.h>

#include "tests/e2e/crowd/exchange.h"
#include "tests/e2e/crowd/guests.h"

#define PAIRS_MAX 10000

struct pairs_plan {
	uint32_t n; /* 1..PAIRS_MAX */
	uint64_t seed;
	uint64_t min, max; /* bytes each way; 1 <= min <= max */
};

struct pairs;

/* pairs_new - all callers call, then the clients take them, client by client.
 * Manners take turns; lengths and streams follow from the seed. */
struct pairs *pairs_new(struct guests *g, const struct pairs_plan *plan);

/* pairs_run - exchange_run on them. Once. */
struct exchange_result pairs_run(struct pairs *p);

void pairs_free(struct pairs *p);

#endif
