/*
 * movers - those who would move as much as their rates let them, in simulated
 * time.
 */
#ifndef TESTS_UNIT_DATAPLANE_MOVERS_H
#define TESTS_UNIT_DATAPLANE_MOVERS_H

#include <stdint.h>

#include "dataplane/share.h"

#define MOVERS	 64
#define BEGIN_MS 1000000
#define RUN_MS	 10000

/* One of them; is woken late_ms behind time. */
struct mover {
	struct share share;
	uint64_t wake_ms;
	uint64_t late_ms;
	uint64_t most; /* bytes there are at a time; the rest comes later */
	uint64_t moved;
};

extern struct shares shares; /* of 4 groups */
extern struct mover movers[MOVERS];

/* movers_set_up, movers_tear_down - around each case. */
void movers_set_up(void);
void movers_tear_down(void);

/* mover_join - share_init with a rate of its own, and with that of a group; 0:
 * without. Answers the same. */
int
mover_join(struct share *s, uint64_t own, uint64_t group, uint64_t bytes_per_s);

/* movers_join - the first n share one rate. */
void movers_join(int n, uint64_t bytes_per_s);

/* movers_run - the first n move, as from_ms to until_ms go by. Returns the
 * bytes that they have moved in all. */
uint64_t movers_run(int n, uint64_t from_ms, uint64_t until_ms);

/* assert_about - n is at most so many percent from what was expected. */
void assert_about(uint64_t n, uint64_t expected, unsigned percent);

/* assert_fair - of the first n none has moved over a tenth more than another.
 */
void assert_fair(int n);

#endif
