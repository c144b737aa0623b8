/* The keys of a strelaysrv, which are its device ID. */
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/identity.h"
#include "proto/deviceid.h"
#include "tests/unit/control/strelaysrv_world.h"

START_TEST(the_device_id_stays)
{
	char why[IDENTITY_WHY_CAP], text[DEVICEID_TEXT_CAP];
	const char *path;
	struct identity *id;
	struct stat st;

	ck_assert_int_eq(
	    strelaysrv_import("-pools=", "-listen=192.0.2.7:22067", NULL), 0);
	check_said("relay://192.0.2.7:22067/?id=" DEVICE "\n");
	path = import_path("syncthing.pem");
	id = identity_load(path, why);
	ck_assert_msg(id != NULL, "%s", why);
	ck_assert_str_eq(deviceid_format(id->digest, text), DEVICE);
	identity_free(id);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	check_said("Everything was carried over");
}
END_TEST

/* As an older or newer strelaysrv, or somebody with openssl, made them. */
static void
make_keys(EVP_PKEY *pkey, bool is_traditional)
{
	X509 *x = X509_new();
	FILE *f = fopen(import_path("cert.pem"), "w");
	int fd;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(X509_set_version(x, 2), 1);
	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(x), 7), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), -7200);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), -3600); /* it is over */
	ck_assert_int_eq(X509_set_pubkey(x, pkey), 1);
	ck_assert_int_gt(
	    X509_sign(
		x, pkey, EVP_PKEY_is_a(pkey, "ED25519") ? NULL : EVP_sha256()),
	    0);
	ck_assert_int_eq(PEM_write_X509(f, x), 1);
	ck_assert_int_eq(fclose(f), 0);
	X509_free(x);
	(void)unlink(import_path("key.pem"));
	fd = open(import_path("key.pem"), O_WRONLY | O_CREAT | O_EXCL, 0600);
	f = fdopen(fd, "w");
	ck_assert_ptr_nonnull(f);
	if (is_traditional) {
		BIO *bio = BIO_new_fp(f, BIO_NOCLOSE);

		ck_assert_int_eq(PEM_write_bio_PrivateKey_traditional(
				     bio, pkey, NULL, NULL, 0, NULL, NULL),
		    1);
		BIO_free(bio);
	} else {
		ck_assert_int_eq(
		    PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL),
		    1);
	}
	ck_assert_int_eq(fclose(f), 0);
	EVP_PKEY_free(pkey);
}

/* Of the certificate's own bytes. */
static void
digest_of_file(uint8_t digest[DIGEST_LEN])
{
	FILE *f = fopen(import_path("cert.pem"), "r");
	unsigned char *der = NULL;
	char *type = NULL, *header = NULL;
	unsigned n = DIGEST_LEN;
	long len;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_read(f, &type, &header, &der, &len), 1);
	ck_assert_int_eq(
	    EVP_Digest(der, (size_t)len, digest, &n, EVP_sha256(), NULL), 1);
	OPENSSL_free(type);
	OPENSSL_free(header);
	OPENSSL_free(der);
	ck_assert_int_eq(fclose(f), 0);
}

static void
check_taken_over(EVP_PKEY *pkey, bool is_traditional)
{
	char why[IDENTITY_WHY_CAP];
	uint8_t digest[DIGEST_LEN];
	struct identity *id;

	import_remove_written();
	make_keys(pkey, is_traditional);
	ck_assert_int_eq(strelaysrv_import(NULL, NULL, NULL), 0);
	id = identity_load(import_path("syncthing.pem"), why);
	ck_assert_msg(id != NULL, "%s", why);
	digest_of_file(digest);
	ck_assert_mem_eq(id->digest, digest, sizeof digest);
	identity_free(id);
}

START_TEST(keys_of_every_kind_and_form_are_taken_over)
{
	for (int traditional = 0; traditional < 2; traditional++) {
		check_taken_over(EVP_RSA_gen(3072), traditional != 0);
		check_taken_over(EVP_EC_gen("P-256"), traditional != 0);
		check_taken_over(EVP_EC_gen("P-384"), traditional != 0);
	}
	check_taken_over(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), false);
}
END_TEST

START_TEST(keys_that_are_none_are_refused)
{
	(void)chmod(import_path("key.pem"), 0640);
	ck_assert_int_eq(strelaysrv_import(NULL, NULL, NULL), 3);
	(void)chmod(import_path("key.pem"), 0600);
	import_put("key.pem", "nothing", 7, 0600);
	ck_assert_int_eq(strelaysrv_import(NULL, NULL, NULL), 3);
	(void)unlink(import_path("key.pem"));
	ck_assert_int_eq(strelaysrv_import(NULL, NULL, NULL), 3);
	make_keys(EVP_EC_gen("P-256"), false);
	strelaysrv_put("cert.pem", 0644);
	ck_assert_int_eq(strelaysrv_import(NULL, NULL, NULL), 3);
	ck_assert(!import_has("control.yml"));
}
END_TEST

int
main(void)
{
	TCase *t = strelaysrv_case("import_strelaysrv_keys");

	tcase_add_test(t, the_device_id_stays);
	tcase_add_test(t, keys_of_every_kind_and_form_are_taken_over);
	tcase_add_test(t, keys_that_are_none_are_refused);
	return suite_run("import_strelaysrv_keys", (TCase *[]){t, NULL});
}
