/* Handshakes in memory: both sides show a certificate, and learn a digest. */
#include "common/tls.h"

#include <check.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "proto/tx3.h"
#include "tests/unit/suite.h"
#include "tests/unit/tls_ends.h"

static const struct tls_profile TX3 = {
    .min_version = TLS1_3_VERSION,
    .max_version = TLS1_3_VERSION,
    .ciphersuites = TX3_CIPHERSUITES,
};
static struct identity *server_id, *client_id;
static SSL_CTX *server_ctx, *client_ctx;
static SSL *server, *client;
static char why[IDENTITY_WHY_CAP];

static void
set_up(void)
{
	server_id = identity_new(&TX3_CERT_FORM, why);
	client_id = identity_new(&TX3_CERT_FORM, why);
	server_ctx =
	    tls_context_new(NULL, TLS_ROLE_SERVER, &TX3, server_id, why);
	client_ctx =
	    tls_context_new(NULL, TLS_ROLE_CLIENT, &TX3, client_id, why);
	ck_assert_ptr_nonnull(server_ctx);
	ck_assert_ptr_nonnull(client_ctx);
}

static void
tear_down(void)
{
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(server_ctx);
	SSL_CTX_free(client_ctx);
	identity_free(server_id);
	identity_free(client_id);
}

static void
join(void)
{
	server = SSL_new(server_ctx);
	client = SSL_new(client_ctx);
	tls_ends_meet(server, client);
}

static bool
shake_hands(void)
{
	join();
	return tls_ends_shake_hands(server, client);
}

START_TEST(each_side_learns_the_others_digest)
{
	uint8_t digest[DIGEST_LEN];

	ck_assert(shake_hands());
	ck_assert_int_eq(SSL_version(server), TLS1_3_VERSION);
	ck_assert_int_eq(tls_peer_digest(server, digest), 0);
	ck_assert_mem_eq(digest, client_id->digest, DIGEST_LEN);
	ck_assert_int_eq(tls_peer_digest(client, digest), 0);
	ck_assert_mem_eq(digest, server_id->digest, DIGEST_LEN);
	ck_assert_int_eq(SSL_get_verify_result(server), X509_V_OK);
	ck_assert_int_eq(SSL_get_verify_result(client), X509_V_OK);
}
END_TEST

START_TEST(bytes_go_both_ways)
{
	char buf[8] = "";

	ck_assert(shake_hands());
	ck_assert_int_eq(SSL_write(client, "ping", 4), 4);
	ck_assert_int_eq(SSL_read(server, buf, sizeof buf), 4);
	ck_assert_str_eq(buf, "ping");
	ck_assert_int_eq(SSL_write(server, "", 1), 1);
	ck_assert_int_eq(SSL_read(client, buf, sizeof buf), 1);
}
END_TEST

START_TEST(before_the_handshake_there_is_no_digest)
{
	uint8_t digest[DIGEST_LEN];

	join();
	ck_assert_int_eq(tls_peer_digest(server, digest), -1);
}
END_TEST

START_TEST(a_client_without_a_certificate_is_refused)
{
	SSL_CTX_free(client_ctx);
	client_ctx = SSL_CTX_new(TLS_client_method());
	ck_assert(!shake_hands());
}
END_TEST

START_TEST(any_certificate_is_accepted_whoever_signed_it_and_when)
{
	struct cert_form form = TX3_CERT_FORM;
	uint8_t digest[DIGEST_LEN];

	form.not_after = "19760101000000Z";
	form.ca_cn = "another authority";
	identity_free(client_id);
	client_id = identity_new(&form, why);
	SSL_CTX_free(client_ctx);
	client_ctx =
	    tls_context_new(NULL, TLS_ROLE_CLIENT, &TX3, client_id, why);
	ck_assert(shake_hands());
	ck_assert_int_eq(tls_peer_digest(server, digest), 0);
	ck_assert_mem_eq(digest, client_id->digest, DIGEST_LEN);
}
END_TEST

