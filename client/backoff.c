#include "client/backoff.h"

void
backoff_reset(struct backoff *b)
{
	b->next_ms = BACKOFF_FIRST_MS;
}

void
backoff_limit(struct backoff *b, uint32_t max_ms)
{
	if (b->next_ms > max_ms)
		b->next_ms = max_ms;
}

uint32_t
backoff_next_ms(struct backoff *b, uint64_t random)
{
	uint32_t half = b->next_ms / 2;
	uint32_t wait = b->next_ms - (uint32_t)(random % (half + 1));

	b->next_ms += half;
	if (b->next_ms > BACKOFF_CAP_MS)
		b->next_ms = BACKOFF_CAP_MS;
	return wait;
}
