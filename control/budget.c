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

enum refusal
budget_take_stream(
    struct budget *b, const struct config *config, struct budget_payer *payer)
{
	enum refusal why;

	assert(!payer->has_stream);
	if (b->n_streams >= config->max_control_streams)
		return REFUSAL_LIMIT_STREAMS;
	why = take(&b->streams, &payer->source,
	    config->max_control_streams_per_source,
	    REFUSAL_LIMIT_STREAMS_SOURCE);
	if (why != REFUSAL_NONE)
		return why;
	b->n_streams++;
	payer->has_stream = true;
	return REFUSAL_NONE;
}

enum refusal
budget_take_handshake(struct budget *b, const struct config *config,
    struct budget_payer *payer, size_t n_nodes)
{
	uint32_t all = config->max_handshakes;
	uint32_t of_node = n_nodes > 1 ? all / 2 + all % 2 : all;
	enum refusal why;

	assert(!payer->has_handshake);
	if (b->n_handshakes >= all)
		return REFUSAL_LIMIT_HANDSHAKES;
	why = take(
	    &b->nodes, &payer->node, of_node, REFUSAL_LIMIT_HANDSHAKES_NODE);
	if (why != REFUSAL_NONE)
		return why;
	why = take(&b->handshakes, &payer->source,
	    config->max_handshakes_per_source, REFUSAL_LIMIT_HANDSHAKES_SOURCE);
	if (why != REFUSAL_NONE) {
		tally_give(&b->nodes, &payer->node);
		return why;
	}
	b->n_handshakes++;
	payer->has_handshake = true;
	return REFUSAL_NONE;
}

void
budget_give_stream(struct budget *b, struct budget_payer *payer)
{
	if (!payer->has_stream)
		return;
	payer->has_stream = false;
	b->n_streams--;
	tally_give(&b->streams, &payer->source);
}

void
budget_give_handshake(struct budget *b, struct budget_payer *payer)
{
	if (!payer->has_handshake)
		return;
	payer->has_handshake = false;
	b->n_handshakes--;
	tally_give(&b->nodes, &payer->node);
	tally_give(&b->handshakes, &payer->source);
}
