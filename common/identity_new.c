/* Making identities; keeping them is identity.c's. */
#include "common/identity.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "common/tls.h"

#define SERIAL_BITS 127 /* RFC 5280, 4.1.2.2: positive, at most 20 bytes */
#define NAME_CAP    256
#define LEAF_USAGE  "anyExtendedKeyUsage,serverAuth,clientAuth"

/* V_ASN1_UTF8STRING and not MBSTRING_UTF8: that would refuse names over 64
 * bytes (RFC 5280, ub-common-name), which our leafs have by their form. */
static int
add_name(X509_NAME *name, const char *field, const char *text)
{
	return X509_NAME_add_entry_by_txt(name, field, V_ASN1_UTF8STRING,
	    (const unsigned char *)text, -1, -1, 0);
}

static int
add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int ok = ext != NULL && X509_add_ext(cert, ext, -1);

	X509_EXTENSION_free(ext);
	return ok;
}

static int
add_dns_name(X509 *cert, const char *name)
{
	char value[NAME_CAP + 4];

	(void)snprintf(value, sizeof value, "DNS:%s", name);
	return add_extension(cert, NID_subject_alt_name, value);
}

static int
set_serial(X509 *cert)
{
	BIGNUM *n = BN_new();
	int ok = n != NULL &&
		 BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		 BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;

	BN_free(n);
	return ok;
}

/* A certificate without names and extensions; the dates become UTCTime where
 * RFC 5280, 4.1.2.5 wants that. */
static X509 *
blank_new(const struct cert_form *form, EVP_PKEY *key)
{
	X509 *cert = X509_new();

	if (cert != NULL && X509_set_version(cert, X509_VERSION_3) &&
	    set_serial(cert) &&
	    ASN1_TIME_set_string_X509(
		X509_getm_notBefore(cert), form->not_before) &&
	    ASN1_TIME_set_string_X509(
		X509_getm_notAfter(cert), form->not_after) &&
	    X509_set_pubkey(cert, key))
		return cert;
	X509_free(cert);
	return NULL;
}

static EVP_PKEY *
authority_key(const struct cert_form *form)
{
	BIO *bio = BIO_new_mem_buf(form->ca_key_pem, -1);
	EVP_PKEY *key =
	    bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return key;
}

static X509 *
authority_new(const struct cert_form *form, EVP_PKEY *key)
{
	X509 *ca = blank_new(form, key);
	X509_NAME *name = ca != NULL ? X509_get_subject_name(ca) : NULL;

	if (ca != NULL && add_name(name, "CN", form->ca_cn) &&
	    add_name(name, "O", form->ca_o) && X509_set_issuer_name(ca, name) &&
	    add_dns_name(ca, form->ca_san) &&
	    add_extension(ca, NID_basic_constraints, "critical,CA:TRUE") &&
	    add_extension(ca, NID_ext_key_usage, "anyExtendedKeyUsage") &&
	    X509_sign(ca, key, EVP_sha256()))
		return ca;
	X509_free(ca);
	return NULL;
}

X509 *
identity_authority(const struct cert_form *form)
{
	EVP_PKEY *key = authority_key(form);
	X509 *ca = key != NULL ? authority_new(form, key) : NULL;

	EVP_PKEY_free(key);
	return ca;
}

/* The name, which may tell this leaf from all others. */
static int
add_names(X509 *leaf, const struct cert_form *form)
{
	bool is_random = form->san_suffix != NULL;
	uint8_t random[DIGEST_LEN] = {0};
	char text[DIGEST_TEXT_CAP] = "", san[NAME_CAP], cn[NAME_CAP * 2];

	if (is_random && secret_random(random, sizeof random) == -1)
		return 0;
	if (is_random)
		(void)digest_format(random, text);
	(void)snprintf(san, sizeof san, "%s%s%s", form->san_prefix, text,
	    is_random ? form->san_suffix : "");
	(void)snprintf(cn, sizeof cn, "%s%s", form->cn_prefix, san);
	return add_name(X509_get_subject_name(leaf), "CN", cn) &&
	       add_dns_name(leaf, san);
}

/* Everything but who has signed it. */
static X509 *
unsigned_new(const struct cert_form *form, EVP_PKEY *key)
{
	X509 *leaf = blank_new(form, key);

	if (leaf != NULL && add_names(leaf, form) &&
	    add_extension(leaf, NID_ext_key_usage, LEAF_USAGE))
		return leaf;
	X509_free(leaf);
	return NULL;
}

static int
sign_by_authority(X509 *leaf, const struct cert_form *form)
{
	EVP_PKEY *key = authority_key(form);
	X509 *ca = key != NULL ? authority_new(form, key) : NULL;
	int ok = ca != NULL &&
		 X509_set_issuer_name(leaf, X509_get_subject_name(ca)) &&
		 X509_sign(leaf, key, EVP_sha256());

	X509_free(ca);
	EVP_PKEY_free(key);
	return ok;
}

static int
sign_by_itself(X509 *leaf, EVP_PKEY *key)
{
	return X509_set_issuer_name(leaf, X509_get_subject_name(leaf)) &&
	       X509_sign(leaf, key, EVP_sha256());
}

static X509 *
leaf_new(const struct cert_form *form, EVP_PKEY *key)
{
	X509 *leaf = unsigned_new(form, key);

	if (leaf != NULL &&
	    (form->ca_key_pem != NULL ? sign_by_authority(leaf, form)
				      : sign_by_itself(leaf, key)))
		return leaf;
	X509_free(leaf);
	return NULL;
}

struct identity *
identity_new(const struct cert_form *form, char *why)
{
	struct identity *id = calloc(1, sizeof *id);
	char error[IDENTITY_WHY_CAP / 2];

	if (id != NULL)
		id->key = EVP_EC_gen("P-256");
	if (id != NULL && id->key != NULL)
		id->cert = leaf_new(form, id->key);
	if (id != NULL && id->cert != NULL &&
	    identity_digest_of(id->cert, id->digest) == 0)
		return id;
	(void)snprintf(why, IDENTITY_WHY_CAP, "no identity could be made: %s",
	    tls_why(error, sizeof error));
	identity_free(id);
	return NULL;
}
