/*
 * handshake - TLS on a connected socket, within a time.
 */
#ifndef CLIENT_HANDSHAKE_H
#define CLIENT_HANDSHAKE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/stream.h"
#include "common/loop.h"
#include "common/tls.h"

enum handshake_end {
	HANDSHAKE_DONE,
	HANDSHAKE_CLOSED,      /* the other end closed without a word */
	HANDSHAKE_TIMEOUT,     /* it said too little in the time */
	HANDSHAKE_NO_PROTOCOL, /* it refused what was offered: see why */
	HANDSHAKE_FAILED       /* TLS failed, or the system did: see why */
};

/*
 * handshake_fn - how it went. The handshake is gone when this is called.
 *
 * s    taken over with HANDSHAKE_DONE (the verified key is the SSL's); else
 *      NULL, and the socket is closed.
 * why  borrowed; with the last two, what OpenSSL or the system said.
 */
typedef void handshake_fn(
    void *arg, enum handshake_end end, struct stream *s, const char *why);

struct handshake;

/*
 * handshake_start - begin; fn is called once, in a later turn of the loop.
 *
 * fd       taken over, also on failure; connected, non-blocking.
 * ctx      borrowed for the call (OpenSSL counts references).
 * role     a client says the server name of proto/tx3.h.
 * in_ms    ms until HANDSHAKE_TIMEOUT.
 * Returns  NULL with errno ENOMEM.
 */
struct handshake *handshake_start(struct loop *loop, int fd, SSL_CTX *ctx,
    enum tls_role role, uint64_t in_ms, handshake_fn *fn, void *arg);

/* handshake_offer - offer one protocol by ALPN, at most 255 bytes; as a
 * client, in the turn of handshake_start. Returns 0; -1 with errno ENOMEM. */
int handshake_offer(struct handshake *h, const char *protocol);

/* handshake_agreed - whether the other end took up that protocol. ssl is a
 * stream's. */
bool handshake_agreed(const SSL *ssl, const char *protocol);

/* handshake_cancel - forget it, and close the socket; fn is not called. NULL
 * is fine. */
void handshake_cancel(struct handshake *h);

#endif
