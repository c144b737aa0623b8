/*
 * stream - a client's TLS control stream, from the first bytes that name the
 * relay to its end: held at the node, joined to control's own connection by a
 * ticket, TLS 1.3 with the client's certificate, registered, told of calls.
 * A client only listens: a single byte from it ends the stream.
 */
#ifndef CONTROL_STREAM_H
#define CONTROL_STREAM_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#include "common/deadline.h"
#include "control/budget.h"
#include "control/counters.h"
#include "control/ticket.h"
#include "proto/addr.h"
#include "proto/digest.h"
#include "proto/tx3.h"

struct arrival;
struct bufferevent;
struct client;
struct config;
struct control;
struct event;
struct frontend;
struct pair;
struct relay_identity;

enum stream_state {
	STREAM_HELD,	   /* the ticket is on its way */
	STREAM_HANDSHAKE,  /* paired; TLS runs */
	STREAM_REGISTERED, /* the all-clear was written */
	STREAM_ENDED	   /* to be freed at the end of the turn */
};

struct stream {
	struct control *control;
	struct stream *next; /* in streams.live or streams.ended */
	struct stream *prev;
	enum stream_state state;
	const struct frontend *frontend;
	const struct relay_identity *identity; /* the one that was dialled */
	enum tx3_dialect dialect;	       /* of its notices */
	struct addr remote;
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
	struct deadline deadline;
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

/* stream_register - the handshake has proved that digest's key is at the other
 * end: register it and write the all-clear, or end the stream. */
void stream_register(struct stream *stream, const uint8_t digest[DIGEST_LEN]);

/* stream_backlog_max - bytes of notices that a client may leave unread, beyond
 * what the sockets take: of as many calls as it may have, and 4096. */
size_t stream_backlog_max(const struct config *config);

/*
 * stream_notify - tell a registered client of a peer, in its dialect.
 *
 * Returns  0; -1: it has ended the stream (SLOW, RESOURCES), and with it all
 *          its client's calls; the client may be freed.
 */
int stream_notify(struct stream *stream, const struct tx3_notice *notice);

/* stream_end - end it in whatever state, once: what it holds is given back,
 * its client loses it. stream is freed at the end of the turn. */
void stream_end(struct stream *stream, enum stream_end why);

/* stream_state_name - for logs and status. */
const char *stream_state_name(enum stream_state state);

#endif
