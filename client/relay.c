#include "client/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/backoff.h"
#include "client/dial.h"
#include "client/episode.h"
#include "client/handshake.h"
#include "client/nap.h"
#include "client/notice.h"
#include "client/relay_fault.h"
#include "client/stream.h"
#include "client/watch.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/secret.h"
#include "common/tls.h"

enum relay_state {
	RELAY_WAITING, /* for the back-off */
	RELAY_DIALLING,
	RELAY_SHAKING,	/* hands: TLS */
	RELAY_CLEARING, /* for the all-clear */
	RELAY_LIVE,
	RELAY_HOPELESS
};

struct relay {
	struct loop *loop;
	const struct url *url;
	char name[ADDR_JOINED_CAP]; /* HOST:PORT, for records */
	SSL_CTX *ctx;
	enum relay_state state;
	bool was_live;
	struct dial *dial;
	struct handshake *handshake;
	struct stream stream;
	struct watch watch;
	struct deadline deadline; /* of the back-off, or of the all-clear */
	struct deadline tick;
	struct backoff backoff;
	struct episode episode; /* of failed attempts */
	struct nap nap;
	const enum tx3_dialect *fixed; /* NULL: to be agreed on */
	bool offers;		       /* to agree, in the present attempt */
	struct notice_reader reader;
	struct addr addr; /* of the present stream */
	uint64_t live_ms; /* when the present stream became live */
	unsigned n_early; /* streams in a row that ended young */
	const struct relay_events *events;
	void *arg;
};

static void on_dialled(void *arg, const struct dialled *got, const char *why);

static void
hang_up(struct relay *r)
{
	dial_cancel(r->dial);
	handshake_cancel(r->handshake);
	r->dial = NULL;
	r->handshake = NULL;
	watch_fini(&r->watch);
	stream_close(&r->stream);
	secret_wipe(&r->reader, sizeof r->reader); /* part of a token */
	loop_disarm(r->loop, &r->deadline);
}

static void
wait_for(struct relay *r, uint32_t in_ms)
{
	r->state = RELAY_WAITING;
	/* without memory for the deadline, the next tick tries */
	(void)loop_arm(r->loop, &r->deadline, in_ms);
}

static void
log_lost(struct relay *r, const char *why, uint32_t in_ms)
{
	if (r->state == RELAY_LIVE)
		log_warn("relay-lost", "relay=%s why=%s retry_in_ms=%u",
		    r->name, log_str(why).s, in_ms);
	else if (episode_note(&r->episode, loop_now_ms(r->loop), why))
		log_warn("relay-failed",
		    "relay=%s attempt=%u why=%s retry_in_ms=%u", r->name,
		    r->episode.n, log_str(why).s, in_ms);
}

static bool
is_young(const struct relay *r)
{
	return loop_now_ms(r->loop) - r->live_ms < RELAY_YOUNG_MS;
}

/* Every way that a stream ends comes through here. */
static void
lost(struct relay *r, const char *why)
{
	uint32_t in_ms;

	if (r->state == RELAY_LIVE && !is_young(r))
		backoff_reset(&r->backoff);
	else if (r->state == RELAY_LIVE)
		backoff_limit(&r->backoff, RELAY_YOUNG_CAP_MS);
	in_ms = backoff_next_ms(&r->backoff, secret_random_u64());
	log_lost(r, why, in_ms);
	hang_up(r);
	wait_for(r, in_ms);
}

static void
dial(struct relay *r)
{
	r->state = RELAY_DIALLING;
	r->dial = dial_start(
	    r->loop, r->url->host, r->url->port, r->url->digest, on_dialled, r);
	if (r->dial == NULL)
		lost(r, strerror(errno));
}

static void
attempt(struct relay *r)
{
	r->offers = r->fixed == NULL;
	dial(r);
}

static void
on_deadline(struct deadline *d, void *arg)
{
	struct relay *r = arg;

	(void)d;
	if (r->state == RELAY_WAITING)
		attempt(r);
	else
		lost(r, "no all-clear came in time");
}

