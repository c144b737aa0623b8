/*
 * release - the events that release something a client is charged for: each
 * has a sequence number, is kept until control acknowledged it, and is sent
 * again, in order, until then. proto/IPC.md, 5.3.
 */
#ifndef DATAPLANE_RELEASE_H
#define DATAPLANE_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/command.h"
#include "proto/ipc.h"
#include "proto/reason.h"

/* How many are on their way without an ack: so that a long queue, sent again,
 * does not fill what nanomsg takes. */
#define RELEASE_WINDOW 1024

/* One of them, without what every message has. */
struct release {
	enum ipc_type type; /* CONN_GONE, PAIR_REFUSED or PAIR_ENDED */
	union {
		struct ipc_conn_gone conn_gone;
		struct ipc_pair_refused pair_refused;
		struct ipc_pair_ended pair_ended;
	} u;
};

/* A ring of what is not acknowledged: sequence numbers first_seq to
 * next_seq - 1, of which those below unsent_seq were sent in this session. */
struct releases {
	struct release *ring; /* owned; cap is a power of 2 */
	size_t cap;
	uint64_t first_seq;
	uint64_t unsent_seq;
	uint64_t next_seq;
	uint64_t moved_ms; /* when an ack or the first send was last seen */
};

/* releases_init - nothing to release; the first number is 1. */
void releases_init(struct releases *r);
void releases_fini(struct releases *r);

/* release_conn_gone, release_pair_refused, release_pair_ended - queue one and
 * send it as soon as may be. u's seq is filled in here. */
void release_conn_gone(struct node *n, uint64_t conn, enum reason why);
void release_pair_refused(struct node *n, const struct ipc_pair_refused *u);
void release_pair_ended(struct node *n, const struct ipc_pair_ended *u);

/* releases_are_heard - whether control has acknowledged all there were. */
bool releases_are_heard(const struct releases *r);

/* release_begin - a new session: all is to be sent again. */
void release_begin(struct node *n);

/* release_tick - time went by: send again what was not acknowledged within
 * IPC_RESEND_MS. */
void release_tick(struct node *n);

/* on_release_ack - proto/IPC.md, 5.3. */
command_fn on_release_ack;

#endif
