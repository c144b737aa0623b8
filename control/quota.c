#include "control/quota.h"

#include <assert.h>
#include <errno.h>

int
quota_init(struct quota *q, const struct config *config, uint64_t now_ms)
{
	q->n_pending = q->n_paired = 0;
	rate_init(&q->notices, config->max_notices_per_s,
	    config->max_notices_burst, now_ms);
	return tally_init(
	    &q->sources, sizeof(struct addr), config->max_relays_per_client);
}

void
quota_fini(struct quota *q)
{
	tally_fini(&q->sources);
}

uint32_t
quota_source_share(const struct config *config)
{
	enum { SHARE = 4 };

	return config->max_relays_per_client < SHARE
		   ? 1
		   : config->max_relays_per_client / SHARE;
}

enum refusal
quota_take(struct quota *q, const struct config *config,
    const struct addr *source, uint64_t now_ms)
{
	if (q->n_pending + q->n_paired >= config->max_relays_per_client)
		return REFUSAL_LIMIT_CLIENT;
	if (rate_available(&q->notices, now_ms) == 0)
		return REFUSAL_LIMIT_NOTICES;
	if (tally_take(&q->sources, source, quota_source_share(config)) != 0)
		return errno == EDQUOT ? REFUSAL_LIMIT_CLIENT_SOURCE
				       : REFUSAL_RESOURCES;
	rate_take(&q->notices, 1);
	q->n_pending++;
	return REFUSAL_NONE;
}

void
quota_give(struct quota *q, const struct addr *source)
{
	assert(q->n_pending > 0);
	q->n_pending--;
	tally_give(&q->sources, source);
}

void
quota_pair(struct quota *q, const struct addr *source)
{
	quota_give(q, source);
	q->n_paired++;
}

void
quota_adopt(struct quota *q)
{
	q->n_paired++;
}

void
quota_give_pair(struct quota *q)
{
	assert(q->n_paired > 0);
	q->n_paired--;
}
