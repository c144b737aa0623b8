/*
 * node - the root of a running splice daemon: everything it has, by the file
 * that deals with it. The main thread's, but for what worker.h and mailbox.h
 * say.
 */
#ifndef DATAPLANE_NODE_H
#define DATAPLANE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipcpath.h"
#include "common/loop.h"
#include "common/table.h"
#include "dataplane/account.h"
#include "dataplane/admission.h"
#include "dataplane/budget.h"
#include "dataplane/config.h"
#include "dataplane/hop.h"
#include "dataplane/link.h"
#include "dataplane/listener.h"
#include "dataplane/pairs.h"
#include "dataplane/pending.h"
#include "dataplane/release.h"
#include "dataplane/sealed.h"
#include "dataplane/share.h"
#include "dataplane/siblings.h"
#include "dataplane/stop.h"
#include "dataplane/worker.h"
#include "proto/ipc.h"

struct node {
	struct config config;
	struct loop *loop;
	struct account account;

	struct listener listeners[IPC_LISTEN_MAX];
	size_t n_listeners;
	struct listener local;	/* the accept socket */
	struct listener accept; /* accept_listen; zeros: there is none */
	char accept_path[IPCPATH_CAP];
	struct admissions admissions;

	struct table pendings; /* by number */
	uint64_t next_conn;    /* begins at random, is never used again */
	uint32_t n_in[PENDING_STATES];
	struct budget budget;
	bool asks_soon; /* ask_parked comes at the end of this turn */

	struct siblings siblings;
	struct hop_list hops; /* of PENDING_JOINING */
	struct shares shares; /* what pairs draw from together */
	struct pairs pairs;
	struct worker *workers; /* n_workers, owned; the first is this thread's,
				 * the others are threads */
	size_t n_workers;

	struct link link;
	struct sealed sealed; /* read before node_init */
	struct releases releases;
	struct stop stop;

	uint8_t scratch[IPC_MORE_MAX]; /* bytes looked at, for one call */
	uint8_t wire[IPC_MSG_CAP];     /* a message being sent */
};

/*
 * node_init - loop, tables and workers (not yet started). config and the
 * listeners are there already.
 *
 * Returns  0; -1 with errno (node_fini frees what was made).
 */
int node_init(struct node *n);

/* node_start_workers - Returns 0; -1 with errno. */
int node_start_workers(struct node *n);

/* node_fini - ends the workers and frees everything; config stays. */
void node_fini(struct node *n);

#endif
