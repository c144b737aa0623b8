/*
 * share - how much a pair may move now: its turns in the rates it draws from.
 *
 * A rate is kept by a bucket, which is one pair's, or that of all pairs which
 * name its group, whichever worker pumps them. It knows when its next turn
 * begins. A pair with something to move takes that turn: some bytes, and so
 * much time as they take at this rate. It may move them once the turn has
 * begun, and takes another when they are moved. So pairs stand in line without
 * a lock, and none has a second turn before the others have had theirs;
 * whoever is late by less than a turn loses nothing, nor, alone, by less than
 * SHARE_BURST_MS.
 *
 * What of a turn is not used is given back. Time in which nobody takes a turn
 * is given later, as far back as SHARE_BURST_MS.
 */
#ifndef DATAPLANE_SHARE_H
#define DATAPLANE_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/table.h"
#include "proto/ipc.h"

/* What a quiet time gains. Little, since whoever comes first has it alone, and
 * that must not spoil the shares of the seconds after; and enough for a worker
 * that is late time and again. */
#define SHARE_BURST_MS 100
#define SHARE_TURNS    50 /* a turn is at most so much of a second */

/* Bytes that are worth the system calls of a turn: it is not made shorter for
 * others' sake. */
#define SHARE_TURN_MIN 4096

/* How many stand in line with whole turns. If there are more, turns are so much
 * shorter that the line is not: nobody waits longer than 200 ms, as far as the
 * least turn allows. */
#define SHARE_WHOLE_TURNS 10

/* How long a pair may keep a turn without moving a byte. */
#define SHARE_KEEP_MS 20

/* The buckets of groups. Main thread. */
struct shares {
	struct table by_group;
};

struct bucket {
	_Atomic uint64_t next_ns;     /* when the next turn begins */
	_Atomic uint64_t n_turns;     /* taken, and not used up yet */
	_Atomic uint64_t bytes_per_s; /* 1..IPC_RATE_MAX */
	/* main thread */
	struct shares *listed_in; /* NULL: a pair's own */
	uint64_t group;
	uint32_t n_pairs;
};

/* What a pair has of one bucket. */
struct turn {
	struct bucket *bucket;
	uint64_t begins_ns;
	uint64_t ns;	/* how long it is */
	uint64_t bytes; /* how much, at first */
	uint64_t left;	/* of the bytes; 0 = it has no turn */
	uint64_t want;	/* bytes to ask for the next time */
};

/* Of one pair; its worker's, but for share_init and share_fini. */
struct share {
	size_t n; /* 0: no limit */
	struct turn turns[IPC_RATES_MAX];
};

/* shares_init - no groups; max at once. Returns 0; -1 with errno. */
int shares_init(struct shares *all, size_t max);

/* shares_fini - after the last share. */
void shares_fini(struct shares *all);

/*
 * share_init - what a pair with these limits may move. The rates of groups
 * that are there already become what is told here. Main thread.
 *
 * all      borrowed until share_fini.
 * limits   rates in their range, each group once.
 * Returns  0; -1 with errno: no memory, ENOSPC: too many groups. Then there
 *          is nothing to free.
 */
int share_init(struct share *s, struct shares *all,
    const struct ipc_limits *limits, uint64_t now_ms);

/* share_fini - give back what it has; a group ends with its last pair. Main
 * thread; a zeroed share is fine. */
void share_fini(struct share *s);

/*
 * share_allowance - how many bytes may be moved now; asking is standing in
 * line.
 *
 * s        with a limit.
 * Returns  bytes; 0: its turn has not come, ask again in share_wait_ms.
 */
uint64_t share_allowance(struct share *s, uint64_t now_ms);

/* share_wait_ms - until all turns that s has taken have begun. */
uint64_t share_wait_ms(const struct share *s, uint64_t now_ms);

/* share_spend - n bytes were moved, of what share_allowance has said. */
void share_spend(struct share *s, uint64_t n);

/* share_holds - whether there is something to give back. */
bool share_holds(const struct share *s);

/* share_give_back - nothing is to be moved for now. */
void share_give_back(struct share *s);

#endif
