/*
 * listener - the sockets that connections come in on: the public ones, and
 * those for control's own and its siblings': the accept socket, and over TCP
 * accept_listen.
 */
#ifndef DATAPLANE_LISTENER_H
#define DATAPLANE_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/listen.h"
#include "dataplane/admission.h"
#include "proto/addr.h"

struct config;
struct node;

struct listener {
	struct node *node;
	uint8_t index; /* of NODE_READY; IPC_LISTENER_LOCAL */
	enum admission_kind kind;
	int fd;		   /* until it is accepted on; else -1 */
	bool is_passed;	   /* the service manager has it open too */
	struct addr bound; /* zeros if it is not TCP */
	char text[ADDR_TEXT_CAP];
	struct acceptor *acceptor;
};

/*
 * listeners_bind - take the sockets that the service manager passed, or if
 * there are none, bind the public addresses; and accept_listen in any case.
 *
 * why      out, CONF_WHY_CAP bytes: a sentence on failure.
 * Returns  0; -1 (listeners_close closes what was bound).
 */
int listeners_bind(struct node *n, char *why);

/* listeners_bind_local - bind the accept socket at path. Answers the same. */
int listeners_bind_local(struct node *n, const char *path, char *why);

/* listener_set_options - what a TCP listener hands down to the sockets that are
 * accepted from it, or the same on another one: the node's own keepalive and
 * user timeout, urgent bytes in line, TCP_NODELAY. Returns 0; -1 with errno. */
int listener_set_options(const struct config *c, int fd);

/* listeners_accept - accept on all of them. Returns 0; -1 with errno. */
int listeners_accept(struct node *n);

/* listeners_close_public - nobody new comes in, but who is in the backlog
 * does: closing would reset those. The backlog of a socket that was passed
 * stays with it, for whoever takes it next. The accept socket stays. */
void listeners_close_public(struct node *n);

/* listeners_close - nobody comes in any more; the accept socket's file is
 * removed. */
void listeners_close(struct node *n);

#endif
