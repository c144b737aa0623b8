/*
 * node_link - control's pipeline to a node's commands: on one host the socket
 * of the node's name, over tcp:// the address that its hello told.
 */
#ifndef CONTROL_NODE_LINK_H
#define CONTROL_NODE_LINK_H

#include <stdint.h>

#include "common/nnlink.h"
#include "proto/ipc.h"

struct control;
struct node;

/* Without a session: how old a pipeline is before a hello from elsewhere, or
 * from where it goes already, has it made anew. The first keeps two who say the
 * same name over tcp:// from taking turns too fast, the second is for a
 * connection whose other end vanished without a word, or that nanomsg believes
 * in for ever (nnlink_out_is_connected). */
#define NODE_LINK_MOVE_MS  1000
#define NODE_LINK_RENEW_MS 3000

struct node_link {
	struct nnlink_out *out; /* owned; NULL: none yet */
	struct addr to;		/* over tcp:// */
	uint64_t made_ms;
};

/*
 * node_link_reach - have the pipeline go where the hello says; a session's is
 * never moved.
 *
 * Returns  0; -1 with errno: EBUSY (it goes elsewhere for now), ENAMETOOLONG
 *          (of its socket), or as of nnlink_out_new.
 */
int node_link_reach(
    struct control *c, struct node *node, const struct ipc_node_hello *hello);

/* node_link_close - what waits in it is lost. */
void node_link_close(struct node *node);

#endif
