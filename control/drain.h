/*
 * drain - nodes that are to end (proto/IPC.md 5.6): told so by an operator,
 * or by themselves that they do. Their clients are sent to other nodes, while
 * what the node still holds and splices goes on.
 */
#ifndef CONTROL_DRAIN_H
#define CONTROL_DRAIN_H

#include <stdint.h>

#include "proto/ipc.h"

struct control;
struct node;

/*
 * drain_ask - have a node drain. That it does is known by its beats.
 *
 * timeout_ms  0..IPC_DRAIN_MAX_MS, or IPC_DRAIN_OWN_MS.
 * Returns     0; -1: there is no session with it, so that nothing was sent.
 */
int drain_ask(struct control *c, struct node *node, uint32_t timeout_ms);

/* drain_heard - a beat of node: if it says for the first time in its session
 * that it drains, the control streams over it end, and their clients are
 * expected back. */
void drain_heard(
    struct control *c, struct node *node, const struct ipc_node_beat *m);

/* drain_left_ms - until node cuts what it splices; 0 unless it drains. */
uint64_t drain_left_ms(const struct control *c, const struct node *node);

#endif
