/*
 * tunnel_world - a tunnel between TLS and a plain socket, on a loop, and what
 * is at the far ends of both, played by a script in a thread.
 */
#ifndef TESTS_UNIT_CLIENT_TUNNEL_WORLD_H
#define TESTS_UNIT_CLIENT_TUNNEL_WORLD_H

#include <openssl/ssl.h>

#include "client/tunnel.h"
#include "common/identity.h"

#define TUNNEL_WORLD_BIG (4u << 20) /* bytes; more than any socket's buffer */

enum { TLS, PLAIN };

/* far TLS end <-> leg 0, tunnel, leg 1 <-> far plain end. */
struct tunnel_world {
	struct loop *loop;
	struct identity *id;
	SSL_CTX *server;
	SSL_CTX *client;
	int near[2];
	int far[2];
	struct tunnel *tunnel;
	struct tunnel_result result;
	uint8_t *big; /* TUNNEL_WORLD_BIG of them */
	/* what the script heard */
	char heard[2][64];
	size_t n_heard[2];
	int error[2];
};

extern struct tunnel_world w;

/* tunnel_world_setup, tunnel_world_teardown - a fresh one; its end. */
void tunnel_world_setup(void);
void tunnel_world_teardown(void);

/* tunnel_world_play - run script against a tunnel until both have ended. */
void tunnel_world_play(void *(*script)(void *));

/* tunnel_world_ended - a tunnel_fn: keeps the result, and stops the loop. */
void tunnel_world_ended(void *arg, const struct tunnel_result *result);

/* tunnel_world_call - for scripts: TLS of the far end. */
SSL *tunnel_world_call(void);

/* tunnel_world_hear, tunnel_world_hear_plain - for scripts: all that comes
 * until the end, into heard, n_heard and error. */
void tunnel_world_hear(SSL *ssl);
void tunnel_world_hear_plain(void);

#endif
