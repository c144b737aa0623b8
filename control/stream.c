#include "control/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "control/arrival.h"
#include "control/control.h"
#include "control/stream_tls.h"

static void
list_insert(struct stream **head, struct stream *s)
{
	s->prev = NULL;
	s->next = *head;
	if (s->next != NULL)
		s->next->prev = s;
	*head = s;
}

static void
list_remove(struct stream **head, struct stream *s)
{
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		*head = s->next;
}

static void
on_deadline(struct deadline *d, void *arg)
{
	struct stream *s = arg;

	(void)d;
	if (s->is_waiting)
		s->frontend->due(s);
	else
		stream_end(s, STREAM_END_TIMEOUT);
}

static void
on_gone(struct control *c, struct arrival *a, enum arrival_end why)
{
	struct stream *s = a->owner;

	(void)c;
	s->arrival = NULL;
	stream_end(s,
	    why == ARRIVAL_NODE_LOST ? STREAM_END_NODE_LOST : STREAM_END_GONE);
}

static struct stream *
stream_new(struct control *c, struct arrival *a,
    const struct relay_identity *dialled, uint16_t skip)
{
	struct stream *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->control = c;
	s->state = STREAM_HELD;
	s->frontend = a->frontend;
	s->identity = dialled;
	s->dialect = dialled->dialect;
	s->remote = a->remote;
	s->local = a->local;
	s->is_proxied = a->header_len > 0;
	s->payer.source = a->source;
	s->payer.node = a->node->id;
	s->since_ms = loop_now_ms(c->loop);
	s->arrival = a;
	s->skip = skip;
	s->fd = -1;
	deadline_init(&s->deadline, on_deadline, s);
	return s;
}

/* What a newcomer has to pay for. A stream that has neither costs nothing but
 * the client's own patience. */
static enum refusal
pay(struct control *c, struct stream *s)
{
	enum refusal why = REFUSAL_NONE;

	if (!s->frontend->registers_late)
		why = stream_take_place(s);
	if (why == REFUSAL_NONE)
		why = budget_take_handshake(
		    &c->budget, &c->config, &s->payer, nodes_n_open(c));
	if (why != REFUSAL_NONE)
		budget_give_stream(&c->budget, &s->payer);
	return why;
}

void
stream_begin(struct control *c, struct arrival *a,
    const struct relay_identity *dialled, uint16_t skip)
{
	const struct arrival_hold how = {
	    .ttl_ms = c->config.handshake_timeout_ms};
	struct stream *s = stream_new(c, a, dialled, skip);
	enum refusal why = REFUSAL_RESOURCES;

	if (s != NULL)
		why = a->node->drains ? REFUSAL_DRAINING : pay(c, s);
	if (why != REFUSAL_NONE) {
		refuse(c, a, why);
		free(s);
		return;
	}
	list_insert(&c->streams.live, s);
	/* Nothing is consumed before the pair: a node that loses control
	 * meanwhile can show the connection to the next one whole. */
	arrival_hold(c, a, &how, s, on_gone);
	if (loop_arm(c->loop, &s->deadline, how.ttl_ms) != 0) {
		stream_end(s, STREAM_END_RESOURCES);
		return;
	}
	s->fd = ticket_send(c, a->node, s);
	if (s->fd < 0)
		stream_end(s, STREAM_END_ACCEPT_SOCKET);
}

void
stream_pair(struct stream *s, struct arrival *own)
{
	struct ipc_limits how = *s->frontend->stream_splice;
	const struct arrival_side sides[2] = {
	    {.arrival = s->arrival, .skip = s->skip},
	    {.arrival = own, .skip = TICKET_LEN},
	};
	struct control *c = s->control;

	assert(s->state == STREAM_HELD);
	s->pair = pair_new_stream(c, s->arrival->node, s->frontend->number, s);
	if (s->pair == NULL) {
		refuse(c, own, REFUSAL_RESOURCES);
		stream_end(s, STREAM_END_RESOURCES);
		return;
	}
	/* Its client is to come back over another node, and soon. */
	how.on_drain = IPC_DRAIN_ENDS;
	arrival_pair(c, sides, s->pair->tag, &how);
	s->arrival = NULL;
	s->state = STREAM_HANDSHAKE;
	if (stream_tls_start(s) != 0)
		stream_end(s, STREAM_END_RESOURCES);
}

