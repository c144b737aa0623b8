#include "control/budget.h"

#include <assert.h>
#include <errno.h>

int
budget_init(struct budget *b, const struct config *config)
{
	b->n_streams = b->n_handshakes = 0;
	if (tally_init(&b->streams, sizeof(struct addr),
		config->max_control_streams) != 0)
		return -1;
	if (tally_init(&b->handshakes, sizeof(struct addr),
		config->max_handshakes) != 0) {
		tally_fini(&b->streams);
		return -1;
	}
	return 0;
}

void
budget_fini(struct budget *b)
{
	tally_fini(&b->streams);
	tally_fini(&b->handshakes);
}

static enum refusal
take(struct tally *t, const struct addr *source, uint32_t limit,
    enum refusal at_limit)
{
	if (tally_take(t, source, limit) == 0)
		return REFUSAL_NONE;
	return errno == EDQUOT ? at_limit : REFUSAL_RESOURCES;
}

enum refusal
budget_take(
    struct budget *b, const struct config *config, const struct addr *source)
{
	enum refusal why;

	if (b->n_streams >= config->max_control_streams)
		return REFUSAL_LIMIT_STREAMS;
	if (b->n_handshakes >= config->max_handshakes)
		return REFUSAL_LIMIT_HANDSHAKES;
	why = take(&b->streams, source, config->max_control_streams_per_source,
	    REFUSAL_LIMIT_STREAMS_SOURCE);
	if (why != REFUSAL_NONE)
		return why;
	why = take(&b->handshakes, source, config->max_handshakes_per_source,
	    REFUSAL_LIMIT_HANDSHAKES_SOURCE);
	if (why != REFUSAL_NONE) {
		tally_give(&b->streams, source);
		return why;
	}
	b->n_streams++;
	b->n_handshakes++;
	return REFUSAL_NONE;
}

void
budget_handshake_done(struct budget *b, const struct addr *source)
{
	assert(b->n_handshakes > 0);
	b->n_handshakes--;
	tally_give(&b->handshakes, source);
}

void
budget_give(struct budget *b, const struct addr *source, bool in_handshake)
{
	assert(b->n_streams > 0);
	b->n_streams--;
	tally_give(&b->streams, source);
	if (in_handshake)
		budget_handshake_done(b, source);
}
