/*
 * guests - tx3 clients with control streams of their own, and the plain
 * connections that a call to one of them is made of. Callers come from many
 * addresses of 127.0.0.0/8: for the relay each is a source of its own.
 *
 * Failures end the program with a sentence.
 */
#ifndef TESTS_E2E_CROWD_GUESTS_H
#define TESTS_E2E_CROWD_GUESTS_H

#include <stdint.h>

#include "proto/addr.h"
#include "proto/tx3.h"
#include "proto/url.h"

#define GUESTS_MAX 256

struct registration;

struct guests {
	struct addr relay;
	unsigned n;
	struct registration *client[GUESTS_MAX];
};

/* guests_init - n (1..GUESTS_MAX) clients, registered. */
void guests_init(struct guests *g, const struct url *relay, unsigned n);
void guests_fini(struct guests *g);

/* guests_dial - a connection to the relay from source number `source`. */
int guests_dial(const struct guests *g, uint32_t source);

/* guests_call - the same, and its first bytes: the client's digest, then
 * number, for the client to know whose call it has taken. */
int guests_call(
    const struct guests *g, unsigned client, uint32_t source, uint32_t number);

/* guests_token - wait for the client's next notice. */
void guests_token(
    const struct guests *g, unsigned client, uint8_t token[TX3_TOKEN_LEN]);

/* guests_come - a connection that brings a token back. */
int guests_come(const struct guests *g, const uint8_t token[TX3_TOKEN_LEN]);

/* guests_number - the number that the call at fd began with. */
uint32_t guests_number(int fd);

#endif
