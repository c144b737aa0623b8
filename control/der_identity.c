#include "control/der_identity.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "common/secret.h"

/* Decoded bytes to der, which has DER_IDENTITY_MAX. Returns their number;
 * -1: not base64, too long, or nothing. */
static long
decode(const char *text, uint8_t *der)
{
	size_t len = strlen(text);
	int n;

	if (len == 0 || len % 4 != 0 || len / 4 * 3 > DER_IDENTITY_MAX)
		return -1;
	n = EVP_DecodeBlock(der, (const unsigned char *)text, (int)len);
	if (n <= 0)
		return -1;
	/* EVP_DecodeBlock counts the padding as bytes. */
	n -= text[len - 1] == '=';
	n -= text[len - 2] == '=';
	return n;
}

static X509 *
read_certificate(const char *text, uint8_t *der, const char **why)
{
	long len = decode(text, der);
	const uint8_t *p = der;
	X509 *cert = NULL;

	*why = "the certificate is not base64 of DER";
	if (len > 0)
		cert = d2i_X509(NULL, &p, len);
	if (cert == NULL || p == der + len)
		return cert;
	*why = "bytes follow the certificate";
	X509_free(cert);
	return NULL;
}

static EVP_PKEY *
read_key(const char *text, uint8_t *der, const char **why)
{
	long len = decode(text, der);
	const uint8_t *p = der;
	PKCS8_PRIV_KEY_INFO *info = NULL;
	EVP_PKEY *key = NULL;

	*why = "the key is not base64 of PKCS#8";
	if (len > 0)
		info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, len);
	if (info != NULL && p == der + len)
		key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

static int
fill(struct identity *id, const char *cert, const char *key, uint8_t *der,
    const char **why)
{
	id->cert = read_certificate(cert, der, why);
	if (id->cert == NULL)
		return -1;
	id->key = read_key(key, der, why);
	if (id->key == NULL)
		return -1;
	*why = "the certificate does not belong to the key";
	if (!X509_check_private_key(id->cert, id->key))
		return -1;
	*why = "SHA-256 is not to be had";
	return identity_digest_of(id->cert, id->digest);
}

struct identity *
der_identity_new(const char *cert, const char *key, const char **why)
{
	struct identity *id = calloc(1, sizeof *id);
	uint8_t *der = malloc(DER_IDENTITY_MAX);
	int rc = -1;

	*why = "no memory is left";
	if (id != NULL && der != NULL)
		rc = fill(id, cert, key, der, why);
	ERR_clear_error(); /* what was told in our own words */
	if (der != NULL)
		secret_wipe(der, DER_IDENTITY_MAX);
	free(der);
	if (rc == 0)
		return id;
	identity_free(id);
	return NULL;
}
