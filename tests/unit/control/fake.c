#include "tests/unit/control/fake.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

const uint8_t *
fake_relay(const struct control *c)
{
	return c->identities.list[0].id->digest;
}

void
fake_identity(
    struct control *c, uint8_t byte, enum tx3_dialect dialect, bool retiring)
{
	struct relay_identity *who = &c->identities.list[c->identities.n++];

	who->id = calloc(1, sizeof *who->id);
	ck_assert_ptr_nonnull(who->id);
	memset(who->id->digest, byte, DIGEST_LEN);
	who->frontend = &frontend_tx3;
	who->dialect = dialect;
	who->is_retiring = retiring;
}

static struct control *
new_with(const char *const *settings, size_t n_settings)
{
	struct control *c = calloc(1, sizeof *c);
	char why[CONFIG_WHY_CAP];

	fake_time_begin();
	fake_commands_begin();
	fake_streams_begin();
	fake_log_begin();
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(
	    config_load(&c->config, NULL, settings, n_settings, why), 0);
	fake_identity(c, 0xd1, TX3_NOTICE32, false);
	c->started_ms = fake_now_ms();
	c->publish.n = 1; /* so that no node's addresses are printed */
	c->publish.urls[0].who = &c->identities.list[0];
	strcpy(c->publish.urls[0].text, "tx3-rst://relay.example:7443/0dHR");
	ck_assert_int_eq(frontends_init(&c->frontends), 0);
	ck_assert_int_eq(frontends_enable(&c->frontends, "tx3"), 0);
	ck_assert_int_eq(refusals_init(&c->refusals, fake_now_ms()), 0);
	ck_assert_int_eq(budget_init(&c->budget, &c->config), 0);
	ck_assert_int_eq(pairs_init(&c->pairs), 0);
	ck_assert_int_eq(registry_init(&c->registry), 0);
	ck_assert_int_eq(early_init(&c->early), 0);
	ck_assert_int_eq(tokens_init(&c->tokens), 0);
	ck_assert_int_eq(tickets_init(c), 0);
	ck_assert_int_eq(hops_init(&c->hops), 0);
	ck_assert_int_eq(nodes_init(c), 0);
	return c;
}

struct control *
fake_new(void)
{
	static const char *const SETTINGS[] = {
	    "events_url=ipc:///fake/control.events.ipc",
	    "admin_socket=/fake/admin.sock",
	    "identities=[{file: /fake/identity.pem}]",
	};

	return new_with(SETTINGS, sizeof SETTINGS / sizeof *SETTINGS);
}

struct control *
fake_new_far(void)
{
	static const char *const SETTINGS[] = {
	    "events_url=tcp://*:7447",
	    "admin_socket=/fake/admin.sock",
	    "identities=[{file: /fake/identity.pem}]",
	    ("nodes=[{name: edge-*, networks: [192.0.2.0/24]},"
	     " {name: core, networks: [198.51.100.7, \"2001:db8::/32\"]}]"),
	};
	struct control *c =
	    new_with(SETTINGS, sizeof SETTINGS / sizeof *SETTINGS);

	c->seals.on = true;
	memset(c->seals.cluster, 0xc1, SEAL_KEY_LEN);
	ck_assert_int_eq(members_init(&c->seals.members, &c->config.nodes), 0);
	return c;
}

void
fake_free(struct control *c)
{
	fake_turn();
	streams_fini(c);
	registry_end_calls(c);
	nodes_fini(c);
	ck_assert_uint_eq(c->pairs.by_tag.n, 0);
	ck_assert_uint_eq(c->tokens.issued.n, 0);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 0);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 0);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 0);
	ck_assert_uint_eq(c->hops.calls.n, 0);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	ck_assert_uint_eq(c->tickets.streams.n, 0);
	ck_assert_uint_eq(c->budget.n_streams, 0);
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
	ck_assert_uint_eq(c->registry.clients.n, 0);
	pairs_fini(&c->pairs);
	registry_fini(&c->registry);
	ck_assert_uint_eq(c->early.n, 0);
	early_fini(&c->early);
	tokens_fini(&c->tokens);
	hops_fini(&c->hops);
	tickets_fini(&c->tickets);
	frontends_fini(&c->frontends);
	budget_fini(&c->budget);
	seals_free(&c->seals);
	config_free(&c->config);
	identities_free(&c->identities);
	free(c);
	fake_time_end();
}
