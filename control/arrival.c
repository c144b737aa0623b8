#include "control/arrival.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "control/control.h"
#include "control/node_send.h"
#include "control/proxied.h"

static void
arrival_free(struct control *c, struct arrival *a)
{
	loop_disarm(c->loop, &a->deadline);
	(void)table_remove(&a->node->arrivals, &a->conn);
	free(a);
}

/* The node keeps the time of a CONN_WAIT and says how it ended. One that does
 * neither must not cost memory. */
static void
on_deadline(struct deadline *d, void *arg)
{
	struct arrival *a = arg;

	(void)d;
	refuse(a->control, a, REFUSAL_TIMEOUT);
}

static struct arrival *
arrival_new(struct control *c, struct node *node, const struct ipc_conn_open *m)
{
	struct arrival *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->control = c;
	a->node = node;
	a->conn = m->conn;
	a->is_local = (m->flags & IPC_CONN_LOCAL) != 0;
	a->remote = m->remote;
	a->source = addr_source(&m->remote);
	a->local = m->local;
	a->since_ms = loop_now_ms(c->loop);
	deadline_init(&a->deadline, on_deadline, a);
	if (table_put(&node->arrivals, &a->conn, a) != 0) {
		free(a);
		return NULL;
	}
	return a;
}

/* What is left of its time, however often more bytes are wanted. */
static uint32_t
wait_ms(const struct control *c, const struct arrival *a)
{
	uint64_t age_ms = loop_now_ms(c->loop) - a->since_ms;
	uint32_t ttl_ms = c->config.connection_timeout_ms;

	return age_ms + IPC_TTL_MIN_MS < ttl_ms ? ttl_ms - (uint32_t)age_ms
						: IPC_TTL_MIN_MS;
}

static void
arrival_wait(struct control *c, struct arrival *a, size_t want)
{
	uint32_t ttl_ms = wait_ms(c, a);

	a->state = ARRIVAL_WAITING;
	if (loop_arm(c->loop, &a->deadline,
		(uint64_t)ttl_ms + ARRIVAL_GRACE_MS) != 0) {
		refuse(c, a, REFUSAL_RESOURCES);
		return;
	}
	node_send_wait(c, a->node, a->conn, (uint16_t)want, ttl_ms);
}

/* Tickets are believed from local connections alone, and nothing else is;
 * digests, tokens and the other protocols from public ones alone. */
static enum sniff
sniff(const struct control *c, struct arrival *a, const struct ipc_bytes *b,
    size_t *want)
{
	if (!a->is_local)
		return frontends_sniff(
		    &c->frontends, &a->frontend, b->p, b->len, want);
	*want = TICKET_LEN;
	return b->len < TICKET_LEN ? SNIFF_MORE : SNIFF_YES;
}

static void
want_more(struct control *c, struct arrival *a, size_t want, uint8_t flags)
{
	if ((flags & IPC_CONN_FINISHED) != 0 || want > IPC_MORE_MAX)
		refuse(c, a, REFUSAL_SHORT);
	else
		arrival_wait(c, a, want);
}

/* What is behind the PROXY header, where there is one. */
static void
judge_own(struct control *c, struct arrival *a, const struct ipc_bytes *b,
    uint8_t flags)
{
	size_t want = 0;

	switch (sniff(c, a, b, &want)) {
	case SNIFF_NO:
		refuse(c, a, REFUSAL_NOBODY);
		return;
	case SNIFF_MORE:
		want_more(c, a, a->header_len + want, flags);
		return;
	case SNIFF_YES:
		if (a->is_local)
			ticket_arrive(c, a, b->p);
		else
			a->frontend->arrive(c, a, b);
		return;
	}
}

static void
judge(struct control *c, struct arrival *a, const struct ipc_bytes *b,
    uint8_t flags)
{
	struct ipc_bytes own;
	size_t want = 0;
	enum refusal why;

	a->state = ARRIVAL_ASKED;
	a->n_shown = b->len;
	switch (a->is_local ? PARSE_OK : proxied_look(c, a, b, &want, &why)) {
	case PARSE_BAD:
		refuse(c, a, why);
		return;
	case PARSE_MORE:
		want_more(c, a, want, flags);
		return;
	case PARSE_OK:
		own.p = b->p + a->header_len;
		own.len = b->len - a->header_len;
		if (proxied_is_empty(a, &own, flags))
			proxied_end(c, a);
		else
			judge_own(c, a, &own, flags);
		return;
	}
}

static void
drop_unknown(struct control *c, struct node *node, uint64_t conn)
{
	const struct ipc_conn_drop m = {.conn = conn, .how = IPC_DROP_RESET};

	node_send_drop(c, node, &m);
}

void
arrival_open(
    struct control *c, struct node *node, const struct ipc_conn_open *m)
{
	struct arrival *a;

