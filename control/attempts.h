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

/* What hellos said of their nodes is kept for so many, and no newer one takes
 * the place of one that is younger than this. Without a place a node gets its
 * session all the same, and is shown as it was before. */
#define ATTEMPTS_SAID	 8
#define ATTEMPTS_SAID_MS 1000

struct attempts_key {
	uint64_t bytes[2]; /* zeros: none */
	uint64_t at_ms;
};

struct attempts_said {
	uint64_t epoch; /* of the node; 0 = a free place */
	uint64_t at_ms;
	char build[IPC_BUILD_CAP];
	uint64_t features;
	struct addr accept;
	uint8_t n_listeners;
	struct addr listeners[IPC_LISTEN_MAX];
};

/* Zeros: none. */
struct attempts {
	struct attempts_key keys[2]; /* the newest first */
	struct attempts_said said[ATTEMPTS_SAID];
};

/*
 * attempts_hello - the session epoch for the WELCOME that answers m.
 *
 * m        a NODE_HELLO.
 * Returns  not 0; 0: there is no randomness, the next hello tries again.
 */
uint64_t
attempts_hello(struct attempts *t, const struct ipc_msg *m, uint64_t now_ms);

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

/* attempts_take_said - what the hello of this epoch said; its place is free
 * for the next. Borrowed until the next hello; NULL: it is not known. */
const struct attempts_said *
attempts_take_said(struct attempts *t, uint64_t epoch);

#endif
