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

/* Where to keep what epoch says: NULL if there is no place, or it has one. */
static struct attempts_said *
place_for(struct attempts *t, uint64_t epoch, uint64_t now_ms)
{
	struct attempts_said *oldest = &t->said[0];

	for (size_t i = 0; i < ATTEMPTS_SAID; i++) {
		struct attempts_said *s = &t->said[i];

		if (s->epoch == epoch)
			return NULL;
		if (s->at_ms < oldest->at_ms)
			oldest = s;
	}
	if (oldest->epoch != 0 && now_ms - oldest->at_ms < ATTEMPTS_SAID_MS)
		return NULL;
	return oldest;
}

static void
keep_said(struct attempts *t, const struct ipc_msg *m, uint64_t now_ms)
{
	const struct ipc_node_hello *hello = &m->u.node_hello;
	struct attempts_said *s = place_for(t, m->from, now_ms);

	if (s == NULL)
		return;
	s->epoch = m->from;
	s->at_ms = now_ms;
	memcpy(s->build, hello->build, sizeof s->build);
	s->features = hello->features;
	s->accept = hello->accept;
	s->n_listeners = hello->n_listeners;
	memcpy(s->listeners, hello->listeners, sizeof s->listeners);
}

uint64_t
attempts_hello(struct attempts *t, const struct ipc_msg *m, uint64_t now_ms)
{
	if (renew_key(t, now_ms) != 0)
		return 0;
	keep_said(t, m, now_ms);
	return session_of(&t->keys[0], m->from);
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

const struct attempts_said *
attempts_take_said(struct attempts *t, uint64_t epoch)
{
	for (size_t i = 0; i < ATTEMPTS_SAID; i++) {
		struct attempts_said *s = &t->said[i];

		if (s->epoch != epoch)
			continue;
		s->epoch = s->at_ms = 0;
		return s;
	}
	return NULL;
}
