/*
 * refuse - turning a newcomer away: counted by reason; logged, and closed
 * with care, only as long as his source does not come too often.
 */
#ifndef CONTROL_REFUSE_H
#define CONTROL_REFUSE_H

#include <stdint.h>

#include "common/rate.h"
#include "control/counters.h"

struct arrival;
struct control;
struct stream;

/* Sources share buckets by a keyed hash: constant memory for any number of
 * them, and nobody can choose whose bucket he empties. */
enum { REFUSALS_BUCKETS = 1024 };
enum { REFUSALS_PER_S = 4, REFUSALS_BURST = 16 }; /* of one bucket */

struct refusals {
	uint64_t hash_key[2];
	struct rate buckets[REFUSALS_BUCKETS];
};

/* refusals_init - all buckets full at now_ms. Returns 0; -1 with errno. */
int refusals_init(struct refusals *r, uint64_t now_ms);

/*
 * refuse - turn a away.
 *
 * a    freed; its owner, if it has one, is not called.
 * Does a log record that names the keys of control.yml to change, if there
 *      are any, and an orderly close without a byte; beyond the rate of its source a
 *      reset, which costs the node nothing, and no log record.
 */
void refuse(struct control *c, struct arrival *a, enum refusal why);

/* refuse_wish - a client on a control stream wants what it does not get: count
 * and log that as of a newcomer. What it is told is its frontend's. */
void refuse_wish(const struct stream *stream, enum refusal why);

#endif