START_TEST(an_older_version_is_refused)
{
	SSL_CTX_set_min_proto_version(client_ctx, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(client_ctx, TLS1_2_VERSION);
	ck_assert(!shake_hands());
}
END_TEST

START_TEST(a_suite_outside_the_profile_is_refused)
{
	ck_assert_int_eq(
	    SSL_CTX_set_ciphersuites(client_ctx, "TLS_AES_128_GCM_SHA256"), 1);
	ck_assert(!shake_hands());
}
END_TEST

START_TEST(of_suites_that_both_know_the_profiles_first_is_taken)
{
	ck_assert_int_eq(SSL_CTX_set_ciphersuites(client_ctx,
			     "TLS_AES_256_GCM_SHA384:"
			     "TLS_CHACHA20_POLY1305_SHA256"),
	    1);
	ck_assert(shake_hands());
	ck_assert_str_eq(
	    SSL_get_cipher(server), "TLS_CHACHA20_POLY1305_SHA256");
}
END_TEST

START_TEST(a_profile_may_allow_more)
{
	static const struct tls_profile wide = {
	    .min_version = TLS1_2_VERSION,
	    .max_version = TLS1_3_VERSION,
	};

	SSL_CTX_free(server_ctx);
	server_ctx =
	    tls_context_new(NULL, TLS_ROLE_SERVER, &wide, server_id, why);
	ck_assert_ptr_nonnull(server_ctx);
	SSL_CTX_set_min_proto_version(client_ctx, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(client_ctx, TLS1_2_VERSION);
	ck_assert(shake_hands());
	ck_assert_int_eq(SSL_version(server), TLS1_2_VERSION);
}
END_TEST

START_TEST(a_profile_may_want_one_link_alone)
{
	static const struct tls_profile ONE = {
	    .min_version = TLS1_3_VERSION,
	    .max_version = TLS1_3_VERSION,
	    .wants_one_link = true,
	};

	SSL_CTX_free(server_ctx);
	server_ctx =
	    tls_context_new(NULL, TLS_ROLE_SERVER, &ONE, server_id, why);
	ck_assert_ptr_nonnull(server_ctx);
	if (_i == 1)
		ck_assert_int_eq(
		    SSL_CTX_add1_chain_cert(client_ctx, server_id->cert), 1);
	ck_assert_int_eq(shake_hands(), _i == 0);
}
END_TEST

START_TEST(a_profile_may_name_the_suites_of_tls_1_2)
{
	static const struct tls_profile OLD = {
	    .min_version = TLS1_2_VERSION,
	    .max_version = TLS1_2_VERSION,
	    .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256",
	};

	SSL_CTX_free(server_ctx);
	server_ctx =
	    tls_context_new(NULL, TLS_ROLE_SERVER, &OLD, server_id, why);
	ck_assert_ptr_nonnull(server_ctx);
	SSL_CTX_set_min_proto_version(client_ctx, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(client_ctx, TLS1_2_VERSION);
	ck_assert_int_eq(SSL_CTX_set_cipher_list(client_ctx,
			     _i == 0 ? "ECDHE-ECDSA-AES128-GCM-SHA256"
				     : "ECDHE-ECDSA-AES256-GCM-SHA384"),
	    1);
	ck_assert_int_eq(shake_hands(), _i == 0);
}
END_TEST

/* A resumed session would skip the proof of the key. */
START_TEST(no_session_can_be_resumed)
{
	static const struct tls_profile WIDE = {
	    .min_version = TLS1_2_VERSION,
	    .max_version = TLS1_3_VERSION,
	};
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	char byte;

	SSL_CTX_free(server_ctx);
	server_ctx =
	    tls_context_new(NULL, TLS_ROLE_SERVER, &WIDE, server_id, why);
	/* A device may want what a context of ours would not. */
	SSL_CTX_free(client_ctx);
	client_ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_use_certificate(client_ctx, client_id->cert);
	SSL_CTX_use_PrivateKey(client_ctx, client_id->key);
	SSL_CTX_set_min_proto_version(client_ctx, VERSIONS[_i]);
	SSL_CTX_set_max_proto_version(client_ctx, VERSIONS[_i]);
	ck_assert(shake_hands());
	ck_assert_int_eq(SSL_write(server, "x", 1), 1);
	ck_assert_int_eq(SSL_read(client, &byte, 1), 1);
	ck_assert_int_eq(SSL_SESSION_is_resumable(SSL_get0_session(client)), 0);
	ck_assert_int_eq(SSL_CTX_sess_number(server_ctx), 0);
}
END_TEST

START_TEST(a_profile_that_openssl_does_not_know_is_said)
{
	static const struct tls_profile bad = {
	    .min_version = TLS1_3_VERSION,
	    .max_version = TLS1_3_VERSION,
	    .ciphersuites = "NO_SUCH_SUITE",
	};

	ck_assert_ptr_null(
	    tls_context_new(NULL, TLS_ROLE_SERVER, &bad, server_id, why));
	ck_assert_str_eq(why, "TLS could not be set up with this identity: no "
			      "cipher match");
}
END_TEST

START_TEST(a_key_of_somebody_else_is_said)
{
	struct identity mixed = {
	    .key = client_id->key, .cert = server_id->cert};

	ck_assert_ptr_null(
	    tls_context_new(NULL, TLS_ROLE_SERVER, &TX3, &mixed, why));
	ck_assert_ptr_nonnull(strstr(why, "key values mismatch"));
}
END_TEST

START_TEST(the_newest_error_is_told_and_the_queue_emptied)
{
	char buf[128];

	ERR_raise(ERR_LIB_SSL, SSL_R_NO_CIPHER_MATCH);
	ERR_raise(ERR_LIB_SSL, SSL_R_UNEXPECTED_MESSAGE);
	ck_assert_str_eq(tls_why(buf, sizeof buf), "unexpected message");
	ck_assert_uint_eq(ERR_peek_error(), 0);
	ck_assert_str_eq(tls_why(buf, sizeof buf), "OpenSSL gave no reason");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("tls");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, each_side_learns_the_others_digest);
	tcase_add_test(tc, bytes_go_both_ways);
	tcase_add_test(tc, before_the_handshake_there_is_no_digest);
	tcase_add_test(tc, a_client_without_a_certificate_is_refused);
	tcase_add_test(
	    tc, any_certificate_is_accepted_whoever_signed_it_and_when);
	tcase_add_test(tc, an_older_version_is_refused);
	tcase_add_test(tc, a_suite_outside_the_profile_is_refused);
	tcase_add_test(
	    tc, of_suites_that_both_know_the_profiles_first_is_taken);
	tcase_add_test(tc, a_profile_may_allow_more);
	tcase_add_loop_test(tc, a_profile_may_want_one_link_alone, 0, 2);
	tcase_add_loop_test(tc, a_profile_may_name_the_suites_of_tls_1_2, 0, 2);
	tcase_add_loop_test(tc, no_session_can_be_resumed, 0, 2);
	tcase_add_test(tc, a_profile_that_openssl_does_not_know_is_said);
	tcase_add_test(tc, a_key_of_somebody_else_is_said);
	tcase_add_test(tc, the_newest_error_is_told_and_the_queue_emptied);
	return suite_run("tls", (TCase *[]){tc, NULL});
}
