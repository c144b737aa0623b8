/* What a frontend does with a stream whose client has proved its key. */
#include <assert.h>
#include <string.h>

#include "common/log.h"
#include "control/call.h"
#include "control/control.h"
#include "control/stream_tls.h"

void
stream_opened(
    struct stream *s, const uint8_t digest[DIGEST_LEN], const char *alpn)
{
	assert(s->state == STREAM_HANDSHAKE);
	s->state = STREAM_OPEN;
	memcpy(s->digest, digest, sizeof s->digest);
	s->frontend->opened(s, alpn);
}

enum refusal
stream_take_place(struct stream *s)
{
	struct control *c = s->control;

	return s->payer.has_stream ? REFUSAL_NONE
				   : budget_take_stream(&c->budget, &c->config,
					 &s->payer, nodes_n_open(c));
}

void
stream_leave_handshakes(struct stream *s)
{
	if (s->asked->is_early || stream_take_place(s) == REFUSAL_NONE)
		budget_give_handshake(&s->control->budget, &s->payer);
}

static void
log_registered(const struct stream *s)
{
	const struct frontend *f = s->frontend;

	log_info("client-registered",
	    "client=%s source=%s frontend=%s%s%s ms=%llu",
	    f->log_client(s->digest, DIGEST_LEN).s, log_addr(&s->remote).s,
	    f->name, f->dialect_name != NULL ? " dialect=" : "",
	    f->dialect_name != NULL ? f->dialect_name(s->dialect) : "",
	    (unsigned long long)(loop_now_ms(s->control->loop) - s->since_ms));
}

void
stream_register(struct stream *s, const void *welcome, size_t len)
{
	struct control *c = s->control;
	const char *why = registry_register(c, s, s->digest);

	assert(s->state == STREAM_OPEN && s->payer.has_stream);
	if (why != NULL) {
		log_warn("client-refused", "client=%s source=%s why=\"%s\"",
		    s->frontend->log_client(s->digest, DIGEST_LEN).s,
		    log_addr(&s->remote).s, why);
		stream_end(s, STREAM_END_DIGEST);
		return;
	}
	s->state = STREAM_REGISTERED;
	loop_disarm(c->loop, &s->deadline);
	budget_give_handshake(&c->budget, &s->payer);
	c->counters.counts[COUNT_STREAMS]++;
	log_registered(s);
	if (stream_say(s, welcome, len) == 0)
		calls_client_came(c, s->client);
}

int
stream_ask(struct stream *s)
{
	if (s->pair == NULL || s->is_proxied)
		return -1;
	pair_ask(s->control, s->pair);
	return 0;
}

void
stream_heard(struct stream *s, uint32_t ms)
{
	bool has_key = s->state == STREAM_OPEN || s->state == STREAM_REGISTERED;

	if (has_key && s->frontend->heard != NULL)
		s->frontend->heard(s, ms);
}

int
stream_wait(struct stream *s, uint64_t in_ms)
{
	s->is_waiting = true;
	if (loop_arm(s->control->loop, &s->deadline, in_ms) == 0)
		return 0;
	stream_end(s, STREAM_END_RESOURCES);
	return -1;
}

size_t
stream_backlog_max(const struct config *config, const struct frontend *f)
{
	enum { BASE = 4096 };

	return BASE + (size_t)config->max_relays_per_client * f->notice_max;
}

int
stream_say(struct stream *s, const void *p, size_t len)
{
	struct control *c = s->control;

	if (stream_tls_unread(s) + len >
	    stream_backlog_max(&c->config, s->frontend)) {
		stream_end(s, STREAM_END_SLOW);
		return -1;
	}
	if (stream_tls_write(s, p, len) == 0)
		return 0;
	stream_end(s, STREAM_END_RESOURCES);
	return -1;
}
