#include "common/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "common/siphash.h"

#define BUCKETS_FIRST 16 /* entries; doubled whenever all are in use */

struct table_entry {
	struct table_entry *next;
	void *value;
	uint64_t hash;
	uint8_t key[];
};

int
table_init(struct table *t, size_t key_len, size_t max)
{
	assert(key_len >= 1 && key_len <= TABLE_KEY_MAX);
	memset(t, 0, sizeof *t);
	t->key_len = key_len;
	t->max = max;
	if (secret_random(t->hash_key, sizeof t->hash_key) == -1)
		return -1;
	t->buckets = calloc(BUCKETS_FIRST, sizeof *t->buckets);
	if (t->buckets == NULL)
		return -1;
	t->n_buckets = BUCKETS_FIRST;
	return 0;
}

static void
entry_free(const struct table *t, struct table_entry *e)
{
	secret_wipe(e, sizeof *e + t->key_len);
	free(e);
}

void
table_fini(struct table *t)
{
	for (size_t i = 0; i < t->n_buckets; i++) {
		struct table_entry *e = t->buckets[i], *next;

		for (; e != NULL; e = next) {
			next = e->next;
			entry_free(t, e);
		}
	}
	free(t->buckets);
	secret_wipe(t, sizeof *t);
}

static struct table_entry **
bucket_of(const struct table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->n_buckets - 1)];
}

/* Where the pointer to key's entry is: NULL is stored there if there is none.
 * Only a stranger who knew our hash key could make it walk far. */
static struct table_entry **
locate(const struct table *t, const void *key, uint64_t hash)
{
	struct table_entry **at = bucket_of(t, hash);

	while (*at != NULL && ((*at)->hash != hash ||
				  !secret_equal((*at)->key, key, t->key_len)))
		at = &(*at)->next;
	return at;
}

void *
table_find(const struct table *t, const void *key)
{
	uint64_t hash = siphash(t->hash_key, key, t->key_len);
	struct table_entry *e = *locate(t, key, hash);

	return e != NULL ? e->value : NULL;
}

/* A failure to grow costs speed alone, so it is not reported. */
static void
grow(struct table *t)
{
	struct table_entry **old = t->buckets, **at;
	size_t n_old = t->n_buckets;
	struct table_entry **bigger = calloc(n_old * 2, sizeof *bigger);

	if (bigger == NULL)
		return;
	t->buckets = bigger;
	t->n_buckets = n_old * 2;
	for (size_t i = 0; i < n_old; i++) {
		struct table_entry *e = old[i], *next;

		for (; e != NULL; e = next) {
			next = e->next;
			at = bucket_of(t, e->hash);
			e->next = *at;
			*at = e;
		}
	}
	free(old);
}

int
table_put(struct table *t, const void *key, void *value)
{
	uint64_t hash = siphash(t->hash_key, key, t->key_len);
	struct table_entry *e, **at;

	assert(value != NULL);
	if (*locate(t, key, hash) != NULL) {
		errno = EEXIST;
		return -1;
	}
	if (t->n >= t->max) {
		errno = ENOSPC;
		return -1;
	}
	e = malloc(sizeof *e + t->key_len);
	if (e == NULL)
		return -1;
	if (t->n >= t->n_buckets)
		grow(t);
	at = bucket_of(t, hash);
	e->next = *at;
	e->value = value;
	e->hash = hash;
	memcpy(e->key, key, t->key_len);
	*at = e;
	t->n++;
	return 0;
}

void *
table_remove(struct table *t, const void *key)
{
	uint64_t hash = siphash(t->hash_key, key, t->key_len);
	struct table_entry **at = locate(t, key, hash), *e = *at;
	void *value;

	if (e == NULL)
		return NULL;
	value = e->value;
	*at = e->next;
	entry_free(t, e);
	t->n--;
	return value;
}

void
table_each(struct table *t, table_fn *fn, void *arg)
{
	for (size_t i = 0; i < t->n_buckets; i++) {
		struct table_entry *e = t->buckets[i], *next;

		for (; e != NULL; e = next) {
			next = e->next;
			fn(arg, e->key, e->value);
		}
	}
}
