#include "control/budget.h"

#include <assert.h>
#include <errno.h>

int
budget_init(struct budget *b, const struct config *config)
{
	const size_t source = sizeof(struct addr), node = sizeof(uint64_t);
	uint32_t streams = config->max_control_streams;
	uint32_t handshakes = config->max_handshakes;

	*b = (struct budget){0};
	if (tally_init(&b->streams, source, streams) != 0)
		return -1;
	if (tally_init(&b->streams_node, node, streams) != 0)
		goto fail_streams;
	if (tally_init(&b->handshakes, source, handshakes) != 0)
		goto fail_streams_node;
	if (tally_init(&b->handshakes_node, node, handshakes) != 0)
		goto fail_handshakes;
	return 0;
fail_handshakes:
	tally_fini(&b->handshakes);
fail_streams_node:
	tally_fini(&b->streams_node);
fail_streams:
	tally_fini(&b->streams);
	return -1;
}

void
budget_fini(struct budget *b)
{
	tally_fini(&b->streams);
	tally_fini(&b->streams_node);
	tally_fini(&b->handshakes);
	tally_fini(&b->handshakes_node);
}

static uint32_t
of_one_node(uint32_t all, size_t n_nodes)
{
	return n_nodes > 1 ? all / 2 + all % 2 : all;
}

static enum refusal
take(struct tally *t, const void *key, uint32_t limit, enum refusal at_limit)
{
	if (tally_take(t, key, limit) == 0)
		return REFUSAL_NONE;
	return errno == EDQUOT ? at_limit : REFUSAL_RESOURCES;
}

enum refusal
budget_take_stream(struct budget *b, const struct config *config,
    struct budget_payer *payer, size_t n_nodes)
{
	uint32_t all = config->max_control_streams;
	enum refusal why;

	assert(!payer->has_stream);
	if (b->n_streams >= all)
		return REFUSAL_LIMIT_STREAMS;
	why = take(&b->streams_node, &payer->node, of_one_node(all, n_nodes),
	    REFUSAL_LIMIT_STREAMS_NODE);
	if (why != REFUSAL_NONE)
		return why;
	why = take(&b->streams, &payer->source,
	    config->max_control_streams_per_source,
	    REFUSAL_LIMIT_STREAMS_SOURCE);
	if (why != REFUSAL_NONE) {
		tally_give(&b->streams_node, &payer->node);
		return why;
	}
	b->n_streams++;
	payer->has_stream = true;
	return REFUSAL_NONE;
}

enum refusal
budget_take_handshake(struct budget *b, const struct config *config,
    struct budget_payer *payer, size_t n_nodes)
{
	uint32_t all = config->max_handshakes;
	enum refusal why;

	assert(!payer->has_handshake);
	if (b->n_handshakes >= all)
		return REFUSAL_LIMIT_HANDSHAKES;
	why = take(&b->handshakes_node, &payer->node, of_one_node(all, n_nodes),
	    REFUSAL_LIMIT_HANDSHAKES_NODE);
	if (why != REFUSAL_NONE)
		return why;
	why = take(&b->handshakes, &payer->source,
	    config->max_handshakes_per_source, REFUSAL_LIMIT_HANDSHAKES_SOURCE);
	if (why != REFUSAL_NONE) {
		tally_give(&b->handshakes_node, &payer->node);
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
	tally_give(&b->streams_node, &payer->node);
	tally_give(&b->streams, &payer->source);
}

void
budget_give_handshake(struct budget *b, struct budget_payer *payer)
{
	if (!payer->has_handshake)
		return;
	payer->has_handshake = false;
	b->n_handshakes--;
	tally_give(&b->handshakes_node, &payer->node);
	tally_give(&b->handshakes, &payer->source);
}