void
stream_pair_over(struct stream *s)
{
	s->pair = NULL;
}

static void
reap(void *arg)
{
	struct control *c = arg;

	while (c->streams.ended != NULL) {
		struct stream *s = c->streams.ended;

		list_remove(&c->streams.ended, s);
		stream_tls_free(s);
		linger_take(c, s->fd);
		free(s);
	}
}

static void
log_end(struct stream *s, enum stream_end why, enum stream_state was)
{
	struct control *c = s->control;

	log_info("stream-ended",
	    "client=%s source=%s frontend=%s in=%s reason=%s ms=%llu",
	    was < STREAM_OPEN
		? "-"
		: s->frontend->log_client(s->digest, DIGEST_LEN).s,
	    log_addr(&s->remote).s, s->frontend->name, stream_state_name(was),
	    stream_end_name(why),
	    (unsigned long long)(loop_now_ms(c->loop) - s->since_ms));
}

/* Whoever asked for a client has gone before his turn. */
static void
leave(struct stream *s)
{
	struct call *call = s->asked;

	(void)call_unask(call);
	call_end(s->control, call, CALL_END_PEER_GONE);
}

/* Everything that others know of it. */
static void
let_go(struct stream *s, enum stream_state was, enum stream_end why)
{
	struct control *c = s->control;
	struct arrival *a = s->arrival;

	loop_disarm(c->loop, &s->deadline);
	ticket_revoke(c, s);
	s->arrival = NULL;
	if (a != NULL)
		arrival_drop(c, a, IPC_DROP_ORDERLY);
	if (s->pair != NULL)
		s->pair->stream = NULL;
	s->pair = NULL;
	budget_give_handshake(&c->budget, &s->payer);
	budget_give_stream(&c->budget, &s->payer);
	if (s->client != NULL)
		registry_unregister(c, s, why == STREAM_END_DRAINED);
	if (s->asked != NULL)
		leave(s);
	if (was >= STREAM_OPEN && s->frontend->ended != NULL)
		s->frontend->ended(s);
}

void
stream_end(struct stream *s, enum stream_end why)
{
	struct control *c = s->control;
	enum stream_state was = s->state;

	if (was == STREAM_ENDED)
		return;
	s->state = STREAM_ENDED;
	c->counters.streams_ended[why]++;
	log_end(s, why, was);
	let_go(s, was, why);
	stream_tls_stop(s, was >= STREAM_OPEN);
	list_remove(&c->streams.live, s);
	list_insert(&c->streams.ended, s);
	/* Without memory for that the next one's end frees it too. */
	(void)loop_defer(c->loop, reap, c);
}

static const struct node *
node_of(const struct stream *s)
{
	if (s->arrival != NULL)
		return s->arrival->node;
	return s->pair != NULL ? s->pair->node : NULL;
}

size_t
streams_leave(struct control *c, const struct node *node)
{
	struct stream *next;
	size_t n = 0;

	for (struct stream *s = c->streams.live; s != NULL; s = next) {
		next = s->next;
		if (node_of(s) != node)
			continue;
		stream_end(s, STREAM_END_DRAINED);
		n++;
		/* The end of one may end another, whose peer asked for it. */
		if (next != NULL && next->state == STREAM_ENDED)
			next = c->streams.live;
	}
	return n;
}

void
streams_fini(struct control *c)
{
	while (c->streams.live != NULL)
		stream_end(c->streams.live, STREAM_END_SHUTDOWN);
	reap(c);
}

const char *
stream_state_name(enum stream_state state)
{
	switch (state) {
	case STREAM_HELD:
		return "held";
	case STREAM_HANDSHAKE:
		return "handshake";
	case STREAM_OPEN:
		return "open";
	case STREAM_REGISTERED:
		return "registered";
	case STREAM_ENDED:
		return "ended";
	}
	return "unknown";
}
