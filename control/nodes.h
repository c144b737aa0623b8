/*
 * nodes - the splice nodes by name: hello, welcome, ready (proto/IPC.md 5.1),
 * and how long a name is kept.
 *
 * A node is known by its name, but nothing is believed because of a name: a
 * WELCOME goes to the owner of the name's command socket, and only who got it
 * can say its epoch back.
 */
#ifndef CONTROL_NODES_H
#define CONTROL_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/deadline.h"
#include "common/ipcpath.h"
#include "common/nnlink.h"
#include "common/table.h"
#include "control/attempts.h"
#include "control/node_link.h"
#include "control/node_refused.h"
#include "control/node_wait.h"
#include "control/seals.h"
#include "proto/ipc.h"

struct control;

#define NODES_BUILD    "carrick-control " CARRICK_VERSION
#define NODES_FEATURES 0 /* none so far */

#define NODES_TICK_MS	250   /* how soon a dead peer is noticed */
#define NODES_QUEUE_MAX 16384 /* commands that wait for one node */

/* Without a session: how long a name is kept, and how long if there are pairs
 * charged to clients, which may be alive on a node that control can't hear. */
#define NODES_FORGET_MS	      10000
#define NODES_FORGET_PAIRS_MS 600000

/* Without a session and with nobody at its command socket for so long, whoever
 * has said its name, a node on this host has ended, and its pairs with it: a
 * network that is down looks the same for one on another host. Should that be
 * wrong, they are taken over again from its next list. */
#define NODES_GONE_MS 2000

/* Of a node's process that ended in good order. */
struct node_goodbye {
	uint32_t start; /* which of n_starts; 0 = none did so far */
	uint64_t n_cut; /* pairs that a drain's end has cut */
};

struct node {
	struct node *next;
	uint64_t id; /* no other node's, ever */
	char name[IPC_NAME_CAP];
	struct node_link link;
	struct node_seal seal;
	struct attempts attempts;
	struct node_wait wait;
	uint64_t named_ms; /* when anybody last said the name */

	uint64_t session; /* our epoch in it; 0 = none */
	uint64_t epoch;	  /* of the node in its newest session */
	uint64_t session_ms;
	uint64_t heard_ms; /* when it last spoke in a session */
	uint64_t beat_ms;  /* when we last sent one */
	bool is_broken;	   /* a command was lost: to be ended */
	bool is_published;
	char build[IPC_BUILD_CAP];
	uint64_t features;  /* IPC_FEATURE_... */
	struct addr accept; /* over TCP; port 0: it takes nobody there */
	uint8_t n_listeners;
	struct addr listeners[IPC_LISTEN_MAX];

	uint64_t next_seq; /* of releases, within epoch */
	bool is_ack_due;
	struct table arrivals; /* conn → struct arrival */
	uint32_t n_pairs;      /* charged here, by control's own count */
	uint32_t n_adopted;    /* of these, taken over from its lists */
	uint32_t n_unknown;    /* of these, not known to be spliced still */
	uint32_t ask;	       /* the newest PAIR_LIST_ASK's number */
	unsigned n_mismatches; /* beats in a row with another n_pairs */

	bool drains; /* in this session */
	uint64_t drain_until_ms;
	uint32_t n_starts; /* processes of this name that had a session */
	struct node_goodbye goodbye;

	bool has_beat;	    /* in this session */
	uint32_t n_pending; /* the newest beat's */
	uint32_t beat_pairs;
	uint64_t figures[FIGURE_WIRE_COUNT];
	uint64_t moved; /* bytes, by the newest beat of moved_epoch */
	uint64_t moved_epoch;
};

struct nodes {
	struct node *first;
	size_t n;
	uint64_t newest_id;
	struct table by_session; /* session → struct node */
	struct deadline tick;
	struct nodes_refused refused;
	char dir[IPCPATH_CAP]; /* of the nodes' sockets; empty: tcp:// */
};

/* nodes_init - none is known. dir: of events_url. Returns 0; -1. */
int nodes_init(struct control *c);

/* nodes_fini - sessions, arrivals and pairs end; links are closed. */
void nodes_fini(struct control *c);

/* nodes_are_remote - whether they are on other hosts: over tcp://. */
bool nodes_are_remote(const struct control *c);

/* nodes_named - the node of this name, with a session or without; NULL. */
struct node *nodes_named(const struct control *c, const char *name);

/* nodes_n_open - how many let clients in: in session, and not draining. */
size_t nodes_n_open(const struct control *c);

/* nodes_in_session - whose session has these epochs; NULL. */
struct node *
nodes_in_session(const struct control *c, uint64_t from, uint64_t to);

/* nodes_welcomed - whose WELCOME a NODE_READY with these epochs would answer;
 * NULL. */
const struct node *
nodes_welcomed(const struct control *c, uint64_t from, uint64_t to);

/* nodes_find - whose session an event belongs to; NULL, counted, if it is of
 * no session that is (proto/IPC.md 2). */
struct node *nodes_find(struct control *c, const struct ipc_msg *m);

/* nodes_hello - send a WELCOME to the name's owner; changes nothing else. */
void nodes_hello(struct control *c, const struct ipc_msg *m);

/* nodes_ready - begin the session that m proves: it came from whom the
 * WELCOME reached. */
void nodes_ready(struct control *c, const struct ipc_msg *m);

/* nodes_settle - what is due after the events of a turn: acknowledge releases,
 * end sessions that lost a command, and let commands go before handshakes and
 * the like keep them waiting. */
void nodes_settle(struct control *c);

/* nodes_tick - beats, losses, names to forget; called every NODES_TICK_MS. */
void nodes_tick(struct control *c);

#endif
