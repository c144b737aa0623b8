/*
 * call - reach whoever an address names: dial, the relay's 32 bytes, TLS, and
 * the check that the key is the address's.
 */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/fault.h"
#include "client/stream.h"
#include "common/loop.h"
#include "proto/url.h"

/* How far a call came, and how long each step took. */
struct called {
	const struct url *way; /* the last that was tried, borrowed */
	bool connected;	       /* to addr: the relay, or the peer itself */
	struct addr addr;
	uint64_t resolve_us;
	uint64_t connect_us;
	uint64_t handshake_us; /* TLS with the peer, through the relay */
	struct stream *stream; /* taken over; NULL when the call failed */
};

/*
 * call_fn - how it went. The call is gone when this is called.
 *
 * fault  borrowed; NULL when it succeeded, else EXITCODE_RELAY_NOT_REACHED,
 *        _NOBODY, _PEER_KEY or _TRY_AGAIN with its sentence.
 */
typedef void
call_fn(void *arg, const struct called *called, const struct fault *fault);

struct call;

/*
 * call_start - begin; fn is called once, in a later turn of the loop.
 *
 * ways     n (at least 1) in order of preference, borrowed until the end; the
 *          next is tried when one fails.
 * ctx      borrowed for the call; a client's.
 * Returns  NULL with errno.
 */
struct call *call_start(struct loop *loop, const struct url *ways, size_t n,
    SSL_CTX *ctx, call_fn *fn, void *arg);

/* call_refused - the fault of a peer that ended TLS by an alert (why) after the
 * call: in TLS 1.3 that is how it refuses a certificate. Returns -1. */
int call_refused(struct fault *fault, const char *why);

/* call_cancel - forget it; fn is not called. NULL is fine. */
void call_cancel(struct call *c);

#endif
