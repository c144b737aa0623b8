/*
 * syncthing - what the Syncthing frontend keeps beside its streams: the token
 * that a device needs to join, and what is said again and again.
 */
#ifndef CONTROL_SYNCTHING_H
#define CONTROL_SYNCTHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ipc.h"
#include "proto/syncthing.h"

struct config;

struct syncthing {
	bool has_token;
	uint8_t token[SYNCTHING_TEXT_MAX]; /* zeros behind its length */
	size_t token_len;
};

/*
 * syncthing_load - read the token, if the frontend is on and wants one.
 *
 * s        zeroed by the caller.
 * why      out, CONFIG_WHY_CAP bytes: on failure a sentence that names the
 *          file: unreadable, others may read it, nothing in it, too long.
 * Returns  0; -1 with why.
 */
int syncthing_load(struct syncthing *s, const struct config *config, char *why);

/* syncthing_free - wipe the token. */
void syncthing_free(struct syncthing *s);

/* syncthing_may_join - whether a device that says this token may; in a time
 * that does not depend on the bytes. */
bool syncthing_may_join(
    const struct syncthing *s, const struct syncthing_bytes *token);

/* syncthing_success, syncthing_not_found, syncthing_unexpected - responses as
 * they are sent in session mode. Static. */
struct ipc_bytes syncthing_success(void);
struct ipc_bytes syncthing_not_found(void);
struct ipc_bytes syncthing_unexpected(void);

#endif
