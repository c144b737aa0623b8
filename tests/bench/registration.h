/*
 * registration - a tx3 client: its control stream, and the tokens that come
 * down it. TLS is spoken here alone; what is relayed is plain.
 *
 * Failures end the program, as in sock.h. One thread at a time.
 * Source: proto/TX3.md, the control stream.
 */
#ifndef TESTS_BENCH_REGISTRATION_H
#define TESTS_BENCH_REGISTRATION_H

#include <stdint.h>

#include "proto/tx3.h"
#include "proto/url.h"

struct registration;

/* registration_new - a new identity, registered with the relay: the all-clear
 * has come. */
struct registration *registration_new(const struct url *relay);

/* registration_digest - what a peer sends to reach this client; borrowed. */
const uint8_t *registration_digest(const struct registration *r);

/* registration_token - wait for the next notice. */
void registration_token(struct registration *r, uint8_t token[TX3_TOKEN_LEN]);

/* registration_free - ends the control stream; NULL is fine. */
void registration_free(struct registration *r);

#endif
