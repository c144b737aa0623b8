#include "control/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/call.h"
#include "control/control.h"

int
registry_init(struct registry *r)
{
	return table_init(&r->clients, REGISTRY_KEY_LEN, REGISTRY_MAX);
}

void
registry_fini(struct registry *r)
{
	assert(r->clients.n == 0);
	table_fini(&r->clients);
}

static void
make_key(uint8_t key[REGISTRY_KEY_LEN], uint8_t frontend, const uint8_t *prefix)
{
	key[0] = frontend;
	memcpy(key + 1, prefix, PAIR_PREFIX_LEN);
}

static struct client *
find(const struct registry *r, uint8_t frontend, const uint8_t *prefix)
{
	uint8_t key[REGISTRY_KEY_LEN];

	make_key(key, frontend, prefix);
	return table_find(&r->clients, key);
}

static struct client *
client_new(struct control *c, uint8_t frontend, const uint8_t *prefix)
{
	struct client *client = calloc(1, sizeof *client);
	uint8_t key[REGISTRY_KEY_LEN];

	if (client == NULL)
		return NULL;
	client->control = c;
	client->frontend = frontend;
	memcpy(client->digest, prefix, PAIR_PREFIX_LEN);
	TAILQ_INIT(&client->calls);
	deadline_init(&client->turn, calls_on_turn, client);
	if (quota_init(&client->quota, &c->config, loop_now_ms(c->loop)) != 0)
		goto fail;
	make_key(key, frontend, prefix);
	if (table_put(&c->registry.clients, key, client) != 0)
		goto fail_quota;
	return client;
fail_quota:
	quota_fini(&client->quota);
fail:
	free(client);
	return NULL;
}

static struct client *
find_or_make(struct control *c, uint8_t frontend, const uint8_t *prefix)
{
	struct client *client = find(&c->registry, frontend, prefix);

	return client != NULL ? client : client_new(c, frontend, prefix);
}

void
client_settle(struct control *c, struct client *client)
{
	uint8_t key[REGISTRY_KEY_LEN];

	if (client->stream != NULL || !quota_is_idle(&client->quota))
		return;
	loop_disarm(c->loop, &client->turn);
	make_key(key, client->frontend, client->digest);
	(void)table_remove(&c->registry.clients, key);
	quota_fini(&client->quota);
	free(client);
}

static void
end_calls(void *arg, const void *key, void *value)
{
	struct control *c = arg;
	struct client *client = value;

	(void)key;
	if (client->stream != NULL)
		return;
	calls_end_all(c, client, CALL_END_SHUTDOWN);
	client_settle(c, client);
}

void
registry_end_calls(struct control *c)
{
	table_each(&c->registry.clients, end_calls, c);
}

struct client *
registry_find(const struct registry *r, const struct frontend *f,
    const uint8_t digest[DIGEST_LEN])
{
	struct client *client = find(r, f->number, digest);

	if (client == NULL || client->stream == NULL ||
	    memcmp(client->digest, digest, DIGEST_LEN) != 0)
		return NULL;
	return client;
}

struct client *
registry_expect(struct control *c, const struct frontend *f,
    const uint8_t digest[DIGEST_LEN])
{
	return early_left_ms(c) > 0 ? find_or_make(c, f->number, digest) : NULL;
}

static const char *
why_not(const struct control *c, const struct stream *stream,
    const uint8_t digest[DIGEST_LEN])
{
	if (identities_find(&c->identities, stream->frontend, digest) != NULL)
		return "it is a digest of this relay: whoever dials it gets "
		       "the relay; make another identity";
	if (frontends_claim(
		&c->frontends, stream->frontend, digest, DIGEST_LEN) != NULL)
		return "connections of another protocol begin like it, so "
		       "that nobody could call; make another identity";
	return NULL;
}

const char *
registry_register(
    struct control *c, struct stream *stream, const uint8_t digest[DIGEST_LEN])
{
	const char *why = why_not(c, stream, digest);
	struct client *client;
	struct stream *old;

	if (why != NULL)
		return why;
	client = find_or_make(c, stream->frontend->number, digest);
	if (client == NULL)
		return "there is no memory for one more client";
	if (client->is_known && memcmp(client->digest, digest, DIGEST_LEN) != 0)
		return "another client's digest begins with the same 20 "
		       "bytes; make another identity";
	memcpy(client->digest, digest, DIGEST_LEN);
	client->is_known = true;
	old = client->stream;
	client->stream = stream;
	stream->client = client;
	if (old != NULL)
		stream_end(old, STREAM_END_REPLACED);
	return NULL;
}

void
registry_unregister(struct control *c, struct stream *stream, bool comes_back)
{
	struct client *client = stream->client;

	stream->client = NULL;
	if (client->stream != stream)
		return;
	client->stream = NULL;
	if (comes_back)
		calls_await_client(c, client);
	else
		calls_end_all(c, client, CALL_END_CLIENT_GONE);
	client_settle(c, client);
}

struct client *
client_charge_pair(
    struct control *c, uint8_t frontend, const uint8_t prefix[PAIR_PREFIX_LEN])
{
	struct client *client = find(&c->registry, frontend, prefix);

	if (client == NULL && c->registry.clients.n < REGISTRY_LISTED_MAX)
		client = client_new(c, frontend, prefix);
	if (client != NULL)
		quota_adopt(&client->quota);
	return client;
}

void
client_give_pair(
    struct control *c, struct client *client, struct caller *caller)
{
	quota_give_pair(&client->quota, caller);
	calls_resume(c, client);
	client_settle(c, client);
}
