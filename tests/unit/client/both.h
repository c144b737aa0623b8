/*
 * both - what most that the client connects has at its two ends: us with a
 * loop, them behind a socket that listens, and TLS for both. Close and replace
 * what you like of it.
 */
#ifndef TESTS_UNIT_CLIENT_BOTH_H
#define TESTS_UNIT_CLIENT_BOTH_H

#include <openssl/ssl.h>

#include "common/loop.h"
#include "proto/url.h"
#include "tests/unit/client/far.h"

struct both {
	struct loop *loop;
	struct identity *us;
	struct identity *them;
	SSL_CTX *client; /* as us */
	SSL_CTX *server; /* as them */
	int listener;	 /* theirs; -1: it is closed */
	struct url way;	 /* to that: 127.0.0.1, the port, their digest */
};

extern struct both both;

/* both_setup, both_teardown - fresh ones; their end. */
void both_setup(void);
void both_teardown(void);

/* both_run_until_none - run the loop until *n is 0. */
void both_run_until_none(const size_t *n);

#endif
