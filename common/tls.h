/*
 * tls - OpenSSL contexts for connections on which both sides show a
 * certificate and its digest is the identity: no certificate authority, no
 * dates, no names are judged, but the handshake has proved the key.
 */
#ifndef COMMON_TLS_H
#define COMMON_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/identity.h"

struct tls_library;

enum tls_role { TLS_ROLE_SERVER, TLS_ROLE_CLIENT };

struct tls_profile {
	int min_version; /* such as TLS1_3_VERSION */
	int max_version;
	const char *ciphersuites; /* of TLS 1.3; NULL = OpenSSL's */
	const char *ciphers;	  /* of TLS 1.2; NULL = OpenSSL's */
	bool wants_one_link;	  /* a peer may show its certificate alone */
	bool ends_unsaid; /* an end without close_notify is an end like others:
			   * what is said can't be cut off unnoticed */
	SSL_CTX_alpn_select_cb_func select_alpn; /* a server's; NULL = none */
};

/*
 * tls_context_new - a context in one role with our certificate.
 *
 * library  borrowed, and outlives it; NULL = OpenSSL's own.
 * Sets     a peer certificate demanded and any accepted; no session tickets,
 *          no session cache, no early data, no renegotiation, no compression;
 *          released buffers; partial writes.
 * Returns  owned by the caller (SSL_CTX_free); NULL with a sentence in why
 *          (IDENTITY_WHY_CAP bytes).
 */
SSL_CTX *tls_context_new(const struct tls_library *library, enum tls_role role,
    const struct tls_profile *profile, const struct identity *id, char *why);

/* tls_peer_digest - who is at the other end, after the handshake.
 * Returns 0; -1: no certificate was shown. */
int tls_peer_digest(const SSL *ssl, uint8_t digest[DIGEST_LEN]);

/* tls_why - the newest error of OpenSSL's queue as text, and empties the
 * queue. buf has cap bytes. Returns buf. */
const char *tls_why(char *buf, size_t cap);

#endif
