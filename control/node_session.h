/*
 * node_session - the session with one splice node: ready, heartbeats, releases
 * in order, loss, goodbye (proto/IPC.md 5).
 */
#ifndef CONTROL_NODE_SESSION_H
#define CONTROL_NODE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/ipc.h"

struct control;
struct node;

/* Why a session ended; the words of its log record. */
#define NODE_LOST_SILENT       "silent"
#define NODE_LOST_DISCONNECTED "disconnected"
#define NODE_LOST_QUEUE_FULL   "queue_full"
#define NODE_LOST_BYE	       "bye"
#define NODE_LOST_ANEW	       "began_anew"

/* node_session_begin - the session that m, a NODE_READY, has proved; the one
 * before it ends. */
void node_session_begin(
    struct control *c, struct node *node, const struct ipc_msg *m);

/* node_session_end - what is pending is forgotten, and its pairs are unknown.
 * Without a session nothing happens. */
void node_session_end(struct control *c, struct node *node, const char *why);

/* node_session_tick - send a beat, or end a session that is lost. */
void node_session_tick(struct control *c, struct node *node);

/* node_beat - take the figures; a difference in pairs that lasts asks for the
 * list. */
void
node_beat(struct control *c, struct node *node, const struct ipc_node_beat *m);

/* node_bye - acknowledge; the session and all its pairs are over. */
void node_bye(struct control *c, struct node *node);

/* node_release - whether a release with this number is next and to be taken.
 * One that came before is acknowledged again, one behind a gap dropped. */
bool node_release(struct control *c, struct node *node, uint64_t seq);

/* node_ask_pairs - ask for the tags of all its pairs. */
void node_ask_pairs(struct control *c, struct node *node);

#endif
