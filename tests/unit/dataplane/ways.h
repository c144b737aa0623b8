/*
 * ways - 64 pairs that two workers pump in their own threads, as the test sees
 * them from outside: 128 ways that bytes go. What is written is a pattern, and
 * what is read is compared with it.
 *
 * CARRICK_SEED repeats what is random. Link with WRAP splice send.
 */
#ifndef TESTS_UNIT_DATAPLANE_WAYS_H
#define TESTS_UNIT_DATAPLANE_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/worker.h"

#define PAIRS	64
#define WAYS	(2 * PAIRS)
#define WORKERS 2

/* One direction of a pair. */
struct way {
	int writer; /* the test's end that writes */
	int source; /* what the pump reads from */
	int sink;   /* what the pump writes to */
	int reader; /* the test's other end */
	int worker; /* which pumps it */
	bool writes;
	bool reads;
	uint64_t n_written;
	uint64_t n_read;
};

extern struct way ways[WAYS];
extern struct worker workers[WORKERS];

/* ways_begin - each worker has so many pipes. */
void ways_begin(size_t n_pipes);

/* ways_below - a random number below n. */
size_t ways_below(size_t n);

/* way_write_some, way_read_some - at random as much as goes now. Returns
 * whether any byte came. */
void way_write_some(struct way *w);
bool way_read_some(struct way *w);

/* way_moved - how many bytes the pump has passed on. */
uint64_t way_moved(const struct way *w);

/* ways_half_close - nothing more is written; ways_have_ended - whether all
 * pairs have reported what they moved, which is what was written; then comes
 * ways_end: each way has its end behind its bytes. */
void ways_half_close(void);
bool ways_have_ended(void);
void ways_end(void);

#endif