static void
live(struct relay *r)
{
	r->state = RELAY_LIVE;
	r->was_live = true;
	r->live_ms = loop_now_ms(r->loop);
	loop_disarm(r->loop, &r->deadline);
	episode_end(&r->episode);
	log_info("relay-registered", "relay=%s addr=%s notices=%s", r->name,
	    log_addr(&r->addr).s, tx3_dialect_name(r->reader.dialect));
	r->events->registered(r->arg);
}

/* Returns -1 when it was no relay's language. */
static int
understand(struct relay *r, const uint8_t *p, size_t len)
{
	struct tx3_notice notice;

	for (;;) {
		switch (notice_next(&r->reader, &p, &len, &notice)) {
		case NOTICE_CLEAR:
			live(r);
			break;
		case NOTICE_PEER:
			r->events->peer(r->arg, &notice, &r->addr);
			break;
		case NOTICE_MORE:
			secret_wipe(&notice, sizeof notice);
			return 0;
		case NOTICE_BAD:
			return -1;
		}
	}
}

/* Nothing on the wire tells these ends apart, but that another process comes
 * again each time that we do. tx3's relays say no goodbye to the one before. */
static const char *
why_left(struct relay *r, enum stream_answer answer)
{
	r->n_early = is_young(r) ? r->n_early + 1 : 0;
	if (r->n_early >= RELAY_EARLY_ENDS)
		return "the relay ends each stream early; does another process "
		       "use the same identity?";
	if (answer == STREAM_CUT)
		return "the stream was cut: the relay or its node was killed, "
		       "or another process has the same identity";
	return "the relay ended the stream: it is restarted, its node drains, "
	       "or another process has the same identity";
}

static const char *
why_ended(struct relay *r, enum stream_answer answer)
{
	if (answer != STREAM_END && answer != STREAM_CUT)
		return r->stream.why;
	return r->state == RELAY_LIVE ? why_left(r, answer)
				      : "the relay ended the stream";
}

static void
on_readable(void *arg)
{
	struct relay *r = arg;
	uint8_t buf[1024];
	size_t n = 0;
	enum stream_answer answer;
	int understood = 0;

	do {
		answer = stream_read(&r->stream, buf, sizeof buf, &n);
		if (answer == STREAM_OK)
			understood = understand(r, buf, n);
	} while (answer == STREAM_OK && understood == 0);
	secret_wipe(buf, sizeof buf); /* tokens */
	if (understood == -1)
		lost(r, "what answers is not a tx3 relay");
	else if (answer != STREAM_WANT_READ && answer != STREAM_WANT_WRITE)
		lost(r, why_ended(r, answer));
	else if (watch_set(&r->watch,
		     answer == STREAM_WANT_READ ? WATCH_READ : WATCH_WRITE) ==
		 -1)
		lost(r, strerror(errno));
}

/* Give up, unless there was a registration: then the fault is passing. */
static void
wrong_key(struct relay *r, const uint8_t *found)
{
	struct fault fault;

	relay_fault_key(&fault, found);
	if (r->was_live) {
		lost(r, fault.text);
		return;
	}
	hang_up(r);
	r->state = RELAY_HOPELESS;
	r->events->hopeless(r->arg, &fault);
}

/* A relay that knows carrick/N but not ours is as good as one that knows none,
 * and will say so again at the next registration: it may be a newer one. */
static void
no_agreement(struct relay *r, const char *why)
{
	if (!r->offers) {
		lost(r, why);
		return;
	}
	log_info(
	    "relay-dialect-refused", "relay=%s offered=%s", r->name, TX3_ALPN);
	hang_up(r);
	r->offers = false;
	dial(r);
}

static void
no_tls(struct relay *r, enum handshake_end how, const char *why)
{
	switch (how) {
	case HANDSHAKE_CLOSED:
		lost(r, RELAY_FAULT_CLOSED);
		return;
	case HANDSHAKE_TIMEOUT:
		lost(r, "TLS was not done in time");
		return;
	case HANDSHAKE_NO_PROTOCOL:
		no_agreement(r, why);
		return;
	case HANDSHAKE_FAILED:
	case HANDSHAKE_DONE:
		break;
	}
	lost(r, why);
}

