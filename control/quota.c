#include "control/quota.h"

#include <assert.h>

int
quota_init(struct quota *q, const struct config *config, uint64_t now_ms)
{
	q->n_paired = 0;
	rate_init(&q->notices, config->max_notices_per_s,
	    config->max_notices_burst, now_ms);
	return callers_init(&q->callers, config);
}

void
quota_fini(struct quota *q)
{
	callers_fini(&q->callers);
}

static bool
is_full(const struct quota *q, const struct config *config)
{
	return q->callers.n_pending + q->n_paired >=
	       config->max_relays_per_client;
}

enum refusal
quota_refuses(const struct quota *q, const struct config *config,
    const struct addr *source)
{
	uint32_t max = config->max_relays_per_client;

	if (is_full(q, config))
		return REFUSAL_LIMIT_CLIENT;
	if (q->callers.n_waiting >= CALLERS_WAITING_FACTOR * max)
		return REFUSAL_LIMIT_WAITING;
	if (callers_n_waiting(&q->callers, source) >= max)
		return REFUSAL_LIMIT_WAITING_SOURCE;
	return REFUSAL_NONE;
}

struct call *
quota_next(struct quota *q, const struct config *config, uint64_t now_ms,
    uint64_t *wait_ms)
{
	struct call *call = callers_next(&q->callers);

	*wait_ms = 0;
	if (call == NULL || is_full(q, config))
		return NULL;
	*wait_ms = rate_wait_ms(&q->notices, 1, now_ms);
	return *wait_ms == 0 ? call : NULL;
}

void
quota_announce(struct quota *q, struct call *call)
{
	rate_take(&q->notices, 1);
	callers_announce(&q->callers, call);
}

struct caller *
quota_pair(struct quota *q, struct call *call)
{
	q->n_paired++;
	return callers_pair(&q->callers, call);
}

void
quota_adopt(struct quota *q)
{
	q->n_paired++;
}

void
quota_give_pair(struct quota *q, struct caller *caller)
{
	assert(q->n_paired > 0);
	q->n_paired--;
	if (caller != NULL)
		callers_give_pair(&q->callers, caller);
}

bool
quota_is_idle(const struct quota *q)
{
	return q->callers.n_pending + q->callers.n_waiting + q->n_paired == 0;
}
