#include "control/client_hello.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct client_hello_reader *reader;
static uint8_t hello[16384];
static size_t hello_len;

static void
set_up(void)
{
	reader = client_hello_reader_new();
	ck_assert_ptr_nonnull(reader);
}

static void
tear_down(void)
{
	client_hello_reader_free(reader);
}

/* What OpenSSL's client says first, offering these names. */
static void
make_hello(const char *names, size_t names_len, int version)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl;
	BIO *out = BIO_new(BIO_s_mem());
	int n;

	ck_assert_int_eq(SSL_CTX_set_max_proto_version(ctx, version), 1);
	ssl = SSL_new(ctx);
	if (names_len > 0)
		ck_assert_int_eq(
		    SSL_set_alpn_protos(
			ssl, (const unsigned char *)names, (unsigned)names_len),
		    0);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	SSL_set_connect_state(ssl);
	(void)SSL_do_handshake(ssl);
	n = BIO_read(out, hello, sizeof hello);
	ck_assert_int_gt(n, 0);
	hello_len = (size_t)n;
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

#define NAME		  "bep-relay"
#define HELLO_WITH(names) make_hello(names, sizeof(names) - 1, TLS1_3_VERSION)

/* From a buffer of exactly that length, for sanitizers. */
static enum parse_result
look(const uint8_t *p, size_t len, size_t *want)
{
	uint8_t *exact = malloc(len + 1);
	enum parse_result answer;

	memcpy(exact, p, len);
	answer = client_hello_offers(reader, NAME, exact, len, want);
	free(exact);
	return answer;
}

static enum parse_result
look_at_hello(void)
{
	size_t want;

	return look(hello, hello_len, &want);
}

START_TEST(name_is_found_alone_and_among_others)
{
	HELLO_WITH("\x09" NAME);
	ck_assert_int_eq(look_at_hello(), PARSE_OK);
	HELLO_WITH("\x02h2\x09" NAME);
	ck_assert_int_eq(look_at_hello(), PARSE_OK);
	HELLO_WITH("\x09" NAME "\x08http/1.1");
	ck_assert_int_eq(look_at_hello(), PARSE_OK);
}
END_TEST

START_TEST(name_is_found_in_older_tls)
{
	make_hello("\x09" NAME, 10, TLS1_2_VERSION);
	ck_assert_int_eq(look_at_hello(), PARSE_OK);
}
END_TEST

START_TEST(other_names_and_none_are_not_it)
{
	HELLO_WITH("\x02h2");
	ck_assert_int_eq(look_at_hello(), PARSE_BAD);
	HELLO_WITH("\x08"
		   "bep-rela");
	ck_assert_int_eq(look_at_hello(), PARSE_BAD);
	HELLO_WITH("\x0a" NAME "s");
	ck_assert_int_eq(look_at_hello(), PARSE_BAD);
	HELLO_WITH("");
	ck_assert_int_eq(look_at_hello(), PARSE_BAD);
}
END_TEST

START_TEST(every_truncation_wants_what_is_missing)
{
	HELLO_WITH("\x09" NAME);
	for (size_t len = 0; len < hello_len; len++) {
		size_t want = 0;

		ck_assert_int_eq(look(hello, len, &want), PARSE_MORE);
		ck_assert_uint_eq(want, len < 5 ? 5 : hello_len);
	}
}
END_TEST

START_TEST(what_follows_the_hello_changes_nothing)
{
	size_t want;

	HELLO_WITH("\x09" NAME);
	memset(hello + hello_len, 0xff, 100);
	ck_assert_int_eq(look(hello, hello_len + 100, &want), PARSE_OK);
}
END_TEST

/* The hello in n records. */
static size_t
split(uint8_t *out, size_t n)
{
	size_t body = hello_len - 5, len = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t part = i + 1 < n ? body / n : body - at;

		memcpy(out + len, hello, 3);
		out[len + 3] = (uint8_t)(part >> 8);
		out[len + 4] = (uint8_t)part;
		memcpy(out + len + 5, hello + 5 + at, part);
		len += 5 + part;
		at += part;
	}
	return len;
}

START_TEST(hello_may_come_in_some_records)
{
	uint8_t parts[2 * sizeof hello];

	HELLO_WITH("\x09" NAME);
	for (size_t n = 2; n <= CLIENT_HELLO_RECORDS_MAX; n++) {
		size_t len = split(parts, n), want = 0;

		ck_assert_int_eq(look(parts, len, &want), PARSE_OK);
		for (size_t shown = 0; shown < len; shown = want) {
			ck_assert_int_eq(look(parts, shown, &want), PARSE_MORE);
			ck_assert_uint_gt(want, shown);
			ck_assert_uint_le(want, len);
		}
	}
}
END_TEST

START_TEST(hello_in_very_many_records_is_given_up)
{
	uint8_t parts[2 * sizeof hello];
	size_t want = 0;

	HELLO_WITH("\x09" NAME);
	(void)split(parts, hello_len - 5);
	ck_assert_int_eq(
	    look(parts, 6 * CLIENT_HELLO_RECORDS_MAX - 1, &want), PARSE_MORE);
	ck_assert_uint_eq(want, 6 * CLIENT_HELLO_RECORDS_MAX);
	ck_assert_int_eq(
	    look(parts, 6 * CLIENT_HELLO_RECORDS_MAX, &want), PARSE_BAD);
}
END_TEST

START_TEST(other_bytes_are_no_tls_at_once)
{
	static const char *const OTHERS[] = {"GET / HTTP/1.1\r\n", "\x9e\x79",
	    "\x17\x03\x03", "\x16\x02", "\x16\xff", "\x15"};
	size_t want;

	for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
		ck_assert_int_eq(
		    look((const uint8_t *)OTHERS[i], strlen(OTHERS[i]), &want),
		    PARSE_BAD);
}
END_TEST

START_TEST(record_that_holds_no_hello_is_bad)
{
	static const uint8_t OTHER[] = {
	    22, 3, 1, 0, 4, 2, 0, 0, 0}; /* a ServerHello */
	uint8_t zeros[64] = {22, 3, 1, 0, 59};
	size_t want;

	ck_assert_int_eq(look(OTHER, sizeof OTHER, &want), PARSE_BAD);
	ck_assert_int_eq(look(zeros, sizeof zeros, &want), PARSE_BAD);
}
END_TEST

START_TEST(every_flipped_byte_is_survived)
{
	size_t want;

	HELLO_WITH("\x09" NAME);
	for (size_t i = 0; i < hello_len; i++) {
		hello[i] ^= 0xff;
		(void)look(hello, hello_len, &want);
		hello[i] ^= 0xff;
	}
	ck_assert_int_eq(look_at_hello(), PARSE_OK);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("client_hello");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, name_is_found_alone_and_among_others);
	tcase_add_test(t, name_is_found_in_older_tls);
	tcase_add_test(t, other_names_and_none_are_not_it);
	tcase_add_test(t, every_truncation_wants_what_is_missing);
	tcase_add_test(t, what_follows_the_hello_changes_nothing);
	tcase_add_test(t, hello_may_come_in_some_records);
	tcase_add_test(t, hello_in_very_many_records_is_given_up);
	tcase_add_test(t, other_bytes_are_no_tls_at_once);
	tcase_add_test(t, record_that_holds_no_hello_is_bad);
	tcase_add_test(t, every_flipped_byte_is_survived);
	return suite_run("client_hello", (TCase *[]){t, NULL});
}
