#include "control/stream.h"

#include <assert.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/secret.h"
#include "control/arrival.h"
#include "control/control.h"
#include "control/stream_tls.h"
#include "proto/tx3.h"

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
	(void)d;
	stream_end(arg, STREAM_END_TIMEOUT);
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
    const struct budget_payer *payer, const struct relay_identity *dialled,
    uint16_t skip)
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
	s->payer = *payer;
	s->since_ms = loop_now_ms(c->loop);
	s->arrival = a;
	s->skip = skip;
	s->fd = -1;
	deadline_init(&s->deadline, on_deadline, s);
	list_insert(&c->streams.live, s);
	return s;
}

void
stream_begin(struct control *c, struct arrival *a,
    const struct relay_identity *dialled, uint16_t skip)
{
	uint32_t ttl_ms = c->config.handshake_timeout_ms;
	const struct budget_payer payer = {
	    .source = a->source, .node = a->node->id};
	enum refusal why =
	    budget_take(&c->budget, &c->config, &payer, c->nodes.by_session.n);
	struct stream *s;

	if (why != REFUSAL_NONE) {
		refuse(c, a, why);
		return;
	}
	s = stream_new(c, a, &payer, dialled, skip);
	if (s == NULL) {
		budget_give(&c->budget, &payer, true);
		refuse(c, a, REFUSAL_RESOURCES);
		return;
	}
	/* Nothing is consumed before the pair: a node that loses control
	 * meanwhile can show the connection to the next one whole. */
	arrival_hold(c, a, ttl_ms, 0, s, on_gone);
	if (loop_arm(c->loop, &s->deadline, ttl_ms) != 0) {
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
	/* Its client is to come back over another node, and soon. */
	static const struct arrival_splice HOW = {
	    .on_drain = IPC_DRAIN_ENDS,
	    .keepalive_idle_s = TX3_KEEPALIVE_IDLE_S,
	    .keepalive_interval_s = TX3_KEEPALIVE_INTERVAL_S,
	    .keepalive_count = TX3_KEEPALIVE_COUNT,
	};
	struct control *c = s->control;

	assert(s->state == STREAM_HELD);
	s->pair = pair_new_stream(c, s->arrival->node, s->frontend->number, s);
	if (s->pair == NULL) {
		refuse(c, own, REFUSAL_RESOURCES);
		stream_end(s, STREAM_END_RESOURCES);
		return;
	}
	arrival_pair(
	    c, s->arrival, s->skip, own, TICKET_LEN, s->pair->tag, &HOW);
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

/* The digest is who the client is; the all-clear tells it that it can be
 * called from now on. */
void
stream_register(struct stream *s, const uint8_t digest[DIGEST_LEN])
{
	static const uint8_t ALL_CLEAR = TX3_ALL_CLEAR;
	struct control *c = s->control;
	const char *why = registry_register(c, s, digest);

	assert(s->state == STREAM_HANDSHAKE);
	if (why != NULL) {
		log_warn("client-refused", "client=%s source=%s why=\"%s\"",
		    log_digest(digest).s, log_addr(&s->remote).s, why);
		stream_end(s, STREAM_END_DIGEST);
		return;
	}
	s->state = STREAM_REGISTERED;
	loop_disarm(c->loop, &s->deadline);
	budget_handshake_done(&c->budget, &s->payer);
	c->counters.counts[COUNT_STREAMS]++;
	log_info("client-registered", "client=%s source=%s dialect=%s ms=%llu",
	    log_digest(digest).s, log_addr(&s->remote).s,
	    tx3_dialect_name(s->dialect),
	    (unsigned long long)(loop_now_ms(c->loop) - s->since_ms));
	if (stream_tls_write(s, &ALL_CLEAR, sizeof ALL_CLEAR) != 0)
		stream_end(s, STREAM_END_RESOURCES);
	else
		calls_client_came(c, s->client);
}

size_t
stream_backlog_max(const struct config *config)
{
	enum { BASE = 4096 };

	return BASE + (size_t)config->max_relays_per_client * TX3_NOTICE_MAX;
}

int
stream_notify(struct stream *s, const struct tx3_notice *notice)
{
	struct control *c = s->control;
	uint8_t bytes[TX3_NOTICE_MAX];
	size_t len = tx3_notice_encode(s->dialect, notice, bytes);
	int rc;

	if (stream_tls_unread(s) + len > stream_backlog_max(&c->config)) {
		stream_end(s, STREAM_END_SLOW);
		return -1;
	}
	rc = stream_tls_write(s, bytes, len);
	secret_wipe(bytes, len);
	if (rc != 0) {
		stream_end(s, STREAM_END_RESOURCES);
		return -1;
	}
	c->counters.counts[COUNT_NOTICES]++;
	return 0;
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
	    s->client == NULL ? "-" : log_digest(s->client->digest).s,
	    log_addr(&s->remote).s, s->frontend->name, stream_state_name(was),
	    stream_end_name(why),
	    (unsigned long long)(loop_now_ms(c->loop) - s->since_ms));
}

/* Everything that others know of it. */
static void
let_go(struct stream *s, enum stream_state was)
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
	budget_give(&c->budget, &s->payer, was != STREAM_REGISTERED);
	if (s->client != NULL)
		registry_unregister(c, s);
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
	let_go(s, was);
	stream_tls_stop(s, was == STREAM_REGISTERED);
	list_remove(&c->streams.live, s);
	list_insert(&c->streams.ended, s);
	/* Without memory for that the next one's end frees it too. */
	(void)loop_defer(c->loop, reap, c);
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
	case STREAM_REGISTERED:
		return "registered";
	case STREAM_ENDED:
		return "ended";
	}
	return "unknown";
}
