/*
 * pairs - the pairs that nodes splice, by the tag that control gave them: who
 * is charged for each, from CONN_PAIR until its end is known, or its node has
 * been gone for too long.
 *
 * A pair outlives control: its tag says enough (kind, frontend, whose) that
 * the next control takes it over from PAIR_LIST.
 */
#ifndef CONTROL_PAIRS_H
#define CONTROL_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/rate.h"
#include "common/table.h"
#include "control/tag.h"
#include "proto/ipc.h"

#define PAIRS_MAX (1u << 20) /* in all; 64 nodes at their default */

/* Taken over from one node's list: what it names is its word alone. */
#define PAIRS_ADOPTED_PER_NODE_MAX 65536

/* Records of pairs that ended before this control knew them, of all nodes:
 * as many at once after a start, and few a second ever after, for whoever
 * invents tags must not fill the log. Beyond, they are for debugging. */
#define PAIRS_RECORDS_BURST 4096
#define PAIRS_RECORDS_PER_S 20

struct call;
struct caller;
struct client;
struct control;
struct node;
struct stream;

struct pair {
	uint8_t tag[IPC_TAG_LEN];
	struct node *node;     /* borrowed */
	struct client *client; /* borrowed; NULL unless PAIR_CALL */
	struct caller *caller; /* borrowed; of the client's quota, or NULL */
	struct stream *stream; /* borrowed; NULL once it is over */
	struct call *call;     /* borrowed; of a PAIR_HOP, until it is over */
	uint64_t since_ms;
	bool is_adopted;
	bool is_unknown; /* its node was lost, and has not named it since */
	uint32_t ask; /* the newest ask that it was before, or was named in */
};

struct pairs {
	struct table by_tag;
	uint64_t first_serial; /* random; the newest's before any was made, and
				* what tells nodes this start of control from
				* others */
	uint64_t serial;       /* of the newest */
	struct rate records;   /* of pairs that were never known */
	uint32_t n_calls;
	uint32_t n_streams;
	uint32_t n_hops;
	uint32_t n_unknown;
};

/* pairs_init - none. Returns 0; -1 with errno. */
int pairs_init(struct pairs *ps);

/* pairs_fini - frees what is left; nobody is told. */
void pairs_fini(struct pairs *ps);

/*
 * pair_new_call, pair_new_stream, pair_new_hop - a pair that is about to be
 * commanded.
 *
 * client   the caller charges it (quota_pair); its digest goes into the tag.
 * stream   told if the node refuses the pair.
 * call     ends if the pair does, or is refused; node is its client's.
 * Returns  borrowed; NULL with errno (no memory, too many).
 */
struct pair *pair_new_call(struct control *c, struct node *node,
    uint8_t frontend, struct client *client);
struct pair *pair_new_stream(struct control *c, struct node *node,
    uint8_t frontend, struct stream *stream);
struct pair *
pair_new_hop(struct control *c, struct node *node, struct call *call);

/* pair_refused - a PAIR_REFUSED of node: its client is no longer charged, its
 * stream or call ends. */
void pair_refused(
    struct control *c, struct node *node, const struct ipc_pair_refused *m);

/* pair_ask - have the node say how its sides are; stream_heard is told. */
void pair_ask(struct control *c, const struct pair *p);

/* pair_heard - a PAIR_HEARD of node: for its stream. */
void pair_heard(
    struct control *c, struct node *node, const struct ipc_pair_heard *m);

/* pair_ended - a PAIR_ENDED of node: its client is no longer charged. The
 * bytes of a pair that this control does not know are counted as well, and an
 * earlier control's gets its record here. Of a hop neither is: it is the half
 * of a pair that is counted at another node. */
void pair_ended(
    struct control *c, struct node *node, const struct ipc_pair_ended *m);

/*
 * pairs_list - a PAIR_LIST of node: what it names and nobody knew is taken
 * over and charged, up to PAIRS_ADOPTED_PER_NODE_MAX and as many as node's
 * beats say it has; after the last part, what was commanded before the ask and
 * not named is over.
 */
void
pairs_list(struct control *c, struct node *node, const struct ipc_pair_list *m);

/* pairs_lose - node's session is over: its pairs are unknown, and charged all
 * the same, until a list names them, or pairs_forget. */
void pairs_lose(struct control *c, struct node *node);

/* pairs_forget - control gives all pairs of node up: it said goodbye, or was
 * gone for so long that nobody is to be charged for them any more. Those that
 * live on are taken over again from its next list (proto/IPC.md 5.4). */
void pairs_forget(struct control *c, struct node *node);

#endif
