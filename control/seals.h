/*
 * seals - over tcp:// every event comes sealed and every command goes so
 * (proto/IPC.md 8); and only who is listed and has its name's key is a node.
 * On one host nothing is sealed, and nothing here does anything.
 *
 * The cluster key stays here. A node's key is derived from it and its name, so
 * a node can speak for itself alone.
 */
#ifndef CONTROL_SEALS_H
#define CONTROL_SEALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/seal.h"
#include "control/members.h"

struct config;
struct control;
struct node;

/* Of one node. */
struct node_seal {
	struct seal_link link;
	uint8_t phase[SEAL_PHASE_LEN]; /* of its newest hello */
	struct seal_session session;
};

struct seals {
	bool on;
	uint8_t cluster[SEAL_KEY_LEN];
	struct members members;
	struct node_seal newcomer; /* who says the hello, or the NODE_READY,
				    * that is being taken */
	uint8_t opened[IPC_MSG_CAP];
	uint8_t envelope[SEAL_MSG_CAP];
};

/* seals_load - the cluster key and the members, if config needs them. Before
 * rights are given up: the file may be root's.
 * Returns 0; -1 with a sentence in why (CONFIG_WHY_CAP bytes). */
int seals_load(struct seals *s, const struct config *config, char *why);

/* seals_free - wipes the keys. */
void seals_free(struct seals *s);

/*
 * seals_open - what an envelope holds, or the message itself.
 *
 * p        in and out: len bytes, borrowed until the next call.
 * Returns  whether it is of the node and the session that it says it is, and
 *          new; else it has been counted, and nothing else has changed.
 */
bool seals_open(struct control *c, const void **p, size_t *len);

/* seals_admit - the hello that was opened last is this node's. */
void seals_admit(struct control *c, struct node *node);

/* seals_begin - the NODE_READY that was opened last is this node's: its session
 * is that from now on. */
void seals_begin(struct control *c, struct node *node);

/* seals_end - a node's session, or the node, is over. */
void seals_end(struct node *node);

/*
 * seals_put - the envelope of a command to node, or the command itself.
 *
 * p        in and out: len bytes, borrowed until the next call.
 * Returns  0; -1: libcrypto failed or there is no randomness.
 */
int
seals_put(struct control *c, struct node *node, const uint8_t **p, size_t *len);

#endif
