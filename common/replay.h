/*
 * replay - which numbers of a counter have come before: a window, since tcp
 * links can reorder across a reconnect (RFC 6479 has the idea).
 */
#ifndef COMMON_REPLAY_H
#define COMMON_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_WINDOW 1024 /* numbers; how late one may come */

/* Zeros: none has come. */
struct replay {
	uint64_t newest;
	uint64_t seen[REPLAY_WINDOW / 64]; /* a bit each, by n modulo window */
};

/* replay_is_new - whether n, from 1, has not come and is not so late that
 * this can't be told any more. */
bool replay_is_new(const struct replay *r, uint64_t n);

/* replay_take - n has come; it is new. */
void replay_take(struct replay *r, uint64_t n);

#endif
