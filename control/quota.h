/*
 * quota - what one client may have others cost: calls pending and pairs
 * spliced, shared fairly by the sources that call, and notices by the second.
 * Each place that is taken is given back exactly once, by who took it.
 */
#ifndef CONTROL_QUOTA_H
#define CONTROL_QUOTA_H

#include <stdint.h>

#include "common/rate.h"
#include "common/tally.h"
#include "control/config.h"
#include "control/counters.h"
#include "proto/addr.h"

struct quota {
	uint32_t n_pending;
	uint32_t n_paired;
	struct tally sources; /* pending of each source network */
	struct rate notices;
};

/* quota_init - nothing is taken. Returns 0; -1 with errno. */
int quota_init(struct quota *q, const struct config *config, uint64_t now_ms);
void quota_fini(struct quota *q);

/* quota_source_share - pending calls that one source network may have at a
 * client: a quarter of max_relays_per_client, at least 1. */
uint32_t quota_source_share(const struct config *config);

/*
 * quota_take - room for one more pending call from source (addr_source), and
 * for the notice of it.
 *
 * Returns  REFUSAL_NONE; the limit that was hit, and nothing is taken.
 */
enum refusal quota_take(struct quota *q, const struct config *config,
    const struct addr *source, uint64_t now_ms);

/* quota_give - a pending call of source is over. */
void quota_give(struct quota *q, const struct addr *source);

/* quota_pair - a pending call of source has become a pair. */
void quota_pair(struct quota *q, const struct addr *source);

/* quota_adopt - a pair of an earlier control counts as well, even beyond the
 * limit: it is there. */
void quota_adopt(struct quota *q);

/* quota_give_pair - a pair is over. */
void quota_give_pair(struct quota *q);

#endif
