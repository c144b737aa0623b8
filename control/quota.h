/*
 * quota - what one client may have others cost: calls pending and pairs
 * spliced, shared fairly by the sources that call, and notices by the second.
 * A call beyond these waits; only where too many wait is it turned away.
 * Each place that is taken is given back exactly once, by who took it.
 */
#ifndef CONTROL_QUOTA_H
#define CONTROL_QUOTA_H

#include <stdint.h>

#include "common/rate.h"
#include "control/callers.h"
#include "control/config.h"
#include "control/counters.h"
#include "proto/addr.h"

struct call;

struct quota {
	struct callers callers; /* pending and waiting calls */
	uint32_t n_paired;
	struct rate notices;
};

/* quota_init - nothing is taken. Returns 0; -1 with errno. */
int quota_init(struct quota *q, const struct config *config, uint64_t now_ms);
void quota_fini(struct quota *q);

/* quota_refuses - whether a newcomer from source (addr_source) can't even
 * wait: all places of the client are taken, or too many wait.
 * Returns REFUSAL_NONE; the limit that is hit. */
enum refusal quota_refuses(const struct quota *q, const struct config *config,
    const struct addr *source);

/*
 * quota_next - the waiting call that may be announced now, borrowed.
 *
 * wait_ms  out, if NULL is returned: ms until there may be one; 0: not before
 *          a call or a pair is over.
 * Returns  NULL: none waits, or there is no place for it, or no notice.
 */
struct call *quota_next(struct quota *q, const struct config *config,
    uint64_t now_ms, uint64_t *wait_ms);

/* quota_announce - quota_next's call is announced: it is pending, and a
 * notice is spent. */
void quota_announce(struct quota *q, struct call *call);

/* quota_pair - call, a pending one, has become a pair. Returns whose, for
 * quota_give_pair. */
struct caller *quota_pair(struct quota *q, struct call *call);

/* quota_adopt - a pair of an earlier control counts as well, even beyond the
 * limit: it is there. */
void quota_adopt(struct quota *q);

/* quota_give_pair - a pair is over. caller: whose; NULL for an adopted one,
 * since its tag does not say from where it came. */
void quota_give_pair(struct quota *q, struct caller *caller);

/* quota_is_idle - no call, no pair. */
bool quota_is_idle(const struct quota *q);

#endif
