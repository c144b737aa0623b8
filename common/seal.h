/*
 * seal - what goes over a tcp:// link is sealed: HKDF-SHA256 (RFC 5869) makes
 * the keys, ChaCha20-Poly1305 (RFC 8439) seals, a window finds what is
 * repeated. The specification is proto/IPC.md 8, the layout proto/seal.h.
 *
 * A library target of its own, since it links libcrypto (never libssl).
 */
#ifndef COMMON_SEAL_H
#define COMMON_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "common/replay.h"
#include "proto/ipc.h"
#include "proto/seal.h"

#define SEAL_KEY_LEN 32

/* seal_quiet_start - libcrypto without its configuration file: for a daemon
 * that reads no file but its own. Before anything else of this header. */
void seal_quiet_start(void);

/* A node's key, at the node and at control. */
struct seal_link {
	char name[IPC_NAME_CAP];
	uint8_t key[SEAL_KEY_LEN];
};

/* seal_link_derive - the link key of the node called name. Returns 0; -1:
 * libcrypto failed. */
int seal_link_derive(
    struct seal_link *l, const uint8_t cluster[SEAL_KEY_LEN], const char *name);

/*
 * seal_put_hello, seal_put_welcome - seal what is said outside a session.
 *
 * epoch    the node's, to whom the WELCOME goes.
 * msg      len bytes, at most IPC_MSG_CAP.
 * out      SEAL_MSG_CAP bytes.
 * Returns  the length; 0: libcrypto failed or there is no randomness.
 */
size_t
seal_put_hello(const struct seal_link *l, const uint8_t phase[SEAL_PHASE_LEN],
    const void *msg, size_t len, uint8_t *out);
size_t
seal_put_welcome(const struct seal_link *l, const uint8_t phase[SEAL_PHASE_LEN],
    uint64_t epoch, const void *msg, size_t len, uint8_t *out);

/*
 * seal_open_hello, seal_open_welcome - what they held.
 *
 * out      IPC_MSG_CAP bytes; nothing in it is good unless it opened.
 * Returns  the length; 0: not sealed with this key, for this name, in this
 *          phase, and untouched since.
 */
size_t seal_open_hello(
    const struct seal_link *l, const struct seal_parts *parts, uint8_t *out);
size_t seal_open_welcome(const struct seal_link *l,
    const uint8_t phase[SEAL_PHASE_LEN], uint64_t epoch,
    const struct seal_parts *parts, uint8_t *out);

enum seal_side { SEAL_AT_NODE, SEAL_AT_CONTROL };

/* One end of a session; zeros: none. */
struct seal_session {
	struct evp_cipher_ctx_st *put; /* owned; its key is set */
	struct evp_cipher_ctx_st *open;
	enum seal_form put_form; /* of our direction */
	char name[IPC_NAME_CAP];
	uint64_t ours; /* our epoch */
	uint64_t theirs;
	uint64_t counter; /* of what we sealed; goes on in the next session */
	struct replay replay;
};

/*
 * seal_session_begin - its keys, one for each direction. A session before it
 * in s ends.
 *
 * Returns  0; -1: libcrypto failed, s has no session.
 */
int seal_session_begin(struct seal_session *s, const struct seal_link *l,
    enum seal_side side, uint64_t node_epoch, uint64_t control_epoch);

/* seal_session_end - wipes the keys; without a session it does nothing. */
void seal_session_end(struct seal_session *s);

/* seal_session_put - seal a message of this session. Answers as
 * seal_put_hello; 0 too if there is no session. */
size_t seal_session_put(
    struct seal_session *s, const void *msg, size_t len, uint8_t *out);

enum seal_result {
	SEAL_OPENED,
	SEAL_FORGED,  /* not of this session, or not as it was sealed */
	SEAL_REPEATED /* it came before, or too late to tell */
};

/*
 * seal_session_open - what the other end sealed in this session.
 *
 * out      IPC_MSG_CAP bytes; nothing in it is good unless SEAL_OPENED.
 * len      out, on SEAL_OPENED alone.
 * Does     remembers on SEAL_OPENED that it came.
 */
enum seal_result seal_session_open(struct seal_session *s,
    const struct seal_parts *parts, uint8_t *out, size_t *len);

#endif
