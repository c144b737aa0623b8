/* Handshakes in memory of a device with the relay, as the frontend has them. */
#include <openssl/ssl.h>
#include <string.h>

#include "common/tls.h"
#include "common/tls_library.h"
#include "control/frontend.h"
#include "proto/syncthing.h"
#include "tests/unit/suite.h"
#include "tests/unit/tls_ends.h"

static struct tls_library *library;
static struct identity *relay, *device;
static SSL_CTX *relay_ctx, *device_ctx;
static SSL *server, *client;

static void
offer(const char *list)
{
	ck_assert_int_eq(
	    SSL_CTX_set_alpn_protos(device_ctx, (const unsigned char *)list,
		(unsigned)strlen(list)),
	    0);
}

static void
set_up(void)
{
	char why[IDENTITY_WHY_CAP];

	relay = identity_new(&SYNCTHING_CERT_FORM, why);
	device = identity_new(&SYNCTHING_CERT_FORM, why);
	library = tls_library_new();
	ck_assert_ptr_nonnull(library);
	relay_ctx = tls_context_new(
	    library, TLS_ROLE_SERVER, frontend_syncthing.tls, relay, why);
	ck_assert_ptr_nonnull(relay_ctx);
	device_ctx = SSL_CTX_new(TLS_client_method());
	ck_assert_int_eq(SSL_CTX_use_certificate(device_ctx, device->cert), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(device_ctx, device->key), 1);
	/* What is refused is so by the profile, not by OpenSSL's taste. */
	SSL_CTX_set_security_level(relay_ctx, 0);
	SSL_CTX_set_security_level(device_ctx, 0);
	offer("\x09"
	      "bep-relay");
}

static void
tear_down(void)
{
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(relay_ctx);
	SSL_CTX_free(device_ctx);
	identity_free(relay);
	identity_free(device);
	tls_library_free(library);
}

static void
version(int version)
{
	ck_assert(SSL_CTX_set_min_proto_version(device_ctx, version) &&
		  SSL_CTX_set_max_proto_version(device_ctx, version));
}

static void
meet(void)
{
	server = SSL_new(relay_ctx);
	client = SSL_new(device_ctx);
	tls_ends_meet(server, client);
}

static bool
shake_hands(void)
{
	meet();
	return tls_ends_shake_hands(server, client);
}

START_TEST(both_versions_are_spoken_and_the_name_is_agreed_on)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	const unsigned char *name;
	unsigned len;

	version(VERSIONS[_i]);
	offer("\x02h2\x09"
	      "bep-relay\x03xyz");
	ck_assert(shake_hands());
	ck_assert_int_eq(SSL_version(server), VERSIONS[_i]);
	SSL_get0_alpn_selected(client, &name, &len);
	ck_assert_uint_eq(len, 9);
	ck_assert_mem_eq(name, "bep-relay", 9);
}
END_TEST

START_TEST(older_versions_are_not)
{
	version(TLS1_1_VERSION);
	ck_assert(!shake_hands());
}
END_TEST

START_TEST(another_name_is_refused)
{
	offer("\x09"
	      "bep-rela2");
	ck_assert(!shake_hands());
}
END_TEST

START_TEST(of_tls_1_3_all_usual_suites_are_spoken_and_the_first_is_preferred)
{
	static const struct {
		const char *offered, *taken;
	} SUITES[] = {
	    {"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
	     "TLS_AES_128_GCM_SHA256",
		"TLS_AES_128_GCM_SHA256"},
	    {"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"},
	    {"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
	};

	ck_assert_int_eq(
	    SSL_CTX_set_ciphersuites(device_ctx, SUITES[_i].offered), 1);
	ck_assert(shake_hands());
	ck_assert_str_eq(SSL_get_cipher(server), SUITES[_i].taken);
}
END_TEST

START_TEST(of_tls_1_2_there_are_the_originals_suites_alone)
{
	static const struct {
		const char *suite;
		bool is_spoken;
	} SUITES[] = {
	    {"ECDHE-ECDSA-AES128-GCM-SHA256", true},
	    {"ECDHE-ECDSA-AES128-SHA", true},
	    {"ECDHE-ECDSA-AES256-SHA", true},
	    {"ECDHE-ECDSA-AES256-GCM-SHA384", false},
	    {"ECDHE-ECDSA-CHACHA20-POLY1305", false},
	};

	version(TLS1_2_VERSION);
	ck_assert_int_eq(
	    SSL_CTX_set_cipher_list(device_ctx, SUITES[_i].suite), 1);
	ck_assert_int_eq(shake_hands(), SUITES[_i].is_spoken);
}
END_TEST

/* Of a list of authorities Go would look for its own, and show nothing. */
START_TEST(a_certificate_is_asked_for_whoever_signed_it)
{
	ck_assert(shake_hands());
	ck_assert_int_le(sk_X509_NAME_num(SSL_get0_peer_CA_list(client)), 0);
}
END_TEST

START_TEST(certificate_of_two_links_is_refused)
{
	ck_assert_int_eq(SSL_CTX_add1_chain_cert(device_ctx, relay->cert), 1);
	ck_assert(!shake_hands());
}
END_TEST

START_TEST(device_without_a_certificate_is_refused)
{
	SSL_CTX_free(device_ctx);
	device_ctx = SSL_CTX_new(TLS_client_method());
	offer("\x09"
	      "bep-relay");
	ck_assert(!shake_hands());
}
END_TEST

START_TEST(end_without_a_goodbye_is_an_end)
{
	char byte;
	int n;

	ck_assert(shake_hands());
	ck_assert_int_eq(BIO_shutdown_wr(SSL_get_wbio(client)), 1);
	n = SSL_read(server, &byte, 1);
	ck_assert_int_eq(SSL_get_error(server, n), SSL_ERROR_ZERO_RETURN);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("syncthing_tls");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(
	    t, both_versions_are_spoken_and_the_name_is_agreed_on, 0, 2);
	tcase_add_test(t, older_versions_are_not);
	tcase_add_test(t, another_name_is_refused);
	tcase_add_loop_test(t,
	    of_tls_1_3_all_usual_suites_are_spoken_and_the_first_is_preferred,
	    0, 3);
	tcase_add_loop_test(
	    t, of_tls_1_2_there_are_the_originals_suites_alone, 0, 5);
	tcase_add_test(t, a_certificate_is_asked_for_whoever_signed_it);
	tcase_add_test(t, certificate_of_two_links_is_refused);
	tcase_add_test(t, device_without_a_certificate_is_refused);
	tcase_add_test(t, end_without_a_goodbye_is_an_end);
	return suite_run("syncthing_tls", (TCase *[]){t, NULL});
}
