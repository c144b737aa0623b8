/* Clients, and whose digests and tokens they can't have. */
#include <string.h>

#include "tests/unit/control/world.h"

/* Another control stream of the client with that byte. */
static struct stream *
again(uint64_t conn, uint8_t byte)
{
	struct stream *s =
	    fake_stream(c, &a, conn, byte, fake_relay(c), fake_digest(byte));

	fake_forget_commands();
	return s;
}

START_TEST(second_stream_with_the_same_digest_replaces_the_first)
{
	struct stream *second;

	(void)fake_client(c, &a, 7);
	second = again(1, 7);
	ck_assert_ptr_eq(client_of(7)->stream, second);
	ck_assert_uint_eq(streams_ended(STREAM_END_REPLACED), 1);
	ck_assert_uint_eq(c->budget.n_streams, 1);
	ck_assert_uint_eq(c->registry.clients.n, 1);
}
END_TEST

START_TEST(end_of_the_replaced_stream_changes_nothing_for_the_second)
{
	struct stream *first = fake_client(c, &a, 7);
	struct stream *second = again(1, 7);

	stream_end(first, STREAM_END_CLOSED); /* its socket says so later */
	ck_assert_ptr_eq(client_of(7)->stream, second);
	ck_assert_uint_eq(streams_ended(STREAM_END_CLOSED), 0);
	ck_assert(is_registered(7));
}
END_TEST

