/*
 * table - a hash table from fixed-length byte keys to pointers. Bounded. The
 * hash is SipHash-2-4 with a key of the table's own, so that a stranger who
 * chooses keys (addresses, tokens) can neither make collisions nor learn
 * anything from the time a look-up takes; candidates are compared in constant
 * time.
 */
#ifndef COMMON_TABLE_H
#define COMMON_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_KEY_MAX 32 /* bytes */

struct table_entry;

struct table {
	struct table_entry **buckets;
	size_t n_buckets; /* a power of 2, grown as needed */
	size_t n;
	size_t max;
	size_t key_len;
	uint64_t hash_key[2];
};

/*
 * table_init - an empty table.
 *
 * key_len  bytes, 1..TABLE_KEY_MAX.
 * max      entries at most; beyond, table_put says ENOSPC.
 * Returns  0; -1 with errno (no memory, no randomness).
 */
int table_init(struct table *t, size_t key_len, size_t max);

/* table_fini - frees the entries, not what they point to; keys are wiped. */
void table_fini(struct table *t);

/* table_find - the value of key; NULL if there is none. */
void *table_find(const struct table *t, const void *key);

/*
 * table_put - add key (copied) with value (borrowed, not NULL).
 *
 * Returns  0; -1 with errno EEXIST, ENOSPC or ENOMEM.
 */
int table_put(struct table *t, const void *key, void *value);

/* table_remove - take key out; its place is wiped.
 * Returns the value it had; NULL if there was none. */
void *table_remove(struct table *t, const void *key);

/* table_each - call fn for every entry, in no order. fn may remove the entry
 * it was called for, and no other, and add none. */
typedef void table_fn(void *arg, const void *key, void *value);
void table_each(struct table *t, table_fn *fn, void *arg);

#endif
