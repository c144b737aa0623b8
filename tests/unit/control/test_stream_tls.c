/* Control streams over a socket pair, with OpenSSL at both ends. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "control/stream_tls.h"
#include "tests/unit/control/world.h"

static struct identity *relay, *id;
static SSL_CTX *ctx;
static SSL *ssl;
static int fds[2];

static void
set_up(void)
{
	char why[CONFIG_WHY_CAP];

	no_node();
	c->loop = loop_new();
	relay = identity_new(&TX3_CERT_FORM, why);
	id = identity_new(&TX3_CERT_FORM, why);
	ck_assert(c->loop != NULL && relay != NULL && id != NULL);
	free(c->identities.list[0].id);
	c->identities.list[0].id = relay;
	ck_assert_msg(identities_open_tls(&c->identities, why) == 0, "%s", why);
	fake_ready(c, &a);
	ctx = SSL_CTX_new(TLS_client_method());
	ck_assert_ptr_nonnull(ctx);
}

static void
tear_down(void)
{
	struct loop *loop = c->loop;

	SSL_free(ssl);
	SSL_CTX_free(ctx);
	world_end();
	loop_free(loop);
	identity_free(id);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
}

static void
show_certificate(EVP_PKEY *key)
{
	ck_assert_int_eq(SSL_CTX_use_certificate(ctx, id->cert), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(ctx, key), 1);
}

static void
turn(void)
{
	ck_assert_int_ge(
	    event_base_loop(loop_base(c->loop), EVLOOP_NONBLOCK), 0);
}

/* Everything up to the pair; the client's end is fds[1]. */
static void
pair(void)
{
	ck_assert_int_eq(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
	    0);
	fake_fd = fds[0];
	fake_open(c, &a, 1, 1, relay->digest);
	fake_open_local(c, &a, 2, fake_ticket);
	fake_forget_commands();
}

/* Handshake and wait for a byte. Returns it; -1: OpenSSL gave up. */
static int
connect_and_read(void)
{
	uint8_t byte;

	pair();
	ssl = SSL_new(ctx);
	ck_assert_ptr_nonnull(ssl);
	ck_assert_int_eq(SSL_set_fd(ssl, fds[1]), 1);
	SSL_set_connect_state(ssl);
	for (int i = 0; i < 100; i++) {
		int n = SSL_read(ssl, &byte, 1);

		if (n == 1)
			return byte;
		if (SSL_get_error(ssl, n) != SSL_ERROR_WANT_READ)
			return -1;
		turn();
	}
	ck_abort_msg("nothing happens");
	return -1;
}

static void
check_ended(enum stream_end why)
{
	for (int i = 0; i < 4; i++)
		turn();
	ck_assert_msg(
	    c->counters.streams_ended[why] == 1, "%s", stream_end_name(why));
	ck_assert_uint_eq(c->registry.clients.n, 0);
	ck_assert_uint_eq(c->budget.n_streams, 0);
}

/* The alert that the client got. */
static void
check_alert(int reason)
{
	ck_assert_int_eq(ERR_GET_REASON(ERR_peek_last_error()), reason);
	ERR_clear_error();
}

START_TEST(client_that_proves_its_key_gets_the_all_clear)
{
	show_certificate(id->key);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_tx3, id->digest));
	ck_assert_int_eq(SSL_version(ssl), TLS1_3_VERSION);
}
END_TEST

START_TEST(notice_of_a_call_reaches_the_client)
{
	uint8_t token[TX3_TOKEN_LEN];

	show_certificate(id->key);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
	fake_open(c, &a, 5, 1, id->digest);
	turn();
	ck_assert_int_eq(SSL_read(ssl, token, sizeof token), 32);
	ck_assert_ptr_nonnull(table_find(&c->tokens.issued, token));
}
END_TEST

START_TEST(byte_from_the_client_ends_its_stream)
{
	show_certificate(id->key);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
	ck_assert_int_eq(SSL_write(ssl, "x", 1), 1);
	check_ended(STREAM_END_SENT_BYTES);
}
END_TEST

START_TEST(close_by_the_client_ends_its_stream)
{
	show_certificate(id->key);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
	fd_close(&fds[1]);
	check_ended(STREAM_END_CLOSED);
}
END_TEST

START_TEST(client_without_certificate_is_refused)
{
	ck_assert_int_eq(connect_and_read(), -1);
	check_alert(SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED);
	check_ended(STREAM_END_TLS_CERTIFICATE);
}
END_TEST

