#include "common/identity.h"

#include <check.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "proto/syncthing.h"
#include "proto/tx3.h"
#include "tests/unit/suite.h"

static char dir[] = "/tmp/test_identity.XXXXXX";
static struct identity *id;
static char why[IDENTITY_WHY_CAP];

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	id = identity_new(&TX3_CERT_FORM, why);
	ck_assert_msg(id != NULL, "%s", why);
}

static void
tear_down(void)
{
	identity_free(id);
	(void)unlink("id.pem");
	(void)rmdir(dir);
}

static void
assert_entry(const X509_NAME *name, int i, int nid, const char *text)
{
	const X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
	const ASN1_STRING *s;

	ck_assert_ptr_nonnull(e);
	s = X509_NAME_ENTRY_get_data(e);
	ck_assert_int_eq(OBJ_obj2nid(X509_NAME_ENTRY_get_object(e)), nid);
	ck_assert_int_eq(ASN1_STRING_type(s), V_ASN1_UTF8STRING);
	ck_assert_int_eq(ASN1_STRING_length(s), (int)strlen(text));
	ck_assert_mem_eq(ASN1_STRING_get0_data(s), text, strlen(text));
}

static void
assert_authority_name(const X509_NAME *name)
{
	ck_assert_int_eq(X509_NAME_entry_count(name), 2);
	assert_entry(
	    name, 0, NID_commonName, "Lair Well-Known Pseudo-Self-Signing CA");
	assert_entry(name, 1, NID_organizationName, "Holochain Foundation");
}

/* The only name in the certificate's SAN. buf has 128 bytes. */
static void
dns_name(const X509 *cert, char *buf)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	const GENERAL_NAME *name;

	ck_assert_int_eq(sk_GENERAL_NAME_num(names), 1);
	name = sk_GENERAL_NAME_value(names, 0);
	ck_assert_int_eq(name->type, GEN_DNS);
	(void)snprintf(buf, 128, "%.*s", ASN1_STRING_length(name->d.dNSName),
	    (const char *)ASN1_STRING_get0_data(name->d.dNSName));
	GENERAL_NAMES_free(names);
}

static void
assert_time(const ASN1_TIME *t, int type, const char *text)
{
	ck_assert_int_eq(ASN1_STRING_type(t), type);
	ck_assert_str_eq((const char *)ASN1_STRING_get0_data(t), text);
}

START_TEST(a_leaf_is_of_its_form)
{
	char san[128], cn[256];

	ck_assert_int_eq(X509_get_version(id->cert), X509_VERSION_3);
	assert_authority_name(X509_get_issuer_name(id->cert));
	dns_name(id->cert, san);
	ck_assert_uint_eq(strlen(san), 3 + 43 + 3);
	ck_assert_int_eq(strncmp(san, "tx3", 3), 0);
	ck_assert_str_eq(san + 46, "3xt");
	(void)snprintf(cn, sizeof cn, "Lair Pseudo-Self-Signed Cert %s", san);
	ck_assert_int_eq(
	    X509_NAME_entry_count(X509_get_subject_name(id->cert)), 1);
	assert_entry(X509_get_subject_name(id->cert), 0, NID_commonName, cn);
	/* RFC 5280, 4.1.2.5: UTCTime up to 2049, GeneralizedTime from then */
	assert_time(
	    X509_get0_notBefore(id->cert), V_ASN1_UTCTIME, "750101000000Z");
	assert_time(X509_get0_notAfter(id->cert), V_ASN1_GENERALIZEDTIME,
	    "40960101000000Z");
	ck_assert_int_eq(
	    X509_get_signature_nid(id->cert), NID_ecdsa_with_SHA256);
	ck_assert_int_eq(EVP_PKEY_get_bits(id->key), 256);
}
END_TEST

START_TEST(a_leaf_may_do_what_it_must_and_is_no_authority)
{
	uint32_t usage = X509_get_extended_key_usage(id->cert);

	ck_assert_uint_eq(usage, XKU_ANYEKU | XKU_SSL_SERVER | XKU_SSL_CLIENT);
	ck_assert_int_eq(X509_check_ca(id->cert), 0);
	ck_assert_int_eq(X509_get_ext_count(id->cert), 2);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    X509_EXTENSION_get_critical(X509_get_ext(id->cert, i)), 0);
}
END_TEST

START_TEST(a_serial_is_positive_and_of_one_certificate)
{
	struct identity *other = identity_new(&TX3_CERT_FORM, why);
	const ASN1_INTEGER *a = X509_get0_serialNumber(id->cert),
			   *b = X509_get0_serialNumber(other->cert);

	ck_assert_int_eq(ASN1_STRING_type(a), V_ASN1_INTEGER);
	ck_assert_int_eq(ASN1_STRING_length(a), 16);
	ck_assert_int_ne(ASN1_INTEGER_cmp(a, b), 0);
	ck_assert_mem_ne(id->digest, other->digest, DIGEST_LEN);
	identity_free(other);
}
END_TEST

