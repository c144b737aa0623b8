#include "client/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/dial.h"
#include "client/handshake.h"
#include "client/stopwatch.h"
#include "common/tls.h"

struct call {
	struct loop *loop;
	const struct url *ways;
	size_t n;
	size_t next; /* the way to try after the present one */
	SSL_CTX *ctx;
	struct dial *dial;	     /* one of these two runs */
	struct handshake *handshake; /* at a time */
	uint64_t handshake_began_us;
	struct called called;
	struct fault fault;
	call_fn *fn;
	void *arg;
};

void
call_cancel(struct call *c)
{
	if (c == NULL)
		return;
	dial_cancel(c->dial);
	handshake_cancel(c->handshake);
	SSL_CTX_free(c->ctx);
	free(c);
}

int
call_refused(struct fault *fault, const char *why)
{
	return fault_set(fault, EXITCODE_NOBODY,
	    "the other side refuses us: %s; if it takes calls of some "
	    "identities alone, --identity FILE says who we are",
	    why);
}

static void
end(struct call *c, const struct fault *fault)
{
	struct called called = c->called;
	struct fault copy;
	call_fn *fn = c->fn;
	void *arg = c->arg;

	if (fault != NULL)
		copy = *fault;
	call_cancel(c);
	fn(arg, &called, fault != NULL ? &copy : NULL);
}

static void on_dialled(void *arg, const struct dialled *got, const char *why);

static int
try_next(struct call *c)
{
	const struct url *way = &c->ways[c->next++];
	bool relayed = way->kind == URL_RELAYED;

	memset(&c->called, 0, sizeof c->called);
	c->called.way = way;
	c->dial = dial_start(c->loop, way->host, way->port,
	    relayed ? way->digest : NULL, on_dialled, c);
	return c->dial == NULL ? -1 : 0;
}

static void
way_failed(struct call *c)
{
	if (c->next < c->n && try_next(c) == 0)
		return;
	end(c, &c->fault);
}

static void
not_reached(struct call *c, const char *why)
{
	if (c->called.way->kind == URL_RELAYED)
		(void)fault_set(&c->fault, EXITCODE_RELAY_NOT_REACHED,
		    "the relay can't be reached: %s", why);
	else
		(void)fault_set(
		    &c->fault, EXITCODE_NOBODY, "nobody answers: %s", why);
	way_failed(c);
}

/* A relay closes without saying why, so neither do we. */
static void
not_answered(struct call *c, enum handshake_end how, const char *why)
{
	const char *nobody =
	    c->called.way->kind == URL_RELAYED
		? "nobody answers to this address, or the relay is at a limit"
		: "nobody answers to this address: it takes connections, and "
		  "closes them";

	switch (how) {
	case HANDSHAKE_NO_PROTOCOL:
	case HANDSHAKE_FAILED:
		(void)fault_set(&c->fault, EXITCODE_NOBODY,
		    "what answers to this address does not speak tx3's TLS, "
		    "or refuses us: %s",
		    why);
		break;
	case HANDSHAKE_TIMEOUT:
		(void)fault_set(&c->fault, EXITCODE_NOBODY,
		    "nobody answered to this address within %d s",
		    TX3_CONNECTION_TIMEOUT_MS / 1000);
		break;
	case HANDSHAKE_CLOSED:
	case HANDSHAKE_DONE:
		(void)fault_set(&c->fault, EXITCODE_NOBODY, "%s", nobody);
		break;
	}
	way_failed(c);
}

static void
wrong_key(struct call *c, const char *found)
{
	char wanted[DIGEST_TEXT_CAP];

	digest_format(c->called.way->digest, wanted);
	(void)fault_set(&c->fault, EXITCODE_PEER_KEY,
	    "the key of who answers is not the address's: %s instead of %s; "
	    "nothing was sent",
	    found, wanted);
	way_failed(c);
}

static void
on_handshake(
    void *arg, enum handshake_end how, struct stream *s, const char *why)
{
	struct call *c = arg;
	uint8_t digest[DIGEST_LEN];
	char text[DIGEST_TEXT_CAP] = "none";

	c->handshake = NULL;
	if (how != HANDSHAKE_DONE) {
		not_answered(c, how, why);
		return;
	}
	c->called.handshake_us = stopwatch_us() - c->handshake_began_us;
	if (tls_peer_digest(s->ssl, digest) == 0) {
		if (memcmp(digest, c->called.way->digest, DIGEST_LEN) == 0) {
			c->called.stream = s;
			end(c, NULL);
			return;
		}
		digest_format(digest, text);
	}
	stream_abort(s);
	wrong_key(c, text);
}

static void
on_dialled(void *arg, const struct dialled *got, const char *why)
{
	struct call *c = arg;

	c->dial = NULL;
	if (got == NULL) {
		not_reached(c, why);
		return;
	}
	c->called.connected = true;
	c->called.addr = got->addr;
	c->called.resolve_us = got->resolve_us;
	c->called.connect_us = got->connect_us;
	c->handshake_began_us = stopwatch_us();
	c->handshake = handshake_start(c->loop, got->fd, c->ctx,
	    TLS_ROLE_CLIENT, TX3_CONNECTION_TIMEOUT_MS, on_handshake, c);
	if (c->handshake == NULL) {
		(void)fault_set(&c->fault, EXITCODE_TRY_AGAIN,
		    "no TLS connection can be made: %s", strerror(errno));
		end(c, &c->fault);
	}
}

struct call *
call_start(struct loop *loop, const struct url *ways, size_t n, SSL_CTX *ctx,
    call_fn *fn, void *arg)
{
	struct call *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->ways = ways;
	c->n = n;
	c->fn = fn;
	c->arg = arg;
	(void)SSL_CTX_up_ref(ctx); /* fails for no context of ours */
	c->ctx = ctx;
	if (try_next(c) == -1) {
		call_cancel(c);
		return NULL;
	}
	return c;
}
