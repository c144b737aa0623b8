#include "common/tally.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int
tally_init(struct tally *t, size_t key_len, size_t max_keys)
{
	return table_init(&t->counts, key_len, max_keys);
}

static void
free_count(void *arg, const void *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

void
tally_fini(struct tally *t)
{
	table_each(&t->counts, free_count, NULL);
	table_fini(&t->counts);
}

static int
take_first(struct tally *t, const void *key)
{
	uint32_t *count = malloc(sizeof *count);

	if (count == NULL)
		return -1;
	*count = 1;
	if (table_put(&t->counts, key, count) == -1) {
		int saved = errno;

		free(count);
		errno = saved;
		return -1;
	}
	return 0;
}

int
tally_take(struct tally *t, const void *key, uint32_t limit)
{
	uint32_t *count = table_find(&t->counts, key);

	if ((count != NULL ? *count : 0) >= limit) {
		errno = EDQUOT;
		return -1;
	}
	if (count == NULL)
		return take_first(t, key);
	++*count;
	return 0;
}

void
tally_give(struct tally *t, const void *key)
{
	uint32_t *count = table_find(&t->counts, key);

	assert(count != NULL);
	if (--*count > 0)
		return;
	(void)table_remove(&t->counts, key); /* we hold its value already */
	free(count);
}
