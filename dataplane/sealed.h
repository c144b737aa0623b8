/*
 * sealed - over tcp:// everything that is said to control or comes from it is
 * sealed (proto/IPC.md 8). On one host it is not, and nothing here does
 * anything.
 */
#ifndef DATAPLANE_SEALED_H
#define DATAPLANE_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/seal.h"

struct config;
struct node;

struct sealed {
	bool on;
	struct seal_link link;
	/* Without a session, once a hello was said: what its WELCOME must be
	 * sealed for. */
	bool has_phase;
	uint8_t phase[SEAL_PHASE_LEN];
	struct seal_session session;
	uint8_t envelope[SEAL_MSG_CAP]; /* of what is being sent */
	uint8_t opened[IPC_MSG_CAP];	/* of what came, for one call */
};

/* sealed_load - read the link key, if config needs one. Before rights are
 * given up: the file may be root's.
 * Returns 0; -1 with a sentence in why (CONF_WHY_CAP bytes). */
int sealed_load(struct sealed *s, const struct config *config, char *why);

/* sealed_free - wipes the keys. */
void sealed_free(struct sealed *s);

/* sealed_begin - the session of these epochs. Returns 0; -1: libcrypto
 * failed. */
int sealed_begin(struct sealed *s, uint64_t epoch, uint64_t session);

/* sealed_end - no session: nothing of it opens any more. */
void sealed_end(struct sealed *s);

/*
 * sealed_put - the envelope of a message, or the message itself.
 *
 * p        in and out: len bytes, borrowed until the next call.
 * Returns  0; -1: libcrypto failed or there is no randomness.
 */
int sealed_put(struct sealed *s, const uint8_t **p, size_t *len);

/*
 * sealed_take - what an envelope holds, or the message itself.
 *
 * p        in and out: len bytes, borrowed until the next call.
 * Returns  whether it is from control, for us, of this session (or answers
 *          our hello), and new; else it has been counted.
 */
bool sealed_take(struct node *n, const uint8_t **p, size_t *len);

#endif
