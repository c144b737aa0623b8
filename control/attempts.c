#include "control/attempts.h"

#include <string.h>

#include "common/secret.h"
#include "common/siphash.h"

enum { KEYS = 2 };

static bool
key_is_set(const struct attempts_key *key)
{
	return (key->bytes[0] | key->bytes[1]) != 0;
}

static uint64_t
session_of(const struct attempts_key *key, uint64_t epoch)
{
	uint64_t session = siphash(key->bytes, &epoch, sizeof epoch);

	return session != 0 ? session : 1; /* 0 names none */
}

/* The key before stays, for the WELCOMEs that are under way. */
static int
renew_key(struct attempts *t, uint64_t now_ms)
{
	struct attempts_key key = {.at_ms = now_ms};

	if (key_is_set(&t->keys[0]) &&
	    now_ms - t->keys[0].at_ms < ATTEMPTS_KEY_MS)
		return 0;
	if (secret_random(key.bytes, sizeof key.bytes) != 0)
		return -1;
	t->keys[1] = t->keys[0];
	t->keys[0] = key;
	return 0;
}

uint64_t
attempts_hello(struct attempts *t, uint64_t epoch, uint64_t now_ms)
{
	return renew_key(t, now_ms) == 0 ? session_of(&t->keys[0], epoch) : 0;
}

/* Which key's WELCOME they answer; KEYS: none's. */
static size_t
find_key(const struct attempts *t, uint64_t from, uint64_t to, uint64_t now_ms)
{
	size_t i = 0;

	while (i < KEYS && (!key_is_set(&t->keys[i]) ||
			       now_ms - t->keys[i].at_ms > IPC_LOST_MS ||
			       session_of(&t->keys[i], from) != to))
		i++;
	return i;
}

bool
attempts_match(
    const struct attempts *t, uint64_t from, uint64_t to, uint64_t now_ms)
{
	return find_key(t, from, to, now_ms) < KEYS;
}

bool
attempts_ready(struct attempts *t, const struct ipc_msg *m, uint64_t now_ms)
{
	size_t i = find_key(t, m->from, m->to, now_ms);

	if (i == KEYS)
		return false;
	memset(&t->keys[i], 0, (KEYS - i) * sizeof t->keys[0]);
	return true;
}