static enum tx3_dialect
dialect_of(const struct relay *r)
{
	if (r->fixed != NULL)
		return *r->fixed;
	return handshake_agreed(r->stream.ssl, TX3_ALPN) ? TX3_NOTICE50
							 : TX3_NOTICE32;
}

static void
on_handshake(
    void *arg, enum handshake_end how, struct stream *s, const char *why)
{
	struct relay *r = arg;
	uint8_t digest[DIGEST_LEN] = {0};

	r->handshake = NULL;
	if (how != HANDSHAKE_DONE) {
		no_tls(r, how, why);
		return;
	}
	r->stream = *s;
	watch_init(&r->watch, r->loop, s->in.fd, on_readable, r);
	if (tls_peer_digest(s->ssl, digest) == -1 ||
	    memcmp(digest, r->url->digest, sizeof digest) != 0) {
		wrong_key(r, digest);
		return;
	}
	r->state = RELAY_CLEARING;
	notice_init(&r->reader, dialect_of(r));
	if (loop_arm(r->loop, &r->deadline, TX3_CONNECTION_TIMEOUT_MS) == -1 ||
	    watch_again(&r->watch) == -1)
		lost(r, strerror(errno));
}

static void
on_dialled(void *arg, const struct dialled *got, const char *why)
{
	struct relay *r = arg;

	r->dial = NULL;
	if (got == NULL) {
		lost(r, why);
		return;
	}
	r->addr = got->addr;
	r->state = RELAY_SHAKING;
	/* a stream without it is found dead by keepalive alone: later */
	(void)fd_set_user_timeout(got->fd, RELAY_USER_TIMEOUT_MS);
	r->handshake = handshake_start(r->loop, got->fd, r->ctx,
	    TLS_ROLE_CLIENT, TX3_CONNECTION_TIMEOUT_MS, on_handshake, r);
	if (r->handshake == NULL ||
	    (r->offers && handshake_offer(r->handshake, TX3_ALPN) == -1))
		lost(r, strerror(errno));
}

static void
on_tick(struct deadline *d, void *arg)
{
	struct relay *r = arg;
	uint64_t slept_ms = nap_take_ms(&r->nap);

	(void)d;
	/* it was armed until now, so that its place is there */
	(void)loop_arm(r->loop, &r->tick, RELAY_TICK_MS);
	if (r->state == RELAY_HOPELESS)
		return;
	if (slept_ms > RELAY_SLEPT_MS) {
		log_info(
		    "machine-slept", "ms=%llu", (unsigned long long)slept_ms);
		backoff_reset(&r->backoff);
		hang_up(r);
		attempt(r);
	} else if (r->state == RELAY_WAITING &&
		   !deadline_is_armed(&r->deadline))
		attempt(r);
}

struct relay *
relay_start(struct loop *loop, const struct url *url, SSL_CTX *ctx,
    const enum tx3_dialect *fixed, const struct relay_events *events, void *arg)
{
	struct relay *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->url = url;
	addr_join_host(url->host, url->port, r->name);
	r->fixed = fixed;
	r->events = events;
	r->arg = arg;
	(void)SSL_CTX_up_ref(ctx); /* fails for no context of ours */
	r->ctx = ctx;
	stream_init(&r->stream);
	watch_init_none(&r->watch);
	deadline_init(&r->deadline, on_deadline, r);
	deadline_init(&r->tick, on_tick, r);
	backoff_reset(&r->backoff);
	nap_init(&r->nap);
	if (loop_arm(loop, &r->tick, RELAY_TICK_MS) == -1 ||
	    loop_arm(loop, &r->deadline, 0) == -1) {
		relay_free(r);
		return NULL;
	}
	return r;
}

void
relay_free(struct relay *r)
{
	if (r == NULL)
		return;
	if (r->state == RELAY_LIVE)
		(void)stream_finish(&r->stream); /* a courtesy */
	hang_up(r);
	loop_disarm(r->loop, &r->tick);
	SSL_CTX_free(r->ctx);
	free(r);
}
