#include "common/identity.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/secret_file.h"
#include "common/tls.h"

__attribute__((format(printf, 2, 3))) static int
fail(char *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, IDENTITY_WHY_CAP, fmt, args);
	va_end(args);
	return -1;
}

int
identity_digest_of(const X509 *cert, uint8_t digest[DIGEST_LEN])
{
	unsigned len = DIGEST_LEN;

	return X509_digest(cert, EVP_sha256(), digest, &len) ? 0 : -1;
}

void
identity_free(struct identity *id)
{
	if (id == NULL)
		return;
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
	free(id);
}

/* Without it OpenSSL would ask a terminal for a passphrase. */
static int
no_passphrase(char *buf, int cap, int writing, void *arg)
{
	(void)buf;
	(void)cap;
	(void)writing;
	(void)arg;
	return -1;
}

/* How many certificates pem holds (2 = two or more), the first in *cert. */
static unsigned
read_certificates(const char *pem, size_t len, X509 **cert)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *second = NULL;

	*cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	if (*cert != NULL)
		second = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	X509_free(second);
	return *cert == NULL ? 0 : second == NULL ? 1 : 2;
}

static EVP_PKEY *
read_key(const char *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);

	BIO_free(bio);
	return key;
}

/* A file of PEM that was read. */
struct pem {
	const char *path;
	char *text;
	size_t len;
};

static int
parse(struct identity *id, const struct pem *cert, const struct pem *key,
    char *why)
{
	unsigned n_certs = read_certificates(cert->text, cert->len, &id->cert);

	if (n_certs == 0)
		return fail(
		    why, "%s: there is no certificate (PEM) in it", cert->path);
	if (n_certs > 1)
		return fail(why,
		    "%s: it holds more than one certificate: leave the one "
		    "that belongs to the key",
		    cert->path);
	id->key = read_key(key->text, key->len);
	if (id->key == NULL)
		return fail(why,
		    "%s: there is no private key (PEM, without a passphrase) "
		    "in it",
		    key->path);
	if (!X509_check_private_key(id->cert, id->key))
		return fail(why,
		    cert == key
			? "%s: its certificate does not belong to its key"
			: "%s: it does not belong to the key beside it",
		    cert->path);
	if (identity_digest_of(id->cert, id->digest) == -1)
		return fail(why, "%s: SHA-256 is not to be had", cert->path);
	return 0;
}

static struct identity *
parse_new(const struct pem *cert, const struct pem *key, char *why)
{
	struct identity *id = calloc(1, sizeof *id);
	int rc = id != NULL ? parse(id, cert, key, why)
			    : fail(why, "%s: no memory is left", key->path);

	ERR_clear_error(); /* what was told in our own words */
	if (rc == 0)
		return id;
	identity_free(id);
	return NULL;
}

static int
read_secret(struct pem *pem, char *why)
{
	pem->text = secret_file_read(
	    pem->path, IDENTITY_FILE_MAX, &pem->len, why, IDENTITY_WHY_CAP);
	return pem->text != NULL ? 0 : -1;
}

struct identity *
identity_load(const char *path, char *why)
{
	struct pem both = {.path = path};
	struct identity *id;

	if (read_secret(&both, why) != 0)
		return NULL;
	id = parse_new(&both, &both, why);
	secret_file_free(both.text, both.len);
	return id;
}

struct identity *
identity_load_two(const char *cert_path, const char *key_path, char *why)
{
	struct pem cert = {.path = cert_path}, key = {.path = key_path};
	struct identity *id = NULL;

	cert.text = fd_read_file(cert_path, IDENTITY_FILE_MAX, &cert.len);
	if (cert.text == NULL)
		(void)fail(why, "%s: %s", cert_path, strerror(errno));
	else if (read_secret(&key, why) == 0)
		id = parse_new(&cert, &key, why);
	secret_file_free(key.text, key.len);
	free(cert.text);
	return id;
}

int
identity_save(const struct identity *id, const char *path, char *why)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	long len;
	int rc = -1, saved;

	errno = ENOMEM;
	if (bio != NULL &&
	    PEM_write_bio_PrivateKey(bio, id->key, NULL, NULL, 0, NULL, NULL) &&
	    PEM_write_bio_X509(bio, id->cert)) {
		len = BIO_get_mem_data(bio, &pem);
		rc = fd_write_file(path, pem, (size_t)len, 0600);
	}
	saved = errno;
	if (rc == -1)
		(void)fail(why, "%s: %s%s", path, strerror(saved),
		    saved == EEXIST ? " (it is never overwritten)" : "");
	BIO_free(bio); /* wipes it */
	errno = saved;
	return rc;
}