/* OpenSSL takes no "any" usage of an authority for serverAuth (webpki looks at
 * none of an anchor's usages), so the roles are asked of the leaf itself. */
START_TEST(whoever_trusts_the_authority_accepts_the_leaf_in_both_roles)
{
	X509 *authority = identity_authority(&TX3_CERT_FORM);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	ck_assert_int_eq(X509_STORE_add_cert(store, authority), 1);
	ck_assert_int_eq(X509_STORE_CTX_init(ctx, store, id->cert, NULL), 1);
	ck_assert_int_eq(X509_verify_cert(ctx), 1);
	ck_assert_int_eq(
	    X509_check_purpose(id->cert, X509_PURPOSE_SSL_SERVER, 0), 1);
	ck_assert_int_eq(
	    X509_check_purpose(id->cert, X509_PURPOSE_SSL_CLIENT, 0), 1);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(authority);
}
END_TEST

START_TEST(the_authority_is_of_its_form)
{
	X509 *ca = identity_authority(&TX3_CERT_FORM);
	char san[128];

	assert_authority_name(X509_get_subject_name(ca));
	assert_authority_name(X509_get_issuer_name(ca));
	dns_name(ca, san);
	ck_assert_str_eq(
	    san, "aKdjnmYOn1HVc_RwSdxR6qa.aQLW3d5D1nYiSSO2cOrcT7a");
	ck_assert_int_eq(X509_check_ca(ca), 1);
	ck_assert_uint_eq(X509_get_extended_key_usage(ca), XKU_ANYEKU);
	ck_assert_int_eq(X509_verify(ca, X509_get0_pubkey(ca)), 1);
	X509_free(ca);
}
END_TEST

START_TEST(the_digest_is_sha_256_of_the_der)
{
	unsigned char *der = NULL;
	uint8_t digest[DIGEST_LEN];
	int len = i2d_X509(id->cert, &der);

	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(
	    EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL), 1);
	ck_assert_mem_eq(id->digest, digest, DIGEST_LEN);
	OPENSSL_free(der);
}
END_TEST

