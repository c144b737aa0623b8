#include "control/pairs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/secret.h"
#include "control/control.h"
#include "control/node_send.h"
#include "control/pairs_private.h"

int
pairs_init(struct pairs *ps)
{
	memset(ps, 0, sizeof *ps);
	ps->serial = ps->first_serial = secret_random_u64();
	rate_init(&ps->records, PAIRS_RECORDS_PER_S, PAIRS_RECORDS_BURST, 0);
	if (ps->serial == 0)
		return -1;
	return table_init(&ps->by_tag, IPC_TAG_LEN, PAIRS_MAX);
}

static void
free_one(void *arg, const void *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

void
pairs_fini(struct pairs *ps)
{
	table_each(&ps->by_tag, free_one, NULL);
	table_fini(&ps->by_tag);
}

static uint32_t *
gauge(struct control *c, const struct pair *p)
{
	switch ((enum pair_kind)p->tag[TAG_KIND]) {
	case PAIR_CALL:
		return &c->pairs.n_calls;
	case PAIR_HOP:
		return &c->pairs.n_hops;
	case PAIR_STREAM:
		break;
	}
	return &c->pairs.n_streams;
}

struct pair *
pair_add(struct control *c, struct node *node, const uint8_t tag[IPC_TAG_LEN])
{
	struct pair *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	memcpy(p->tag, tag, sizeof p->tag);
	p->node = node;
	p->since_ms = loop_now_ms(c->loop);
	p->ask = node->ask;
	if (table_put(&c->pairs.by_tag, p->tag, p) != 0) {
		free(p);
		return NULL;
	}
	node->n_pairs++;
	++*gauge(c, p);
	return p;
}

void
pair_set_unknown(struct control *c, struct pair *p, bool is_unknown)
{
	if (p->is_unknown == is_unknown)
		return;
	p->is_unknown = is_unknown;
	p->node->n_unknown += is_unknown ? 1 : UINT32_MAX;
	c->pairs.n_unknown += is_unknown ? 1 : UINT32_MAX;
	if (p->client != NULL)
		p->client->n_unknown += is_unknown ? 1 : UINT32_MAX;
}

void
pair_free(struct control *c, struct pair *p)
{
	pair_set_unknown(c, p, false);
	p->node->n_pairs--;
	p->node->n_adopted -= p->is_adopted;
	--*gauge(c, p);
	(void)table_remove(&c->pairs.by_tag, p->tag);
	if (p->client != NULL)
		client_give_pair(c, p->client, p->caller);
	if (p->stream != NULL)
		stream_pair_over(p->stream);
	if (p->call != NULL)
		p->call->hop = NULL;
	free(p);
}

struct pair *
pair_new_call(struct control *c, struct node *node, uint8_t frontend,
    struct client *client)
{
	uint8_t tag[IPC_TAG_LEN];
	struct pair *p;

	tag_make(tag, PAIR_CALL, frontend, ++c->pairs.serial, client->digest);
	p = pair_add(c, node, tag);
	if (p == NULL)
		return NULL;
	p->client = client;
	c->counters.counts[COUNT_PAIRS]++;
	return p;
}

struct pair *
pair_new_stream(struct control *c, struct node *node, uint8_t frontend,
    struct stream *stream)
{
	static const uint8_t NOBODY_YET[PAIR_PREFIX_LEN];
	uint8_t tag[IPC_TAG_LEN];
	struct pair *p;

	tag_make(tag, PAIR_STREAM, frontend, ++c->pairs.serial, NOBODY_YET);
	p = pair_add(c, node, tag);
	if (p == NULL)
		return NULL;
	p->stream = stream;
	c->counters.counts[COUNT_PAIRS]++;
	return p;
}

struct pair *
pair_new_hop(struct control *c, struct node *node, struct call *call)
{
	uint8_t tag[IPC_TAG_LEN];
	struct pair *p;

	tag_make(tag, PAIR_HOP, call->frontend->number, ++c->pairs.serial,
	    call->client->digest);
	p = pair_add(c, node, tag);
	if (p == NULL)
		return NULL;
	p->call = call;
	c->counters.counts[COUNT_HOPS]++;
	return p;
}

/* What a tag says is all that is needed: the pair may be an earlier
 * control's. */
static void
log_end(pair_log_fn *log, const struct node *node, const uint8_t *tag,
    const struct ipc_pair_ended *m, const char *reason)
{
	bool has_client = tag[TAG_KIND] != PAIR_STREAM;
	uint8_t frontend = tag[TAG_FRONTEND];

	log("pair-ended",
	    "pair=%016llx kind=%s frontend=%s node=%s client=%s "
	    "reason=%s ms=%llu bytes_ab=%llu bytes_ba=%llu",
	    (unsigned long long)tag_serial(tag), tag_kind_name(tag),
	    frontend_name(frontend), node->name,
	    has_client ? frontend_log_client(
			     frontend, tag + TAG_PREFIX, PAIR_PREFIX_LEN)
			     .s
		       : "-",
	    reason, (unsigned long long)m->ms, (unsigned long long)m->bytes_ab,
	    (unsigned long long)m->bytes_ba);
}

void
pair_log_unheard(pair_log_fn *log, struct control *c, const struct pair *p,
    const char *reason)
{
	const struct ipc_pair_ended m = {
	    .ms = loop_now_ms(c->loop) - p->since_ms};

	log_end(log, p->node, p->tag, &m, reason);
}

/* The pair that node names by tag; NULL if it is unknown or another node's. */
static struct pair *
find_of(struct control *c, const struct node *node, const uint8_t *tag)
{
	struct pair *p = table_find(&c->pairs.by_tag, tag);

	if (p != NULL && p->node == node)
		return p;
	c->counters.events_dropped[EVENT_DROP_TAG_UNKNOWN]++;
	return NULL;
}

void
pair_refused(
    struct control *c, struct node *node, const struct ipc_pair_refused *m)
{
	struct pair *p = find_of(c, node, m->tag);
	struct stream *stream;
	struct call *call;

	if (p == NULL)
		return;
	if (!tag_is_hop(p->tag))
		c->counters.pairs_ended[m->reason]++;
	pair_log_unheard(log_info, c, p, reason_name(m->reason));
	stream = p->stream;
	call = p->call;
	pair_free(c, p);
	if (stream != NULL)
		stream_end(stream, STREAM_END_REFUSED);
	if (call != NULL)
		call_end(c, call, CALL_END_NOT_JOINED);
}

/* Made by this control: what is known no more has had its record. */
static bool
is_own(const struct pairs *ps, const uint8_t *tag)
{
	return tag_serial(tag) - ps->first_serial - 1 <
	       ps->serial - ps->first_serial;
}

/* A pair of an earlier control that ended while nobody was there to hear of
 * it: no list will name it, and this is its record. */
static bool
is_inherited(const struct control *c, const uint8_t *tag)
{
	return table_find(&c->pairs.by_tag, tag) == NULL &&
	       tag_is_possible(tag) && !is_own(&c->pairs, tag);
}

static void
log_inherited(
    struct control *c, const struct node *node, const struct ipc_pair_ended *m)
{
	struct rate *records = &c->pairs.records;
	bool has_room = rate_available(records, loop_now_ms(c->loop)) > 0;

	if (has_room)
		rate_take(records, 1);
	log_end(has_room ? log_info : log_debug, node, m->tag, m,
	    reason_name(m->reason));
}

/* The other half's end is counted and recorded, and this one follows. */
static void
hop_ended(struct control *c, struct node *node, const struct ipc_pair_ended *m)
{
	bool inherited = is_inherited(c, m->tag);
	struct pair *p = inherited ? NULL : find_of(c, node, m->tag);
	struct call *call;

	log_end(log_debug, node, m->tag, m, reason_name(m->reason));
	if (p == NULL)
		return;
	call = p->call;
	pair_free(c, p);
	if (call != NULL)
		call_end(c, call, CALL_END_NOT_JOINED);
}

static void
counted_ended(
    struct control *c, struct node *node, const struct ipc_pair_ended *m)
{
	bool inherited = is_inherited(c, m->tag);
	struct pair *p = inherited ? NULL : find_of(c, node, m->tag);

	c->counters.pairs_ended[m->reason]++;
	c->counters.counts[COUNT_BYTES] += m->bytes_ab + m->bytes_ba;
	if (inherited)
		log_inherited(c, node, m);
	if (inherited && m->tag[TAG_KIND] == PAIR_STREAM)
		early_expect(c);
	if (p == NULL)
		return;
	log_end(log_info, node, m->tag, m, reason_name(m->reason));
	if (p->client != NULL)
		p->client->bytes += m->bytes_ab + m->bytes_ba;
	pair_free(c, p);
}

void
pair_ask(struct control *c, const struct pair *p)
{
	node_send_pair_ask(c, p->node, p->tag);
}

void
pair_heard(struct control *c, struct node *node, const struct ipc_pair_heard *m)
{
	struct pair *p = find_of(c, node, m->tag);

	if (p != NULL && p->stream != NULL)
		stream_heard(p->stream, m->a_ms);
}

void
pair_ended(struct control *c, struct node *node, const struct ipc_pair_ended *m)
{
	(tag_is_hop(m->tag) ? hop_ended : counted_ended)(c, node, m);
}
