/* What a node's list says of its pairs, and what its absence leaves open. */
#include "control/control.h"
#include "control/pairs.h"
#include "control/pairs_private.h"

/* It has had them since before its newest beat. */
static uint32_t
adopted_max(const struct node *node)
{
	return node->has_beat && node->beat_pairs < PAIRS_ADOPTED_PER_NODE_MAX
		   ? node->beat_pairs
		   : PAIRS_ADOPTED_PER_NODE_MAX;
}

/* A pair of an earlier control. */
static void
adopt(struct control *c, struct node *node, const uint8_t *tag)
{
	struct pair *p = NULL;

	if (!tag_is_possible(tag)) {
		c->counters.events_dropped[EVENT_DROP_TAG_BAD]++;
		return;
	}
	if (node->n_adopted < adopted_max(node))
		p = pair_add(c, node, tag);
	if (p == NULL) {
		c->counters.events_dropped[EVENT_DROP_PAIR_LIMIT]++;
		return;
	}
	p->is_adopted = true;
	node->n_adopted++;
	if (tag[TAG_KIND] == PAIR_CALL)
		p->client =
		    client_charge_pair(c, tag[TAG_FRONTEND], tag + TAG_PREFIX);
	c->counters.counts[COUNT_PAIRS_ADOPTED]++;
}

static void
take_tag(struct control *c, struct node *node, const uint8_t *tag)
{
	struct pair *p = table_find(&c->pairs.by_tag, tag);

	if (p == NULL) {
		adopt(c, node, tag);
	} else if (p->node == node) {
		p->ask = node->ask;
		pair_set_unknown(c, p, false);
	} else {
		c->counters.events_dropped[EVENT_DROP_TAG_UNKNOWN]++;
	}
}

struct sweep {
	struct control *control;
	const struct node *node;
	bool all; /* else only what the newest list did not name */
};

static void
sweep_one(void *arg, const void *key, void *value)
{
	const struct sweep *s = arg;
	struct pair *p = value;

	(void)key;
	if (p->node != s->node || (!s->all && p->ask == p->node->ask))
		return;
	s->control->counters.counts[COUNT_PAIRS_MISSING]++;
	pair_log_unheard(tag_is_hop(p->tag) ? log_debug : log_info, s->control,
	    p, "unknown");
	pair_free(s->control, p);
}

void
pairs_list(struct control *c, struct node *node, const struct ipc_pair_list *m)
{
	struct sweep s = {.control = c, .node = node};

	if (m->ask != node->ask) {
		c->counters.events_dropped[EVENT_DROP_LIST_OLD]++;
		return;
	}
	for (size_t i = 0; i < m->n_tags; i++)
		take_tag(c, node, m->tags + i * IPC_TAG_LEN);
	if ((m->flags & IPC_PAIR_LIST_LAST) != 0)
		table_each(&c->pairs.by_tag, sweep_one, &s);
}

static void
lose_one(void *arg, const void *key, void *value)
{
	const struct sweep *s = arg;
	struct pair *p = value;

	(void)key;
	if (p->node == s->node)
		pair_set_unknown(s->control, p, true);
}

void
pairs_lose(struct control *c, struct node *node)
{
	struct sweep s = {.control = c, .node = node};

	if (node->n_pairs > 0)
		table_each(&c->pairs.by_tag, lose_one, &s);
}

void
pairs_forget(struct control *c, struct node *node)
{
	struct sweep s = {.control = c, .node = node, .all = true};

	table_each(&c->pairs.by_tag, sweep_one, &s);
}
