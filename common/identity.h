/*
 * identity - a private key and its certificate; the SHA-256 of that
 * certificate is who one is. Kept in one PEM file, 0600.
 */
#ifndef COMMON_IDENTITY_H
#define COMMON_IDENTITY_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/certform.h"
#include "proto/digest.h"

#define IDENTITY_WHY_CAP  256
#define IDENTITY_FILE_MAX 65536 /* bytes; a longer file is refused */

struct identity {
	EVP_PKEY *key;
	X509 *cert;
	uint8_t digest[DIGEST_LEN];
};

/*
 * identity_new - make a new one: ECDSA P-256, signed with SHA-256 by the
 * form's CA (made in memory for the purpose) or by itself, extended key usages
 * any, serverAuth and clientAuth.
 *
 * why      out, IDENTITY_WHY_CAP bytes, a sentence on failure.
 * Returns  owned by the caller; NULL.
 */
struct identity *identity_new(const struct cert_form *form, char *why);

/*
 * identity_authority - the certificate of the form's CA, for whoever judges
 * chains. Its key is public knowledge: it proves nothing about anybody, and
 * no daemon trusts it.
 *
 * Returns  owned by the caller (X509_free); NULL if OpenSSL failed.
 */
X509 *identity_authority(const struct cert_form *form);

/*
 * identity_load - read key and certificate from one PEM file.
 *
 * Returns  owned by the caller; NULL with a sentence in why that names the
 *          file: unreadable, readable by others than its owner, no key, no
 *          certificate, more than one certificate, or the two don't belong
 *          together.
 */
struct identity *identity_load(const char *path, char *why);

/* identity_load_two - the same from two files, of which others may read the
 * certificate's. */
struct identity *
identity_load_two(const char *cert_path, const char *key_path, char *why);

/* identity_save - write both to a new file, 0600; an existing file is not
 * touched (EEXIST). Returns 0; -1 with errno and a sentence in why. */
int identity_save(const struct identity *id, const char *path, char *why);

/* identity_free - the key is wiped by OpenSSL; NULL is fine. */
void identity_free(struct identity *id);

/* identity_digest_of - SHA-256 over cert's DER. Returns 0; -1. */
int identity_digest_of(const X509 *cert, uint8_t digest[DIGEST_LEN]);

#endif
