/*
 * ticket - control's own connections to a node: a plain connection to its
 * accept socket, on one host a UNIX socket, else TCP, that says 32 random
 * bytes, so that the node's report of it can be told from a stranger's. One
 * use; it dies with its stream.
 */
#ifndef CONTROL_TICKET_H
#define CONTROL_TICKET_H

#include <stdint.h>

#include "common/table.h"
#include "proto/ipc.h"

#define TICKET_LEN IPC_TICKET_LEN /* proto/IPC.md 6 */

/* Over TCP, as nodes do by default: a control stream may be silent for days,
 * and nothing else would say that the node's host has vanished. */
#define TICKET_KEEPALIVE_IDLE_S	    60
#define TICKET_KEEPALIVE_INTERVAL_S 10
#define TICKET_KEEPALIVE_COUNT	    6

struct arrival;
struct control;
struct node;
struct stream;

struct tickets {
	struct table streams; /* ticket → struct stream */
};

/* tickets_init - none. Returns 0; -1 with errno. */
int tickets_init(struct control *c);
void tickets_fini(struct tickets *ts);

/*
 * ticket_send - draw stream->ticket, connect to node's accept socket and say
 * it there: a UNIX socket connects at once or not at all; over TCP the ticket
 * follows when the connection stands, and if it never does, the stream is
 * ended (ACCEPT_SOCKET).
 *
 * Returns  the connection, owned by the caller, non-blocking; -1 with errno.
 * Context  loop thread; never blocks.
 */
int
ticket_send(struct control *c, const struct node *node, struct stream *stream);

/* ticket_arrive - a local connection of a node says these bytes: it is given
 * to its stream, or to the call that a sibling joins (hop.h), or refused. a is
 * taken over. */
void ticket_arrive(
    struct control *c, struct arrival *a, const uint8_t ticket[TICKET_LEN]);

/* ticket_revoke - its stream is over; no matter if it was presented, or said
 * at all. */
void ticket_revoke(struct control *c, struct stream *stream);

#endif
