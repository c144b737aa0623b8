/*
 * secured - TLS connections to a relay, all with one identity: what control
 * streams are made of.
 *
 * Failures end the program, as in sock.h. One thread at a time.
 */
#ifndef TESTS_BENCH_SECURED_H
#define TESTS_BENCH_SECURED_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/certform.h"
#include "proto/digest.h"

/* Who one is, and how one speaks. */
struct secured_key;

/* What is special to a protocol; texts are static. */
struct secured_form {
	const struct cert_form *cert;
	const char *ciphersuites; /* of TLS 1.3 */
	const char *alpn;	  /* NULL: none */
	const char *sni;	  /* NULL: none */
};

struct secured {
	SSL *ssl;
	int fd;
};

/* secured_key_new - a new identity, P-256. */
struct secured_key *secured_key_new(const struct secured_form *form);

/* secured_key_digest - its certificate's; borrowed. */
const uint8_t *secured_key_digest(const struct secured_key *k);

/* secured_key_free - NULL is fine. */
void secured_key_free(struct secured_key *k);

/* secured_open - a handshake on fd, which is taken over, with whoever has
 * that digest. s: out. */
void secured_open(struct secured *s, const struct secured_key *k, int fd,
    const uint8_t digest[DIGEST_LEN]);

/* secured_read, secured_write - all len bytes. */
void secured_read(struct secured *s, void *p, size_t len);
void secured_write(struct secured *s, const void *p, size_t len);

/* secured_close - without a word; one that was never open is fine if it is
 * zeroed with fd -1. */
void secured_close(struct secured *s);

#endif