	if (arrival_find(node, m->conn) != NULL) {
		c->counters.events_dropped[EVENT_DROP_CONN_TWICE]++;
		return;
	}
	a = arrival_new(c, node, m);
	if (a == NULL) {
		c->counters.events_dropped[EVENT_DROP_CONN_LIMIT]++;
		drop_unknown(c, node, m->conn);
		return;
	}
	c->counters.counts[COUNT_ARRIVALS]++;
	judge(c, a, &m->first, m->flags);
}

void
arrival_more(
    struct control *c, struct arrival *a, const struct ipc_conn_more *m)
{
	if (a->state != ARRIVAL_WAITING) {
		c->counters.events_dropped[EVENT_DROP_CONN_STATE]++;
		return;
	}
	loop_disarm(c->loop, &a->deadline);
	judge(c, a, &m->bytes, m->flags);
}

void
arrival_fin(struct control *c, struct arrival *a)
{
	if (a->state != ARRIVAL_HELD || !a->keeps_fin)
		c->counters.events_dropped[EVENT_DROP_CONN_STATE]++;
}

struct arrival *
arrival_find(const struct node *node, uint64_t conn)
{
	return table_find(&node->arrivals, &conn);
}

void
arrival_hold(struct control *c, struct arrival *a,
    const struct arrival_hold *how, void *owner, arrival_gone_fn *gone)
{
	size_t skip = how->skip > 0 ? a->header_len + how->skip : 0;
	const struct ipc_conn_hold m = {
	    .conn = a->conn,
	    .ttl_ms = how->ttl_ms,
	    .skip = (uint16_t)skip,
	    .on_fin = how->keeps_fin ? IPC_FIN_KEEPS : IPC_FIN_DROPS,
	    .say = how->say,
	};

	assert(a->state == ARRIVAL_ASKED && skip <= a->n_shown);
	a->state = ARRIVAL_HELD;
	a->n_shown -= skip;
	if (skip > 0)
		a->header_len = 0;
	a->keeps_fin = how->keeps_fin;
	a->owner = owner;
	a->gone = gone;
	node_send_hold(c, a->node, &m);
}

void
arrival_pair(struct control *c, const struct arrival_side sides[2],
    const uint8_t tag[IPC_TAG_LEN], const struct ipc_limits *limits)
{
	struct arrival *a = sides[0].arrival, *b = sides[1].arrival;
	struct ipc_conn_pair m = {
	    .a = a->conn,
	    .b = b->conn,
	    .skip_a = (uint16_t)(a->header_len + sides[0].skip),
	    .skip_b = (uint16_t)(b->header_len + sides[1].skip),
	    .say_a = sides[0].say,
	    .say_b = sides[1].say,
	    .on_refused = IPC_REFUSED_DROPS,
	    .limits = *limits,
	};

	assert(a->node == b->node && a != b);
	memcpy(m.tag, tag, sizeof m.tag);
	node_send_pair(c, a->node, &m);
	arrival_free(c, a);
	arrival_free(c, b);
}

static void
drop(struct control *c, struct arrival *a, enum ipc_how how,
    const struct ipc_bytes *say)
{
	size_t skip = a->n_shown < IPC_MORE_MAX ? a->n_shown : IPC_MORE_MAX;
	const struct ipc_conn_drop m = {
	    .conn = a->conn,
	    .skip = (uint16_t)skip,
	    .how = (uint8_t)how,
	    .say = *say,
	};

	node_send_drop(c, a->node, &m);
	arrival_free(c, a);
}

void
arrival_join(struct control *c, const struct arrival_side *side,
    const struct ipc_conn_join *how)
{
	struct ipc_conn_join m = *how;

	m.conn = side->arrival->conn;
	m.skip = (uint16_t)(side->arrival->header_len + side->skip);
	m.say = side->say;
	node_send_join(c, side->arrival->node, &m);
	secret_wipe(m.ticket, sizeof m.ticket);
	arrival_free(c, side->arrival);
}

void
arrival_drop(struct control *c, struct arrival *a, enum ipc_how how)
{
	static const struct ipc_bytes NOTHING = {.len = 0};

	drop(c, a, how, &NOTHING);
}

void
arrival_drop_saying(
    struct control *c, struct arrival *a, const struct ipc_bytes *say)
{
	drop(c, a, IPC_DROP_ORDERLY, say);
}

void
arrival_end(struct control *c, struct arrival *a, enum arrival_end why)
{
	if (a->state == ARRIVAL_HELD)
		a->gone(c, a, why);
	arrival_free(c, a);
}

struct sweep {
	struct control *control;
	enum arrival_end why;
};

static void
sweep_one(void *arg, const void *key, void *value)
{
	const struct sweep *s = arg;

	(void)key;
	arrival_end(s->control, value, s->why);
}

void
arrival_end_all(struct control *c, struct node *node, enum arrival_end why)
{
	struct sweep s = {.control = c, .why = why};

	table_each(&node->arrivals, sweep_one, &s);
}
