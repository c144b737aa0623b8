/*
 * pending - a connection from accept until it is paired or closed: an object
 * with one state setter and one close function. The main thread owns all of
 * them, without a lock.
 */
#ifndef DATAPLANE_PENDING_H
#define DATAPLANE_PENDING_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/deadline.h"
#include "dataplane/admission.h"
#include "dataplane/stream.h"
#include "proto/addr.h"
#include "proto/ipc.h"
#include "proto/reason.h"

enum pending_state {
	PENDING_PREAMBLE, /* no byte seen yet */
	PENDING_PARKED,	 /* bytes are there; waits until control can be asked */
	PENDING_ASKED,	 /* control was shown bytes and owes a verdict */
	PENDING_WAITING, /* control wants more bytes than there are */
	PENDING_HELD,	 /* waits for a partner */
	PENDING_JOINING, /* its partner is at a sibling, not reached yet */
	PENDING_DRAINING, /* told its last word; what it sends is thrown away */
	PENDING_CLOSED,	  /* freed at the end of this round of the loop */
	PENDING_STATES
};

/* ms; for the ticket of what comes in on accept_listen, where its 32 bytes are
 * said at once, and strangers may come. Whoever had no answer to his first SYN
 * waits 3 s before he says lost bytes again (RFC 6298, 5.7). */
#define PENDING_TICKET_MS 5000

struct budget_source;
struct hop;
struct node;

struct pending {
	struct node *node;
	uint64_t conn;
	int fd;
	bool local;	  /* control's or a sibling's, not a stranger's */
	bool is_unix;	  /* the kind of socket */
	uint8_t listener; /* index in NODE_READY, or IPC_LISTENER_LOCAL */
	struct addr remote;
	struct addr here;
	struct admission admission;
	struct budget_source *source; /* NULL before anything was asked */
	enum pending_state state;
	enum stream_look seen;	/* how its socket stood at its last news */
	enum ipc_on_fin on_fin; /* HELD */
	bool known;		/* this session's control knows its number */
	bool touched;  /* bytes of it were consumed, or some were said to it */
	bool was_held; /* control took it up */
	bool fin_told;
	bool is_lowat_set; /* SO_RCVLOWAT */
	size_t shown;	   /* bytes that control has seen and that are unread */
	size_t want;	   /* PREAMBLE, WAITING: bytes to show */
	size_t drained;	   /* DRAINING: bytes thrown away */
	uint64_t since_ms;
	struct event *event;
	struct deadline deadline;
	TAILQ_ENTRY(pending) parked; /* PARKED: budget.h */
	struct hop *hop;	     /* JOINING; owned */
};

TAILQ_HEAD(pending_queue, pending);

/* What an accepted socket is made a pending connection of. */
struct pending_origin {
	int fd;
	bool is_unix;
	uint8_t listener;
	struct addr remote; /* zeros of a UNIX socket */
	struct addr here;
	struct admission admission;
};

/*
 * pending_new - take over an accepted socket; its first bytes are waited for
 * from now on, preamble_timeout_ms at most: one byte, or on accept_listen a
 * whole ticket, PENDING_TICKET_MS at most.
 *
 * Returns  0; -1: no memory; the socket is closed and its place given back.
 */
int pending_new(struct node *n, const struct pending_origin *origin);

/* pending_find - by number; NULL: not (or no longer) one that control may
 * name. Borrowed until the loop's round ends. */
struct pending *pending_find(const struct node *n, uint64_t conn);

/*
 * pending_enter - the only way to change the state: checks that the move is
 * legal (assert), moves the gauges, sets the deadline.
 *
 * in_ms    until it is closed for the new state's reason (pending.c); not
 *          used for CLOSED.
 */
void pending_enter(struct pending *p, enum pending_state state, uint64_t in_ms);

/* pending_forget - control no longer knows this number. */
void pending_forget(struct pending *p);

/*
 * pending_close - the end, whatever the state: counts and logs it, tells
 * control if control knows of it, closes the socket. Does nothing the second
 * time. Memory goes at the end of the loop's round.
 */
void pending_close(struct pending *p, enum reason why);

/* pending_hand_over - it becomes half of a pair: as pending_close with PAIRED,
 * but socket and place are the caller's now.
 * Returns the descriptor. */
int pending_hand_over(struct pending *p, struct admission *admission);

/* pending_close_silent - those that have shown no byte. */
void pending_close_silent(struct node *n, enum reason why);

/* pending_close_all - at the node's end. */
void pending_close_all(struct node *n, enum reason why);

#endif
