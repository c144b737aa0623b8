/*
 * seal - the envelope around an IPC message on a tcp:// link: its layout. The
 * specification is proto/IPC.md 8; the cryptography is common/seal.h's.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_SEAL_H
#define PROTO_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ipc.h"
#include "proto/wire.h"

#define SEAL_PHASE_LEN 16 /* bytes; drawn by a node without a session */
#define SEAL_NONCE_LEN 12 /* RFC 8439, 2.8 */
#define SEAL_TAG_LEN   16

/* The longest of what stands in clear: a hello's. */
#define SEAL_HEAD_MAX (2 + 1 + IPC_NAME_MAX + SEAL_PHASE_LEN + SEAL_NONCE_LEN)
#define SEAL_MSG_CAP  (SEAL_HEAD_MAX + IPC_MSG_CAP + SEAL_TAG_LEN)

enum seal_form {
	SEAL_HELLO = 1,	  /* node → control, without a session */
	SEAL_WELCOME = 2, /* control → node, its answer */
	SEAL_EVENT = 3,	  /* node → control, of a session */
	SEAL_COMMAND = 4  /* control → node, of a session */
};

/* What stands in clear; of each form only its own fields. */
struct seal_head {
	enum seal_form form;
	uint8_t type;		       /* of the message within */
	char name[IPC_NAME_CAP];       /* hello: whose key it is sealed with */
	uint8_t phase[SEAL_PHASE_LEN]; /* hello */
	uint8_t nonce[SEAL_NONCE_LEN]; /* hello, welcome */
	uint64_t from;		       /* event, command: the sender's epoch */
	uint64_t to;		       /* and the receiver's */
	uint64_t counter;	       /* and which of the session it is */
};

/* An envelope that came; borrowed from its buffer. */
struct seal_parts {
	struct seal_head head;
	const uint8_t *clear; /* what the head was read from */
	size_t clear_len;
	const uint8_t *sealed; /* the message, sealed, and its tag */
	size_t sealed_len;     /* SEAL_TAG_LEN or more */
};

/*
 * seal_parse - take an envelope apart. Nothing of it is proved yet.
 *
 * Returns  PARSE_OK; PARSE_MORE: a valid beginning, cut short; PARSE_BAD: no
 *          envelope (an unknown form or type, a type that its form never
 *          carries, no node's name, an epoch or counter of 0, too long).
 */
enum parse_result
seal_parse(struct seal_parts *parts, const void *buf, size_t len);

/*
 * seal_put_head - what stands in clear, in front of what is sealed.
 *
 * buf      SEAL_HEAD_MAX bytes.
 * Returns  the length; 0: it is nothing that seal_parse would take.
 */
size_t seal_put_head(const struct seal_head *head, void *buf);

/* seal_head_is_of - whether the message that an envelope held says the same as
 * stood in clear: its type, and the epochs of an event or a command. */
bool seal_head_is_of(const struct seal_head *head, const void *msg, size_t len);

#endif
