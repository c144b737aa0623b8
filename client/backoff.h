/*
 * backoff - how long to wait before the next attempt: growing, bounded, and
 * jittered so that the clients of a relay that restarts do not all come back
 * in the same moment.
 */
#ifndef CLIENT_BACKOFF_H
#define CLIENT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 250   /* ms before the second attempt */
#define BACKOFF_CAP_MS	 10000 /* ms, the longest wait */

struct backoff {
	uint32_t next_ms; /* the wait before its jitter */
};

/* backoff_reset - the next wait is a short one. */
void backoff_reset(struct backoff *b);

/* backoff_limit - the next wait is max_ms at most; growth goes on from there.
 */
void backoff_limit(struct backoff *b, uint32_t max_ms);

/*
 * backoff_next_ms - the wait before the next attempt; each is half as long
 * again as the one before. A slow growth: a relay that was away for 10 s is
 * found again within 5.
 *
 * random   any number; chooses between half of the wait and the whole.
 * Returns  ms, BACKOFF_FIRST_MS / 2..BACKOFF_CAP_MS.
 */
uint32_t backoff_next_ms(struct backoff *b, uint64_t random);

#endif
