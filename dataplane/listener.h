/*
 * listener - the sockets that connections come in on: the public ones, and
 * those for control's own and its siblings': the accept socket, and over TCP
 * accept_listen.
 */
#ifndef DATAPLANE_LISTENER_H
#define DATAPLANE_LISTENER_H

#include <stdint.h>

#include "common/listen.h"
#include "dataplane/admission.h"
#include "proto/addr.h"

struct node;

/* tcp(7) keepalive of a connection until it is paired, in s: a held one would
 * otherwise outlive its peer unseen. */
#define LISTENER_KEEPALIVE_IDLE_S     7
#define LISTENER_KEEPALIVE_INTERVAL_S 7
#define LISTENER_KEEPALIVE_COUNT      3

struct listener {
	struct node *node;
	uint8_t index; /* of NODE_HELLO; IPC_LISTENER_LOCAL */
	enum admission_kind kind;
	int fd;		   /* until it is accepted on; else -1 */
	struct addr bound; /* zeros if it is not TCP */
	char text[ADDR_TEXT_CAP];
	struct acceptor *acceptor;
};

/*
 * listeners_bind - bind the TCP addresses of the configuration.
 *
 * why      out, CONF_WHY_CAP bytes: a sentence on failure.
 * Returns  0; -1 (listeners_close closes what was bound).
 */
int listeners_bind(struct node *n, char *why);

/* listeners_bind_local - bind the accept socket at path. Answers the same. */
int listeners_bind_local(struct node *n, const char *path, char *why);

/* listeners_accept - accept on all of them. Returns 0; -1 with errno. */
int listeners_accept(struct node *n);

/* listeners_close_public - nobody new comes in, but who is in the backlog
 * does: closing would reset those. The accept socket stays. */
void listeners_close_public(struct node *n);

/* listeners_close - nobody comes in any more; the accept socket's file is
 * removed. */
void listeners_close(struct node *n);

#endif
