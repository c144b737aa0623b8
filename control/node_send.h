/*
 * node_send - commands to a node. None blocks; one that the node's queue has
 * no room for ends the session with that node (proto/IPC.md 5.2), at the end
 * of the turn.
 */
#ifndef CONTROL_NODE_SEND_H
#define CONTROL_NODE_SEND_H

#include <stdint.h>

#include "proto/ipc.h"

struct control;
struct node;

/* node_send_welcome - to the name's owner: session, should epoch be its. Not
 * while commands of a session wait. */
void node_send_welcome(
    struct control *c, struct node *node, uint64_t epoch, uint64_t session);

void node_send_beat(struct control *c, struct node *node);
void node_send_release_ack(struct control *c, struct node *node, uint64_t seq);
void node_send_drain(struct control *c, struct node *node, uint32_t timeout_ms);
void node_send_bye_ack(struct control *c, struct node *node);
void
node_send_pair_list_ask(struct control *c, struct node *node, uint32_t ask);

void node_send_pair_ask(
    struct control *c, struct node *node, const uint8_t tag[IPC_TAG_LEN]);

void node_send_wait(struct control *c, struct node *node, uint64_t conn,
    uint16_t n, uint32_t ttl_ms);
void node_send_hold(
    struct control *c, struct node *node, const struct ipc_conn_hold *hold);
void node_send_pair(
    struct control *c, struct node *node, const struct ipc_conn_pair *pair);
void node_send_join(
    struct control *c, struct node *node, const struct ipc_conn_join *join);
void node_send_drop(
    struct control *c, struct node *node, const struct ipc_conn_drop *drop);

#endif
