/*
 * tag - what control calls a pair towards its node (proto/IPC.md 4.2): enough
 * that the next control knows whose it is.
 */
#ifndef CONTROL_TAG_H
#define CONTROL_TAG_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/ipc.h"

#define PAIR_PREFIX_LEN 20 /* of a digest, in a tag */

/* Places in a tag: kind u8, frontend u8, 0 u16, serial u64, the digest's first
 * 20 bytes. */
enum { TAG_KIND = 0, TAG_FRONTEND = 1, TAG_SERIAL = 4, TAG_PREFIX = 12 };

enum pair_kind {
	PAIR_STREAM = 1, /* a client and control itself */
	PAIR_CALL = 2,	 /* a peer and a client, who is charged */
	PAIR_HOP = 3	 /* one of them and the other's node (hop.h) */
};

/* tag_make - prefix has PAIR_PREFIX_LEN bytes. */
void tag_make(uint8_t tag[IPC_TAG_LEN], enum pair_kind kind, uint8_t frontend,
    uint64_t serial, const uint8_t *prefix);

/* tag_is_possible - whether some control can have made it. */
bool tag_is_possible(const uint8_t *tag);

/* tag_is_hop - whether its pair is the half of one that is counted at another
 * node. */
bool tag_is_hop(const uint8_t *tag);

/* tag_serial, tag_kind_name - of a tag that is possible. */
uint64_t tag_serial(const uint8_t *tag);
const char *tag_kind_name(const uint8_t *tag);

#endif
