/*
 * relay_world - a client's control stream and the relay it goes to: the
 * client's on a loop, the relay played by a script in a thread.
 */
#ifndef TESTS_UNIT_CLIENT_RELAY_WORLD_H
#define TESTS_UNIT_CLIENT_RELAY_WORLD_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "client/relay.h"
#include "tests/unit/client/both.h"

struct relay_world {
	const enum tx3_dialect *fixed; /* for relay_start */
	struct relay *relay;
	unsigned n_registered;
	unsigned stop_at; /* registrations */
	unsigned n_peers; /* the first stops the loop */
	struct tx3_notice notice;
	struct fault fault; /* of a relay that is hopeless */
	bool sleeps;	    /* the machine, for an hour after a registration */
	uint64_t slept_ms;
};

extern struct relay_world w;

/* relay_world_setup, relay_world_teardown - a fresh one, and both; their end.
 * both.server is the script's, to be changed by it. */
void relay_world_setup(void);
void relay_world_teardown(void);

/* relay_world_play - run script against a client until the loop is stopped
 * and the script has ended. */
void relay_world_play(void *(*script)(void *));

/* relay_world_take - for scripts: one registration, up to what comes behind
 * TLS. Returns NULL if TLS failed. */
SSL *relay_world_take(void);

/* relay_world_clear - for scripts: take one, and say the all-clear. */
SSL *relay_world_clear(void);

#endif