START_TEST(older_tls_is_refused)
{
	show_certificate(id->key);
	ck_assert_int_eq(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1);
	ck_assert_int_eq(connect_and_read(), -1);
	check_alert(SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
	check_ended(STREAM_END_TLS_VERSION);
}
END_TEST

START_TEST(unknown_dialect_is_refused)
{
	static const unsigned char ALPN[] = "\x09"
					    "carrick/9";

	show_certificate(id->key);
	ck_assert_int_eq(
	    SSL_CTX_set_alpn_protos(ctx, ALPN, sizeof ALPN - 1), 0);
	ck_assert_int_eq(connect_and_read(), -1);
	check_ended(STREAM_END_TLS_ALPN);
}
END_TEST

START_TEST(dialect_of_ours_is_answered_and_brings_the_origin)
{
	static const unsigned char ALPN[] = "\x02h2\x09" TX3_ALPN;
	const unsigned char *name;
	uint8_t bytes[TX3_NOTICE_MAX];
	struct tx3_notice n;
	unsigned len;

	show_certificate(id->key);
	ck_assert_int_eq(
	    SSL_CTX_set_alpn_protos(ctx, ALPN, sizeof ALPN - 1), 0);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
	SSL_get0_alpn_selected(ssl, &name, &len);
	ck_assert_uint_eq(len, strlen(TX3_ALPN));
	ck_assert_mem_eq(name, TX3_ALPN, len);
	fake_open(c, &a, 5, 1, id->digest);
	turn();
	ck_assert_int_eq(SSL_read(ssl, bytes, sizeof bytes), 50);
	ck_assert_int_eq(
	    tx3_notice_decode(TX3_NOTICE50, &n, bytes, 50), PARSE_OK);
	ck_assert_ptr_nonnull(table_find(&c->tokens.issued, n.token));
	ck_assert_str_eq(log_addr(&n.origin).s, "192.0.2.1:40000");
}
END_TEST

START_TEST(without_a_name_the_dialled_identity_says_the_dialect)
{
	uint8_t bytes[TX3_NOTICE_MAX];

	c->identities.list[0].dialect = TX3_NOTICE50;
	show_certificate(id->key);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
	fake_open(c, &a, 5, 1, id->digest);
	turn();
	ck_assert_int_eq(SSL_read(ssl, bytes, sizeof bytes), 50);
}
END_TEST

START_TEST(foreign_dialect_is_tx3)
{
	static const unsigned char ALPN[] = "\x02h2";

	show_certificate(id->key);
	ck_assert_int_eq(
	    SSL_CTX_set_alpn_protos(ctx, ALPN, sizeof ALPN - 1), 0);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
}
END_TEST

START_TEST(bytes_that_are_no_tls_end_the_stream)
{
	pair();
	ck_assert_int_eq(write(fds[1], "GET / HTTP/1.0\r\n\r\n", 18), 18);
	check_ended(STREAM_END_TLS_OTHER);
}
END_TEST

/* The public half of id's key and the private half of another: OpenSSL takes
 * it for id's, but what it signs is not. */
static EVP_PKEY *
forged_key(void)
{
	EVP_PKEY *other = EVP_EC_gen("P-256"), *key = NULL;
	EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *priv = NULL;
	OSSL_PARAM *params;
	uint8_t pub[65];
	size_t pub_len;

	ck_assert_int_eq(
	    EVP_PKEY_get_bn_param(other, OSSL_PKEY_PARAM_PRIV_KEY, &priv), 1);
	ck_assert_int_eq(
	    EVP_PKEY_get_octet_string_param(id->key,
		OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, pub, sizeof pub, &pub_len),
	    1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_utf8_string(
			     build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0),
	    1);
	ck_assert_int_eq(OSSL_PARAM_BLD_push_octet_string(
			     build, OSSL_PKEY_PARAM_PUB_KEY, pub, pub_len),
	    1);
	ck_assert_int_eq(
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, priv), 1);
	params = OSSL_PARAM_BLD_to_param(build);
	ck_assert_int_eq(EVP_PKEY_fromdata_init(make), 1);
	ck_assert_int_eq(
	    EVP_PKEY_fromdata(make, &key, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_clear_free(priv);
	EVP_PKEY_CTX_free(make);
	EVP_PKEY_free(other);
	return key;
}

START_TEST(certificate_shown_without_its_key_does_not_register)
{
	EVP_PKEY *key = forged_key();

	show_certificate(key);
	ck_assert_int_eq(connect_and_read(), -1);
	check_ended(STREAM_END_TLS_PROOF);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(stream_that_is_replaced_says_goodbye)
{
	struct stream *first;
	uint8_t byte;

	show_certificate(id->key);
	ck_assert_int_eq(connect_and_read(), TX3_ALL_CLEAR);
	first = c->streams.live;
	stream_end(first, STREAM_END_REPLACED);
	ck_assert_int_eq(SSL_read(ssl, &byte, 1), 0);
	ck_assert_int_eq(SSL_get_error(ssl, 0), SSL_ERROR_ZERO_RETURN);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("stream_tls");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, client_that_proves_its_key_gets_the_all_clear);
	tcase_add_test(t, notice_of_a_call_reaches_the_client);
	tcase_add_test(t, byte_from_the_client_ends_its_stream);
	tcase_add_test(t, close_by_the_client_ends_its_stream);
	tcase_add_test(t, client_without_certificate_is_refused);
	tcase_add_test(t, older_tls_is_refused);
	tcase_add_test(t, unknown_dialect_is_refused);
	tcase_add_test(t, dialect_of_ours_is_answered_and_brings_the_origin);
	tcase_add_test(t, without_a_name_the_dialled_identity_says_the_dialect);
	tcase_add_test(t, foreign_dialect_is_tx3);
	tcase_add_test(t, bytes_that_are_no_tls_end_the_stream);
	tcase_add_test(t, certificate_shown_without_its_key_does_not_register);
	tcase_add_test(t, stream_that_is_replaced_says_goodbye);
	return suite_run("stream_tls", (TCase *[]){t, NULL});
}
