/*
 * link - the session with control: hello until it welcomes us, beats both
 * ways, and what happens when it is lost. proto/IPC.md, 5.
 */
#ifndef DATAPLANE_LINK_H
#define DATAPLANE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/deadline.h"
#include "common/nnlink.h"
#include "dataplane/command.h"
#include "dataplane/silence.h"
#include "dataplane/uplink.h"
#include "proto/ipc.h"

#define LINK_TICK_MS	    IPC_HELLO_MS
#define LINK_TICKS_PER_BEAT (IPC_BEAT_MS / LINK_TICK_MS)

struct link {
	struct nnlink_in *in;
	struct uplink up;
	struct addr commands; /* over tcp://: where in is bound */
	uint64_t epoch;	      /* of this start of the node */
	uint64_t session;     /* control's epoch; 0 = no session */
	uint64_t lost;	      /* of the session before; 0 = none was */
	uint64_t control;     /* which start of control; 0 = none was there */
	bool losing; /* the session is over, its connections not yet seen to */
	uint64_t heard_ms;
	uint64_t beat_ms; /* of our last beat, or of the session's begin */
	struct silence silence; /* without a session */
	unsigned n_ticks;	/* of this session */
	struct deadline tick;
};

/*
 * link_start - bind the commands, join the events, and say hello from now on.
 *
 * why      out, static text: which step failed.
 * Returns  0; -1 with errno (then as after link_stop).
 */
int link_start(struct node *n, const char *commands_url, const char **why);

/* link_stop - without a word; a zeroed link is fine. */
void link_stop(struct node *n);

bool link_in_session(const struct node *n);

/* link_proves_session - whether a message of this header comes from control in
 * this session: nobody else knows both epochs. */
bool link_proves_session(const struct node *n, const struct ipc_header *h);

/* link_is_current - the same, but a WELCOME is current if it is meant for this
 * start of the node, unless it names the session that was lost last: that one
 * was under way, and an epoch names one session. */
bool link_is_current(const struct node *n, const struct ipc_header *h);

/* link_heard - control is alive. */
void link_heard(struct node *n);

/* link_send - send an event; from and to are filled in here. Without a session
 * it is dropped. When the queue is full the session is given up: from then on
 * the two would not know the same. */
void link_send(struct node *n, struct ipc_msg *m);

/* link_beat - a beat now, ahead of its time. Without a session: nothing. */
void link_beat(struct node *n);

/* link_try_send - the same for what can be sent later as well.
 * Returns 0; -1: no session, or the queue is full. */
int link_try_send(struct node *n, struct ipc_msg *m);

/*
 * link_give_up - the session is over; hello again. Its connections are seen to
 * at the next tick, which is now: callers may be in the middle of them.
 *
 * why  static text for the log. Does nothing without a session.
 */
void link_give_up(struct node *n, const char *why);

/* on_welcome, on_control_beat - proto/IPC.md, 5.1 and 4.3. */
command_fn on_welcome;
command_fn on_control_beat;

#endif
