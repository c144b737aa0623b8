#include "control/early.h"

#include <assert.h>

#include "control/control.h"

int
early_init(struct early *e)
{
	e->until_ms = 0;
	e->n = 0;
	return tally_init(&e->sources, sizeof(struct addr), EARLY_MAX);
}

void
early_fini(struct early *e)
{
	tally_fini(&e->sources);
}

void
early_expect(struct control *c)
{
	c->early.until_ms = loop_now_ms(c->loop) + EARLY_MS;
}

uint64_t
early_left_ms(const struct control *c)
{
	uint64_t now_ms = loop_now_ms(c->loop);

	return c->early.until_ms > now_ms ? c->early.until_ms - now_ms : 0;
}

int
early_take(struct early *e, const struct addr *source)
{
	if (e->n >= EARLY_MAX ||
	    tally_take(&e->sources, source, EARLY_SOURCE_MAX) != 0)
		return -1;
	e->n++;
	return 0;
}

void
early_give(struct early *e, const struct addr *source)
{
	assert(e->n > 0);
	e->n--;
	tally_give(&e->sources, source);
}
