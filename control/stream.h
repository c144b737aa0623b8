/*
 * stream - a client's TLS control stream, from the first bytes that name the
 * relay to its end: held at the node, joined to control's own connection by a
 * ticket, TLS with the client's certificate, registered, told of calls. What
 * is said on it is its frontend's.
 */
#ifndef CONTROL_STREAM_H
#define CONTROL_STREAM_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/deadline.h"
#include "control/budget.h"
#include "control/counters.h"
#include "control/ticket.h"
#include "proto/addr.h"
#include "proto/digest.h"

struct arrival;
struct bufferevent;
struct call;
struct client;
struct config;
struct control;
struct event;
struct frontend;
struct node;
struct pair;
struct relay_identity;

enum stream_state {
	STREAM_HELD,	   /* the ticket is on its way */
	STREAM_HANDSHAKE,  /* paired; TLS runs */
	STREAM_OPEN,	   /* the client has proved its key */
	STREAM_REGISTERED, /* it can be called */
	STREAM_ENDED	   /* to be freed at the end of the turn */
};

struct stream {
	struct control *control;
	struct stream *next; /* in streams.live or streams.ended */
	struct stream *prev;
	enum stream_state state;
	const struct frontend *frontend;
	const struct relay_identity *identity; /* the one that was dialled */
	unsigned dialect; /* the frontend's: how the client is talked to */
	void *own;	  /* the frontend's; NULL before it made something */
	uint8_t digest[DIGEST_LEN]; /* the client's, from STREAM_OPEN on */
	struct addr remote;
	struct addr local; /* where the client dialled */
	bool is_proxied;   /* a balancer says so, and is who connected */
	struct budget_payer payer;
	uint64_t since_ms;
	struct arrival *arrival; /* borrowed in STREAM_HELD; else NULL */
	uint16_t skip;		 /* bytes that are not TLS's */
	uint8_t ticket[TICKET_LEN];
	struct event *knock; /* until fd is connected; else NULL */
	struct pair *pair;   /* borrowed; NULL before, or once it ended */
	int fd;		     /* our end; -1 = none */
	SSL *ssl;
	struct bufferevent *bev;
	struct client *client; /* borrowed in STREAM_REGISTERED */
	struct call *asked;    /* which it waits for; borrowed; NULL: none */
	struct deadline deadline;
	bool is_waiting; /* the deadline is the frontend's */
};

struct streams {
	struct stream *live;
	struct stream *ended;
};

/* streams_fini - all end, SHUTDOWN, and are freed. */
void streams_fini(struct control *c);

/*
 * stream_begin - somebody wants a control stream: have it held and open our
 * end, or refuse it.
 *
 * a        taken over.
 * dialled  outlives the stream; its dialect is the stream's.
 * skip     bytes of it in front of TLS.
 * Context  the whole handshake has handshake_timeout_ms from here.
 */
void stream_begin(struct control *c, struct arrival *a,
    const struct relay_identity *dialled, uint16_t skip);

/* stream_pair - our end has come in at the node: have the two spliced and
 * begin TLS. own is taken over; stream is in STREAM_HELD. */
void stream_pair(struct stream *stream, struct arrival *own);

/* stream_pair_over - the node's pair below it is over; our end of the
 * connection says so by itself. */
void stream_pair_over(struct stream *stream);

/* stream_opened - the handshake has proved that digest's key is at the other
 * end; alpn is what it agreed on, "" = nothing. The frontend goes on. */
void stream_opened(
    struct stream *stream, const uint8_t digest[DIGEST_LEN], const char *alpn);

/* stream_take_place - one of max_control_streams, if it has none so far.
 * Returns REFUSAL_NONE; the limit that was hit. */
enum refusal stream_take_place(struct stream *stream);

/*
 * stream_register - the client can be called from now on.
 *
 * stream   in STREAM_OPEN; it has its place.
 * welcome  len bytes that tell the client so, before it is told of calls.
 * Does     the stream that the client had before ends, REPLACED; or this one,
 *          if its digest can't be registered.
 */
void stream_register(struct stream *stream, const void *welcome, size_t len);

/* stream_leave_handshakes - the call that it asked for waits: it has proved its
 * key, and keeps none of max_handshakes from others. It has a place like those
 * who have registered, if there is one; but where it waits for a client to come
 * back, it does not take the client's, for early.h bounds how many do. */
void stream_leave_handshakes(struct stream *stream);

/*
 * stream_ask - have the frontend's heard told how long ago anything came from
 * the client's TCP, be it an acknowledgement: of a client that is too busy to
 * answer itself.
 *
 * Returns  0; -1: nobody can tell, for the pair is over, or a balancer's TCP is
 *          in between.
 */
int stream_ask(struct stream *stream);

/* stream_heard - the node's answer; IPC_HEARD_UNKNOWN_MS: it can't tell. */
void stream_heard(struct stream *stream, uint32_t ms);

/* stream_wait - have the frontend's due called then, and not before; in
 * STREAM_OPEN that takes the place of the handshake's deadline. Returns 0; -1:
 * no memory, the stream has ended. */
int stream_wait(struct stream *stream, uint64_t in_ms);

/* stream_backlog_max - bytes that a client may leave unread, beyond what the
 * sockets take: notices of as many calls as it may have, and 4096. */
size_t
stream_backlog_max(const struct config *config, const struct frontend *f);

/*
 * stream_say - write to the client.
 *
 * Returns  0; -1: it has ended the stream (SLOW, RESOURCES), and with it all
 *          its client's calls; the client may be freed.
 */
int stream_say(struct stream *stream, const void *p, size_t len);

/* stream_end - end it in whatever state, once: what it holds is given back,
 * its client loses it. What was said last is still sent. stream is freed at
 * the end of the turn. */
void stream_end(struct stream *stream, enum stream_end why);

/*
 * streams_leave - end those that run over node, DRAINED, so that their clients
 * come back over another.
 *
 * Returns  how many there were.
 */
size_t streams_leave(struct control *c, const struct node *node);

/* stream_state_name - for logs and status. */
const char *stream_state_name(enum stream_state state);

#endif
