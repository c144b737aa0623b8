/*
 * arrival - a pending connection of a node, as control knows it: shown by
 * CONN_OPEN, owed a verdict, forgotten with CONN_PAIR and CONN_DROP.
 *
 * What a node says here is hostile: each node has its own table, bounded, so
 * that a number means that node's connection and no other's.
 */
#ifndef CONTROL_ARRIVAL_H
#define CONTROL_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/deadline.h"
#include "control/frontend.h"
#include "proto/ipc.h"

/* Of one node; above max_connections of a splice node's default, so that only
 * one that lies comes here. */
#define ARRIVALS_PER_NODE_MAX 65536

/* ms that control waits on after a ttl that the node keeps itself. */
#define ARRIVAL_GRACE_MS 5000

struct arrival;
struct control;
struct node;

enum arrival_state {
	ARRIVAL_ASKED,	 /* its verdict is being made up */
	ARRIVAL_WAITING, /* CONN_WAIT sent: more bytes are wanted */
	ARRIVAL_HELD	 /* CONN_HOLD sent; it has an owner */
};

enum arrival_end {
	ARRIVAL_GONE,	  /* the node said so */
	ARRIVAL_EXPIRED,  /* its time was over at the node */
	ARRIVAL_NODE_LOST /* the node's session is over */
};

/* arrival_gone_fn - the owner learns that a is no more: it lets go of it and
 * sends nothing for it. a is freed afterwards. */
typedef void
arrival_gone_fn(struct control *c, struct arrival *a, enum arrival_end why);

struct arrival {
	struct control *control;
	struct node *node; /* borrowed; outlives it */
	uint64_t conn;	   /* within the node's epoch */
	enum arrival_state state;
	bool is_local;	    /* came in on the node's accept socket */
	struct addr remote; /* a balancer's word, where one is believed */
	struct addr source; /* what limits count: addr_source(remote) */
	struct addr local;  /* where it was dialled, in the same words */
	size_t n_shown;	    /* bytes the node has shown and not consumed */
	size_t header_len;  /* of the PROXY header in front; 0 = none, or
			     * consumed */
	const struct frontend *frontend; /* NULL until one claimed it */
	struct ipc_bytes no; /* what it is told if it is refused; static */
	uint64_t since_ms;
	struct deadline deadline; /* of CONN_WAIT; an owner has its own */
	bool keeps_fin;		  /* in ARRIVAL_HELD: as it was asked for */
	void *owner;		  /* in ARRIVAL_HELD; borrowed */
	arrival_gone_fn *gone;
};

/* arrival_open - a CONN_OPEN of node: make it and judge it. Dropped and
 * counted: a number that is open, a node with too many. */
void arrival_open(
    struct control *c, struct node *node, const struct ipc_conn_open *m);

/* arrival_more - a CONN_MORE: judge it again. Dropped and counted unless it
 * was asked for. */
void arrival_more(
    struct control *c, struct arrival *a, const struct ipc_conn_more *m);

/* arrival_fin - a CONN_FIN: all is said, and the pair will pass it on. Dropped
 * and counted unless it was asked for. */
void arrival_fin(struct control *c, struct arrival *a);

/* arrival_find - node's connection of that number; NULL. */
struct arrival *arrival_find(const struct node *node, uint64_t conn);

/* How a connection is held. Bytes to skip are counted, here as everywhere,
 * from the first one that its frontend saw: a PROXY header in front goes with
 * them; 0: nothing is consumed. */
struct arrival_hold {
	uint32_t ttl_ms;
	uint16_t skip;	      /* at most the bytes shown */
	struct ipc_bytes say; /* borrowed; then */
	bool keeps_fin; /* a FIN is passed on by the pair; else it drops */
};

/*
 * arrival_hold - have the node keep it (CONN_HOLD).
 *
 * owner    borrowed until gone is called, or arrival_pair or arrival_drop.
 */
void arrival_hold(struct control *c, struct arrival *a,
    const struct arrival_hold *how, void *owner, arrival_gone_fn *gone);

/* One side of a pair. */
struct arrival_side {
	struct arrival *arrival;
	uint16_t skip;	      /* as arrival_hold's */
	struct ipc_bytes say; /* borrowed; before any byte of the other's */
};

/*
 * arrival_pair - have the node splice both (CONN_PAIR) and forget them.
 *
 * sides    a and b; freed; of one node; their owners are not called.
 * tag      of the pair.
 */
void arrival_pair(struct control *c, const struct arrival_side sides[2],
    const uint8_t tag[IPC_TAG_LEN], const struct ipc_limits *limits);

/*
 * arrival_join - have the node join it to a sibling (CONN_JOIN) and forget it.
 *
 * side     freed; its owner is not called.
 * how      whose conn, skip and say are filled in here.
 */
void arrival_join(struct control *c, const struct arrival_side *side,
    const struct ipc_conn_join *how);

/* arrival_drop - have the node close it (CONN_DROP) and forget it. Its owner
 * is not called. a is freed. */
void arrival_drop(struct control *c, struct arrival *a, enum ipc_how how);

/* arrival_drop_saying - the same in good order, with these last words. */
void arrival_drop_saying(
    struct control *c, struct arrival *a, const struct ipc_bytes *say);

/* arrival_end - it is no more: its owner is told, a is freed. */
void arrival_end(struct control *c, struct arrival *a, enum arrival_end why);

/* arrival_end_all - of one node. */
void
arrival_end_all(struct control *c, struct node *node, enum arrival_end why);

#endif
