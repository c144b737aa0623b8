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
		config->max_handshakes) != 0)
		goto fail_streams;
	if (tally_init(&b->nodes, sizeof(uint64_t), config->max_handshakes) !=
	    0)
		goto fail_handshakes;
	return 0;
fail_handshakes:
	tally_fini(&b->handshakes);
fail_streams:
	tally_fini(&b->streams);
	return -1;
}

void
budget_fini(struct budget *b)
{
	tally_fini(&b->streams);
	tally_fini(&b->handshakes);
	tally_fini(&b->nodes);
}

static enum refusal
take(struct tally *t, const void *key, uint32_t limit, enum refusal at_limit)
{
	if (tally_take(t, key, limit) == 0)
		return REFUSAL_NONE;
	return errno == EDQUOT ? at_limit : REFUSAL_RESOURCES;
}

static enum refusal
take_handshake(struct budget *b, const struct config *config,
    const struct budget_payer *payer, size_t n_nodes)
{
	uint32_t all = config->max_handshakes;
	uint32_t of_node = n_nodes > 1 ? all / 2 + all % 2 : all;
	enum refusal why;

	if (b->n_handshakes >= all)
		return REFUSAL_LIMIT_HANDSHAKES;
	why = take(
	    &b->nodes, &payer->node, of_node, REFUSAL_LIMIT_HANDSHAKES_NODE);
	if (why != REFUSAL_NONE)
		return why;
	why = take(&b->handshakes, &payer->source,
	    config->max_handshakes_per_source, REFUSAL_LIMIT_HANDSHAKES_SOURCE);
	if (why != REFUSAL_NONE)
		tally_give(&b->nodes, &payer->node);
	else
		b->n_handshakes++;
	return why;
}

enum refusal
budget_take(struct budget *b, const struct config *config,
    const struct budget_payer *payer, size_t n_nodes)
{
	enum refusal why;

	if (b->n_streams >= config->max_control_streams)
		return REFUSAL_LIMIT_STREAMS;
	why = take(&b->streams, &payer->source,
	    config->max_control_streams_per_source,
	    REFUSAL_LIMIT_STREAMS_SOURCE);
	if (why != REFUSAL_NONE)
		return why;
	why = take_handshake(b, config, payer, n_nodes);
	if (why != REFUSAL_NONE)
		tally_give(&b->streams, &payer->source);
	else
		b->n_streams++;
	return why;
}

void
budget_handshake_done(struct budget *b, const struct budget_payer *payer)
{
	assert(b->n_handshakes > 0);
	b->n_handshakes--;
	tally_give(&b->nodes, &payer->node);
	tally_give(&b->handshakes, &payer->source);
}

void
budget_give(
    struct budget *b, const struct budget_payer *payer, bool in_handshake)
{
	assert(b->n_streams > 0);
	b->n_streams--;
	tally_give(&b->streams, &payer->source);
	if (in_handshake)
		budget_handshake_done(b, payer);
}
