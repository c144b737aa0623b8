/*
 * call - a peer who wants a client: waiting for its turn where others call as
 * well, announced to the client, and over when both have come, or somebody
 * does not.
 *
 * A peer may be there from the start, held at its node; or it asked for the
 * client on a control stream of its own, and comes with a token like the
 * client.
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
#include "proto/digest.h"
#include "proto/ipc.h"

struct arrival;
struct caller;
struct client;
struct control;
struct frontend;
struct pair;
struct stream;

enum call_state {
	CALL_WAITING, /* the client has not heard of it */
	CALL_PENDING, /* it has its tokens, and the client was told */
	CALL_JOINING, /* the second came at another node (hop.h) */
	CALL_STATES
};

/* One of the two who are to be joined. */
struct call_party {
	struct arrival *arrival; /* held; borrowed; NULL: it has not come */
	uint16_t skip;	    /* bytes of it that are not the other's to see */
	struct token token; /* if CALL_PENDING: what it says as it comes */
};

struct call {
	struct control *control;
	enum call_state state;
	TAILQ_ENTRY(call) link; /* in client->calls */
	TAILQ_ENTRY(call) wait; /* in caller->waiting, if CALL_WAITING */
	struct client *client;	/* borrowed */
	struct caller *caller;	/* borrowed; of the client's quota */
	const struct frontend *frontend;
	struct stream *asker; /* whose peer asked, until it is told; or NULL */
	uint8_t asker_digest[DIGEST_LEN]; /* zeros if nobody ever asked */
	struct call_party parties[CALL_SIDES];
	struct addr remote;
	struct addr source; /* what the client's quota counts */
	bool is_early;	    /* the client is not back yet (early.h) */
	bool tell_again;    /* its client may have got the token too late */
	uint64_t since_ms;
	struct pair *hop; /* borrowed, if CALL_JOINING; NULL: it is over */
	uint8_t ticket[IPC_TICKET_LEN]; /* if CALL_JOINING */
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
 * call_ask - the same for a peer that comes when it is told to.
 *
 * asker    in STREAM_OPEN, whose frontend tells it, in its turn; until then
 *          its end is the call's, and the call's end has its frontend's
 *          turned_away called.
 * Returns  REFUSAL_NONE, and asker may have ended; why not, and nothing has
 *          been said or counted.
 */
enum refusal
call_ask(struct control *c, struct client *client, struct stream *asker);

/* call_unask - asker and call are of no concern to each other any more. Returns
 * the one that was. */
struct stream *call_unask(struct call *call);

/*
 * call_come - one of the two came: hold it until the other does, or join them
 * and the call is over. The second may come at another node: that is told to
 * join the first's, and call_joined makes the pair.
 *
 * token    was presented.
 * a        taken over: the connection that said it.
 * skip     bytes of it that are not the other's to see.
 */
void call_come(
    struct control *c, struct token *token, struct arrival *a, uint16_t skip);

/*
 * call_joined - the second of a call that is CALL_JOINING has come to the
 * first's node.
 *
 * a        taken over: the connection that said the ticket.
 * skip     bytes of it that are not the other's to see.
 */
void call_joined(
    struct control *c, struct call *call, struct arrival *a, uint16_t skip);

/* call_end - it is over without a pair: who has come is dropped, unless he went
 * by himself; its place is free for one that waits. call is freed, and the
 * client if nothing else needs it. */
void call_end(struct control *c, struct call *call, enum call_end why);

/* calls_end_all - of a client that goes; it is not freed. */
void calls_end_all(struct control *c, struct client *client, enum call_end why);

/* calls_await_client - client's stream has ended, and it is expected back
 * (early.h): calls it was not told of are early now, and end, CLIENT_GONE, if
 * there is no room for that; the others go on, and it is told of them again. */
void calls_await_client(struct control *c, struct client *client);

/* calls_resume - a place has become free: announce those that wait for it,
 * in a turn of the loop of its own. */
void calls_resume(struct control *c, struct client *client);

/* calls_client_came - client has registered: calls that were early are so no
 * longer, and those of before its last stream's end are told again. client may
 * be freed. */
void calls_client_came(struct control *c, struct client *client);

/* calls_on_turn - time has brought a client's next turn: its turn's callback.
 */
deadline_fn calls_on_turn;

/* call_state_name - for logs and metrics. */
const char *call_state_name(enum call_state state);

#endif