START_TEST(calls_and_pairs_survive_a_replacement)
{
	uint8_t tag[IPC_TAG_LEN];

	(void)fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_open(c, &a, 3, 1, fake_digest(7));
	(void)again(10, 7);
	ck_assert_uint_eq(client_of(7)->quota.callers.n_pending, 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(end_of_a_stream_drops_its_calls_and_leaves_its_pairs)
{
	struct stream *s = fake_client(c, &a, 7);
	uint8_t tag[IPC_TAG_LEN];

	make_pair(tag, 1, 7);
	fake_open(c, &a, 3, 1, fake_digest(7));
	(void)fake_command(IPC_CONN_HOLD);
	stream_end(s, STREAM_END_CLOSED);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 3);
	fake_no_command();
	ck_assert(!is_registered(7));
	ck_assert_uint_eq(client_of(7)->quota.callers.n_pending, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_pair_end(c, &a, tag);
	ck_assert_ptr_null(client_of(7));
}
END_TEST

START_TEST(client_that_comes_back_is_still_charged_for_its_pairs)
{
	struct stream *s = fake_client(c, &a, 7);
	uint8_t tag[IPC_TAG_LEN];

	c->config.max_relays_per_client = 1;
	make_pair(tag, 1, 7);
	stream_end(s, STREAM_END_CLOSED);
	(void)again(10, 7);
	fake_open(c, &a, 20, 1, fake_digest(7));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 1);
}
END_TEST

START_TEST(place_of_a_pair_is_given_back_once)
{
	struct ipc_msg m = {.type = IPC_PAIR_ENDED};
	uint8_t tag[IPC_TAG_LEN];

	(void)fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	make_pair(tag, 3, 7);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	ck_assert_uint_eq(client_of(7)->bytes, 30);
	fake_pair_end(c, &a, tag); /* with a new number: a lie */
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	m.u.pair_ended.seq = 1; /* with the old one: a repeat */
	memcpy(m.u.pair_ended.tag, tag, sizeof tag);
	fake_send(c, &a, m);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(refused_pair_gives_its_place_back)
{
	uint8_t tag[IPC_TAG_LEN];

	(void)fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_pair_refused(c, &a, tag, REASON_PARTNER_GONE, IPC_GONE_A);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
	ck_assert_uint_eq(client_of(7)->quota.callers.n_pending, 0);
	ck_assert_uint_eq(c->counters.pairs_ended[REASON_PARTNER_GONE], 1);
}
END_TEST

/* Claims what begins with a byte of 0x47, as "GET " does. */
static enum sniff
sniff_g(const struct frontends *fs, const uint8_t *p, size_t len, size_t *want)
{
	(void)fs;
	*want = 1;
	return len == 0 ? SNIFF_MORE : p[0] == 0x47 ? SNIFF_YES : SNIFF_NO;
}

static const struct frontend G = {.name = "g", .number = 99, .sniff = sniff_g};

START_TEST(digest_that_another_frontend_would_claim_is_refused)
{
	c->frontends.on[c->frontends.n++] = &G;
	(void)fake_client(c, &a, 0x47);
	ck_assert_ptr_null(client_of(0x47));
	ck_assert_uint_eq(streams_ended(STREAM_END_DIGEST), 1);
	(void)fake_client(c, &a, 0x48);
	ck_assert_ptr_nonnull(client_of(0x48));
}
END_TEST

START_TEST(relays_own_digest_is_refused)
{
	(void)fake_client(c, &a, 0xd1);
	ck_assert_ptr_null(client_of(0xd1));
	ck_assert_uint_eq(streams_ended(STREAM_END_DIGEST), 1);
}
END_TEST

START_TEST(digest_with_the_first_20_bytes_of_anothers_is_refused)
{
	uint8_t twin[DIGEST_LEN];

	(void)fake_client(c, &a, 7);
	memcpy(twin, fake_digest(7), sizeof twin);
	twin[31] = 8;
	(void)fake_stream(c, &a, 1, 1, fake_relay(c), twin);
	ck_assert_uint_eq(streams_ended(STREAM_END_DIGEST), 1);
	ck_assert_ptr_null(registry_find(&c->registry, &frontend_tx3, twin));
	ck_assert(is_registered(7));
}
END_TEST

/* Claims everything until it was asked so many times. */
static int claims_left;

static enum sniff
sniff_all(
    const struct frontends *fs, const uint8_t *p, size_t len, size_t *want)
{
	(void)fs;
	(void)p;
	(void)len;
	*want = 1;
	return claims_left-- > 0 ? SNIFF_YES : SNIFF_NO;
}

static const struct frontend ALL = {
    .name = "all", .number = 98, .sniff = sniff_all};

START_TEST(token_that_another_frontend_would_claim_is_drawn_again)
{
	(void)fake_client(c, &a, 7);
	c->frontends.on[c->frontends.n++] = &ALL;
	claims_left = 2;
	fake_open(c, &a, 1, 1, fake_digest(7));
	ck_assert_uint_eq(counted(COUNT_TOKENS_REDRAWN), 2);
	ck_assert_uint_eq(c->tokens.issued.n, 1);
}
END_TEST

START_TEST(token_that_can_not_be_drawn_ends_the_call)
{
	(void)fake_client(c, &a, 7);
	c->frontends.on[c->frontends.n++] = &ALL;
	claims_left = 1000;
	fake_open(c, &a, 1, 1, fake_digest(7));
	ck_assert_uint_eq(calls_ended(CALL_END_RESOURCES), 1);
	ck_assert_uint_eq(client_of(7)->quota.callers.n_pending, 0);
}
END_TEST

START_TEST(frontends_are_switched_on_once_and_by_name)
{
	ck_assert_int_eq(frontends_enable(&c->frontends, "tx3"), -1);
	ck_assert_int_eq(frontends_enable(&c->frontends, "nonesuch"), -1);
	ck_assert_uint_eq(c->frontends.n, 1);
	ck_assert_str_eq(frontend_name(1), "tx3");
	ck_assert_str_eq(frontend_name(200), "unknown");
}
END_TEST

START_TEST(without_its_frontend_a_connection_is_nobodys)
{
	c->frontends.n = 0;
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
}
END_TEST

static TCase *
clients(void)
{
	TCase *t = world_case("clients", one_node);

	tcase_add_test(
	    t, second_stream_with_the_same_digest_replaces_the_first);
	tcase_add_test(
	    t, end_of_the_replaced_stream_changes_nothing_for_the_second);
	tcase_add_test(t, calls_and_pairs_survive_a_replacement);
	tcase_add_test(t, end_of_a_stream_drops_its_calls_and_leaves_its_pairs);
	tcase_add_test(
	    t, client_that_comes_back_is_still_charged_for_its_pairs);
	tcase_add_test(t, place_of_a_pair_is_given_back_once);
	tcase_add_test(t, refused_pair_gives_its_place_back);
	return t;
}

static TCase *
claims(void)
{
	TCase *t = world_case("claims", one_node);

	tcase_add_test(t, digest_that_another_frontend_would_claim_is_refused);
	tcase_add_test(t, relays_own_digest_is_refused);
	tcase_add_test(
	    t, digest_with_the_first_20_bytes_of_anothers_is_refused);
	tcase_add_test(
	    t, token_that_another_frontend_would_claim_is_drawn_again);
	tcase_add_test(t, token_that_can_not_be_drawn_ends_the_call);
	tcase_add_test(t, frontends_are_switched_on_once_and_by_name);
	tcase_add_test(t, without_its_frontend_a_connection_is_nobodys);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {clients(), claims(), NULL};

	return suite_run("registry", CASES);
}
