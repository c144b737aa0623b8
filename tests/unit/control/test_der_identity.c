/* FIXTURE is a file of tx3-relay's, which holds a certificate and its key. */
#include "control/der_identity.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "tests/unit/suite.h"

static char cert[4096], key[4096]; /* base64 */

static void
set_up(void)
{
	size_t len;
	char *text = fd_read_file(FIXTURE, 1 << 20, &len);

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(
	    sscanf(strstr(text, "tlsCertDer:"),
		"tlsCertDer: %4095s tlsCertPkDer: %4095s", cert, key),
	    2);
	free(text);
}

static char *
base64(const uint8_t *p, int len)
{
	char *text = calloc(1, (size_t)len * 2 + 8);

	ck_assert_ptr_nonnull(text);
	(void)EVP_EncodeBlock((unsigned char *)text, p, len);
	return text;
}

START_TEST(key_of_another_certificate_is_refused)
{
	EVP_PKEY *other = EVP_EC_gen("P-256");
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(other);
	unsigned char *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	char *others = base64(der, len);
	const char *reason;

	ck_assert_ptr_null(der_identity_new(cert, others, &reason));
	ck_assert_str_eq(reason, "the certificate does not belong to the key");
	free(others);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(other);
}
END_TEST

START_TEST(bytes_behind_the_certificate_are_refused)
{
	uint8_t der[4096];
	const char *reason;
	char *longer;
	int len;

	len = EVP_DecodeBlock(der, (unsigned char *)cert, (int)strlen(cert));
	der[len - 1] = 0; /* decoded padding: one byte, of which is nothing */
	longer = base64(der, len);
	ck_assert_ptr_null(der_identity_new(longer, key, &reason));
	ck_assert_str_eq(reason, "bytes follow the certificate");
	free(longer);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("der_identity");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, key_of_another_certificate_is_refused);
	tcase_add_test(t, bytes_behind_the_certificate_are_refused);
	return suite_run("der_identity", (TCase *[]){t, NULL});
}
