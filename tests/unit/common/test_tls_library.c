/* Handshakes in memory with a server that has the library of its own. */
#include "common/tls_library.h"

#include <openssl/decoder.h>
#include <openssl/provider.h>
#include <stdlib.h>

#include "common/tls.h"
#include "proto/tx3.h"
#include "tests/unit/suite.h"
#include "tests/unit/tls_ends.h"

static const struct tls_profile WIDE = {
    .min_version = TLS1_2_VERSION,
    .max_version = TLS1_3_VERSION,
};
static bool has_memory = true;
static struct tls_library *library;

OSSL_LIB_CTX *__real_OSSL_LIB_CTX_new(void);
OSSL_LIB_CTX *__wrap_OSSL_LIB_CTX_new(void);

OSSL_LIB_CTX *
__wrap_OSSL_LIB_CTX_new(void)
{
	return has_memory ? __real_OSSL_LIB_CTX_new() : NULL;
}

static void
set_up(void)
{
	has_memory = true;
	library = tls_library_new();
	ck_assert_ptr_nonnull(library);
}

static void
tear_down(void)
{
	tls_library_free(library);
}

/* With a certificate by itself. */
static struct identity *
identity_of(EVP_PKEY *key)
{
	bool hashes_itself =
	    EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
	struct identity *id = calloc(1, sizeof *id);

	ck_assert(id != NULL && key != NULL);
	id->key = key;
	id->cert = X509_new();
	ck_assert_int_eq(X509_set_version(id->cert, X509_VERSION_3), 1);
	ck_assert_ptr_nonnull(
	    X509_gmtime_adj(X509_getm_notBefore(id->cert), 0));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(id->cert), 1));
	ck_assert_int_eq(X509_set_pubkey(id->cert, key), 1);
	ck_assert_int_gt(
	    X509_sign(id->cert, key, hashes_itself ? NULL : EVP_sha256()), 0);
	ck_assert_int_eq(identity_digest_of(id->cert, id->digest), 0);
	return id;
}

static void
meet(const struct identity *relay, const struct identity *device, int version)
{
	char why[IDENTITY_WHY_CAP];
	SSL_CTX *here =
	    tls_context_new(library, TLS_ROLE_SERVER, &WIDE, relay, why);
	SSL_CTX *there =
	    tls_context_new(NULL, TLS_ROLE_CLIENT, &WIDE, device, why);
	SSL *server = SSL_new(here), *client = SSL_new(there);
	uint8_t digest[DIGEST_LEN];

	ck_assert_int_eq(SSL_set_max_proto_version(client, version), 1);
	tls_ends_meet(server, client);
	ck_assert(tls_ends_shake_hands(server, client));
	ck_assert_int_eq(SSL_version(server), version);
	ck_assert_int_eq(tls_peer_digest(server, digest), 0);
	ck_assert_mem_eq(digest, device->digest, DIGEST_LEN);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(here);
	SSL_CTX_free(there);
}

/* Those that TLS can use, of a usual size. */
static const struct {
	const char *type, *curve;
} KEYS[] = {
    {"EC", "P-256"},
    {"EC", "P-384"},
    {"EC", "P-521"},
    {"ED25519", NULL},
    {"ED448", NULL},
    {"RSA", NULL},
    {"RSA-PSS", NULL},
};
enum { N_KEYS = sizeof KEYS / sizeof KEYS[0] };

static EVP_PKEY *
new_key(int which)
{
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_name(NULL, KEYS[which].type, NULL);
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	if (KEYS[which].curve != NULL)
		ck_assert_int_eq(
		    EVP_PKEY_CTX_set_group_name(ctx, KEYS[which].curve), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

START_TEST(peers_with_all_kinds_of_keys_are_known_in_both_versions)
{
	char why[IDENTITY_WHY_CAP];
	struct identity *relay = identity_new(&TX3_CERT_FORM, why);
	struct identity *device = identity_of(new_key(_i));

	meet(relay, device, TLS1_2_VERSION);
	meet(relay, device, TLS1_3_VERSION);
	identity_free(relay);
	identity_free(device);
}
END_TEST

START_TEST(own_key_may_be_of_any_kind)
{
	struct identity *relay = identity_of(new_key(_i));
	struct identity *device = identity_of(new_key(0));

	meet(relay, device, TLS1_3_VERSION);
	identity_free(relay);
	identity_free(device);
}
END_TEST

START_TEST(what_no_handshake_needs_is_not_there)
{
	OSSL_LIB_CTX *here = tls_library_context(library);
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(here, "AES-128-GCM", NULL);

	ck_assert_ptr_nonnull(cipher);
	EVP_CIPHER_free(cipher);
	ck_assert_ptr_null(EVP_CIPHER_fetch(here, "CAMELLIA-128-CBC", NULL));
	ck_assert_ptr_null(OSSL_DECODER_fetch(here, "DH", NULL));
	ck_assert_ptr_null(
	    OSSL_DECODER_fetch(here, "EC", "structure=PrivateKeyInfo"));
}
END_TEST

START_TEST(there_may_be_two_of_them_one_after_the_other)
{
	struct tls_library *second = tls_library_new();
	char why[IDENTITY_WHY_CAP];
	struct identity *both = identity_new(&TX3_CERT_FORM, why);

	ck_assert_ptr_nonnull(second);
	tls_library_free(second);
	meet(both, both, TLS1_3_VERSION);
	identity_free(both);
}
END_TEST

START_TEST(where_other_providers_are_configured_there_is_none)
{
	OSSL_PROVIDER *other = OSSL_PROVIDER_load(NULL, "base");

	ck_assert_ptr_nonnull(other);
	ck_assert_ptr_null(tls_library_new());
	ck_assert_ptr_null(tls_library_context(NULL));
	ck_assert_int_eq(OSSL_PROVIDER_unload(other), 1);
}
END_TEST

START_TEST(without_memory_there_is_none)
{
	has_memory = false;
	ck_assert_ptr_null(tls_library_new());
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("tls_library");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc,
	    peers_with_all_kinds_of_keys_are_known_in_both_versions, 0, N_KEYS);
	tcase_add_loop_test(tc, own_key_may_be_of_any_kind, 0, N_KEYS);
	tcase_add_test(tc, what_no_handshake_needs_is_not_there);
	tcase_add_test(tc, there_may_be_two_of_them_one_after_the_other);
	tcase_add_test(tc, where_other_providers_are_configured_there_is_none);
	tcase_add_test(tc, without_memory_there_is_none);
	return suite_run("tls_library", (TCase *[]){tc, NULL});
}