START_TEST(what_is_saved_is_loaded)
{
	struct identity *back;
	struct stat st;

	(void)umask(0);
	ck_assert_int_eq(identity_save(id, "id.pem", why), 0);
	ck_assert_int_eq(stat("id.pem", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	back = identity_load("id.pem", why);
	ck_assert_msg(back != NULL, "%s", why);
	ck_assert_mem_eq(back->digest, id->digest, DIGEST_LEN);
	ck_assert_int_eq(EVP_PKEY_eq(back->key, id->key), 1);
	identity_free(back);
}
END_TEST

START_TEST(saving_never_overwrites)
{
	ck_assert_int_eq(fd_write_file("id.pem", "x", 1, 0600), 0);
	ck_assert_int_eq(identity_save(id, "id.pem", why), -1);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_str_eq(why, "id.pem: File exists (it is never overwritten)");
	ck_assert_int_eq(identity_save(id, "none/id.pem", why), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(a_file_that_others_may_read_is_refused)
{
	static const unsigned modes[] = {0640, 0604, 0620, 0601};

	ck_assert_int_eq(identity_save(id, "id.pem", why), 0);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(chmod("id.pem", modes[i]), 0);
		ck_assert_ptr_null(identity_load("id.pem", why));
		ck_assert_ptr_nonnull(strstr(why, "chmod 600"));
	}
}
END_TEST

/* A file of the parts, each may be NULL; then it is refused with this. */
static void
refuse(EVP_PKEY *key, const char *passphrase, X509 *cert, X509 *second,
    const char *expected)
{
	BIO *bio = BIO_new_file("id.pem", "w");

	if (key != NULL)
		ck_assert_int_eq(
		    PEM_write_bio_PKCS8PrivateKey(bio, key,
			passphrase != NULL ? EVP_aes_256_cbc() : NULL,
			passphrase, passphrase != NULL ? 4 : 0, NULL, NULL),
		    1);
	if (cert != NULL)
		ck_assert_int_eq(PEM_write_bio_X509(bio, cert), 1);
	if (second != NULL)
		ck_assert_int_eq(PEM_write_bio_X509(bio, second), 1);
	BIO_free(bio);
	ck_assert_int_eq(chmod("id.pem", 0600), 0);
	ck_assert_ptr_null(identity_load("id.pem", why));
	ck_assert_str_eq(why, expected);
}

START_TEST(a_file_must_hold_one_key_and_its_one_certificate)
{
	struct identity *other = identity_new(&TX3_CERT_FORM, why);

	refuse(NULL, NULL, NULL, NULL,
	    "id.pem: there is no certificate (PEM) in it");
	refuse(id->key, NULL, NULL, NULL,
	    "id.pem: there is no certificate (PEM) in it");
	refuse(NULL, NULL, id->cert, NULL,
	    "id.pem: there is no private key (PEM, without a passphrase) in "
	    "it");
	refuse(id->key, "pass", id->cert, NULL,
	    "id.pem: there is no private key (PEM, without a passphrase) in "
	    "it");
	refuse(id->key, NULL, other->cert, NULL,
	    "id.pem: its certificate does not belong to its key");
	refuse(id->key, NULL, id->cert, other->cert,
	    "id.pem: it holds more than one certificate: leave the one that "
	    "belongs to the key");
	identity_free(other);
}
END_TEST

/* Key and certificate of two identities, or of one, in files of their own. */
static void
put_two(EVP_PKEY *key, X509 *cert)
{
	FILE *f = fopen("key.pem", "w");

	ck_assert_int_eq(
	    PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod("key.pem", 0600), 0);
	f = fopen("cert.pem", "w");
	ck_assert_int_eq(PEM_write_X509(f, cert), 1);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod("cert.pem", 0644), 0);
}

static void
refuse_two(const char *cert, const char *expected)
{
	ck_assert_ptr_null(identity_load_two(cert, "key.pem", why));
	ck_assert_str_eq(why, expected);
}

START_TEST(certificate_and_key_may_come_from_two_files)
{
	struct identity *other = identity_new(&TX3_CERT_FORM, why), *two;

	put_two(id->key, id->cert);
	two = identity_load_two("cert.pem", "key.pem", why);
	ck_assert_msg(two != NULL, "%s", why);
	ck_assert_mem_eq(two->digest, id->digest, DIGEST_LEN);
	identity_free(two);
	put_two(other->key, id->cert);
	refuse_two(
	    "cert.pem", "cert.pem: it does not belong to the key beside it");
	refuse_two("key.pem", "key.pem: there is no certificate (PEM) in it");
	refuse_two("none.pem", "none.pem: No such file or directory");
	ck_assert_int_eq(chmod("key.pem", 0640), 0);
	refuse_two("cert.pem",
	    "key.pem: others may read it (mode 0640): chmod 600 it");
	identity_free(other);
}
END_TEST

START_TEST(a_file_that_can_not_be_read_is_named)
{
	static char large[IDENTITY_FILE_MAX + 1];

	ck_assert_ptr_null(identity_load("id.pem", why));
	ck_assert_str_eq(why, "id.pem: No such file or directory");
	ck_assert_int_eq(fd_write_file("id.pem", large, sizeof large, 0600), 0);
	ck_assert_ptr_null(identity_load("id.pem", why));
	ck_assert_str_eq(why, "id.pem: File too large");
}
END_TEST

START_TEST(a_form_without_an_authority_signs_itself)
{
	struct identity *own = identity_new(&SYNCTHING_CERT_FORM, why);
	char san[128];

	ck_assert_msg(own != NULL, "%s", why);
	ck_assert_int_eq(X509_NAME_cmp(X509_get_subject_name(own->cert),
			     X509_get_issuer_name(own->cert)),
	    0);
	ck_assert_int_eq(X509_verify(own->cert, own->key), 1);
	dns_name(own->cert, san);
	ck_assert_str_eq(san, "carrick-relay");
	assert_time(X509_get0_notAfter(own->cert), V_ASN1_GENERALIZEDTIME,
	    "40960101000000Z");
	identity_free(own);
}
END_TEST

START_TEST(a_form_whose_key_is_no_key_makes_no_identity)
{
	struct cert_form form = TX3_CERT_FORM;

	form.ca_key_pem = "none";
	ck_assert_ptr_null(identity_new(&form, why));
	ck_assert_int_eq(strncmp(why, "no identity could be made: ", 27), 0);
	ck_assert_ptr_null(identity_authority(&form));
	form = TX3_CERT_FORM;
	form.not_after = "never";
	ck_assert_ptr_null(identity_new(&form, why));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("identity");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_leaf_is_of_its_form);
	tcase_add_test(tc, a_leaf_may_do_what_it_must_and_is_no_authority);
	tcase_add_test(tc, a_serial_is_positive_and_of_one_certificate);
	tcase_add_test(
	    tc, whoever_trusts_the_authority_accepts_the_leaf_in_both_roles);
	tcase_add_test(tc, the_authority_is_of_its_form);
	tcase_add_test(tc, the_digest_is_sha_256_of_the_der);
	tcase_add_test(tc, what_is_saved_is_loaded);
	tcase_add_test(tc, saving_never_overwrites);
	tcase_add_test(tc, a_file_that_others_may_read_is_refused);
	tcase_add_test(tc, a_file_must_hold_one_key_and_its_one_certificate);
	tcase_add_test(tc, a_file_that_can_not_be_read_is_named);
	tcase_add_test(tc, certificate_and_key_may_come_from_two_files);
	tcase_add_test(tc, a_form_without_an_authority_signs_itself);
	tcase_add_test(tc, a_form_whose_key_is_no_key_makes_no_identity);
	return suite_run("identity", (TCase *[]){tc, NULL});
}
