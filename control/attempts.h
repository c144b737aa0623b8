/*
 * attempts - WELCOMEs to one name that are not answered yet.
 *
 * A session epoch is a keyed hash of the node's epoch, so nothing is kept for
 * a WELCOME: however many hellos come in a node's name, they can't displace
 * its own. A key that made a session is thrown away: an epoch names one
 * session (proto/IPC.md 2).
 */
#ifndef CONTROL_ATTEMPTS_H
#define CONTROL_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/ipc.h"

/* A hello of the same epoch gets the same WELCOME until its key is so old. */
#define ATTEMPTS_KEY_MS 2000

struct attempts_key {
	uint64_t bytes[2]; /* zeros: none */
	uint64_t at_ms;
};

/* Zeros: none. */
struct attempts {
	struct attempts_key keys[2]; /* the newest first */
};

/*
 * attempts_hello - the session epoch for the WELCOME that answers a hello.
 *
 * epoch    the hello's.
 * Returns  not 0; 0: there is no randomness, the next hello tries again.
 */
uint64_t attempts_hello(struct attempts *t, uint64_t epoch, uint64_t now_ms);

/* attempts_match - whether a NODE_READY with these epochs would answer a
 * WELCOME; changes nothing. */
bool attempts_match(
    const struct attempts *t, uint64_t from, uint64_t to, uint64_t now_ms);

/*
 * attempts_ready - use up the WELCOME that m, a NODE_READY, answers, and those
 * before it.
 *
 * Returns  whether m proves that it was received, within IPC_LOST_MS.
 */
bool
attempts_ready(struct attempts *t, const struct ipc_msg *m, uint64_t now_ms);

#endif
