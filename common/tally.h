/*
 * tally - how many of something each key has: connections of a source,
 * handshakes of a source, pending calls of a source at a client. A key at 0
 * takes no memory.
 */
#ifndef COMMON_TALLY_H
#define COMMON_TALLY_H

#include <stdint.h>

#include "common/table.h"

struct tally {
	struct table counts;
};

/* tally_init - as table_init. */
int tally_init(struct tally *t, size_t key_len, size_t max_keys);
void tally_fini(struct tally *t);

/* tally_take - one more for key, unless it has limit already.
 * Returns 0; -1 with errno EDQUOT (at its limit), ENOSPC (too many keys) or
 * ENOMEM. */
int tally_take(struct tally *t, const void *key, uint32_t limit);

/* tally_give - one less; key must have one. */
void tally_give(struct tally *t, const void *key);

#endif
