/*
 * call - a peer who wants a client: held at its node, announced to the client
 * by a token, and over when the client comes, or nobody does.
 */
#ifndef CONTROL_CALL_H
#define CONTROL_CALL_H

#include <stdint.h>

#include "common/deadline.h"
#include "control/counters.h"
#include "proto/addr.h"
#include "proto/tx3.h"

struct arrival;
struct client;
struct control;

struct call {
	struct control *control;
	struct call *next; /* in client->calls */
	struct call *prev;
	struct client *client;	 /* borrowed */
	struct arrival *arrival; /* the peer; borrowed */
	struct addr remote;
	struct addr source; /* what the client's quota counts */
	uint64_t since_ms;
	uint8_t token[TX3_TOKEN_LEN];
	struct deadline deadline;
};

/*
 * call_begin - have the peer held and the client told; or refused, before the
 * client hears of it.
 *
 * client   registered.
 * peer     taken over.
 * skip     bytes of the peer's that are not the client's to see.
 */
void call_begin(struct control *c, struct client *client, struct arrival *peer,
    uint16_t skip);

/*
 * call_join - the client came: pair it with the peer; the call is over.
 *
 * call     its token was presented.
 * client   taken over: the connection that said the token.
 * skip     bytes of it that are not the peer's to see: the token.
 */
void call_join(struct control *c, struct call *call, struct arrival *client,
    uint16_t skip);

/* call_end - it is over without a pair: the peer is dropped, unless it went
 * by itself; the place in the quota is free. call is freed. */
void call_end(struct control *c, struct call *call, enum call_end why);

#endif
