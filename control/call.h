/*
 * call - a peer who wants a client: held at its node, waiting for its turn
 * where others call as well, announced to the client by a token, and over when
 * the client comes, or nobody does.
 */
#ifndef CONTROL_CALL_H
#define CONTROL_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/deadline.h"
#include "control/counters.h"
#include "control/token.h"
#include "proto/addr.h"

struct arrival;
struct caller;
struct client;
struct control;
struct frontend;

enum call_state {
	CALL_WAITING, /* the client has not heard of it */
	CALL_PENDING, /* it has a token, and the client was told */
	CALL_STATES
};

struct call {
	struct control *control;
	enum call_state state;
	TAILQ_ENTRY(call) link; /* in client->calls */
	TAILQ_ENTRY(call) wait; /* in caller->waiting, if CALL_WAITING */
	struct client *client;	/* borrowed */
	struct caller *caller;	/* borrowed; of the client's quota */
	const struct frontend *frontend;
	struct arrival *arrival; /* the peer; borrowed */
	struct addr remote;
	struct addr source; /* what the client's quota counts */
	uint16_t skip; /* bytes of the peer's before what is the client's */
	bool is_early; /* the client is not back yet (early.h) */
	uint64_t since_ms;
	uint8_t token[TOKEN_LEN]; /* if CALL_PENDING */
	struct deadline deadline; /* from the peer's arrival to the pair */
};

/* All clients' calls. */
struct calls {
	uint32_t n[CALL_STATES];
};

/*
 * call_begin - have the peer held, and the client told as soon as it is this
 * call's turn; or refuse it, before the client hears of it.
 *
 * client   registered, or expected back (early.h); freed if it is refused
 *          and nothing else needs it.
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
 * by itself; its place is free for one that waits. call is freed, and the
 * client if nothing else needs it. */
void call_end(struct control *c, struct call *call, enum call_end why);

/* calls_end_all - of a client that goes; it is not freed. */
void calls_end_all(struct control *c, struct client *client, enum call_end why);

/* calls_resume - a place has become free: announce those that wait for it,
 * in a turn of the loop of its own. */
void calls_resume(struct control *c, struct client *client);

/* calls_client_came - client has registered: calls that were early are so no
 * longer. */
void calls_client_came(struct control *c, struct client *client);

/* calls_on_turn - time has brought a client's next turn: its turn's callback.
 */
deadline_fn calls_on_turn;

/* call_state_name - for logs and metrics. */
const char *call_state_name(enum call_state state);

#endif
