#include "common/tls.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "common/tls_library.h"

static const char SESSION_CONTEXT[] = "carrick";

/* The handshake has proved the key; who that is, its digest says. */
static int
accept_any(X509_STORE_CTX *store, void *arg)
{
	(void)arg;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

/* The same, if nothing comes with the certificate. */
static int
accept_one_link(X509_STORE_CTX *store, void *arg)
{
	if (sk_X509_num(X509_STORE_CTX_get0_untrusted(store)) == 1)
		return accept_any(store, arg);
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_CHAIN_TOO_LONG);
	return 0;
}

static int
set_versions(SSL_CTX *ctx, const struct tls_profile *profile)
{
	return SSL_CTX_set_min_proto_version(ctx, profile->min_version) &&
	       SSL_CTX_set_max_proto_version(ctx, profile->max_version) &&
	       (profile->ciphersuites == NULL ||
		   SSL_CTX_set_ciphersuites(ctx, profile->ciphersuites)) &&
	       (profile->ciphers == NULL ||
		   SSL_CTX_set_cipher_list(ctx, profile->ciphers));
}

/* A resumed session would be a second way to prove who one is; early data a
 * way to speak before that. */
static int
set_no_sessions(SSL_CTX *ctx)
{
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	return SSL_CTX_set_num_tickets(ctx, 0) &&
	       SSL_CTX_set_max_early_data(ctx, 0) &&
	       SSL_CTX_set_recv_max_early_data(ctx, 0) &&
	       SSL_CTX_set_session_id_context(ctx,
		   (const unsigned char *)SESSION_CONTEXT,
		   sizeof SESSION_CONTEXT - 1);
}

static int
set_identity(SSL_CTX *ctx, const struct identity *id)
{
	return SSL_CTX_use_certificate(ctx, id->cert) &&
	       SSL_CTX_use_PrivateKey(ctx, id->key);
}

static void
set_rest(SSL_CTX *ctx, const struct tls_profile *profile)
{
	(void)SSL_CTX_set_options(
	    ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
		     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
					SSL_MODE_ENABLE_PARTIAL_WRITE |
					SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(
	    ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(
	    ctx, profile->wants_one_link ? accept_one_link : accept_any, NULL);
	if (profile->ends_unsaid)
		(void)SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (profile->select_alpn != NULL)
		SSL_CTX_set_alpn_select_cb(ctx, profile->select_alpn, NULL);
}

SSL_CTX *
tls_context_new(const struct tls_library *library, enum tls_role role,
    const struct tls_profile *profile, const struct identity *id, char *why)
{
	SSL_CTX *ctx = SSL_CTX_new_ex(tls_library_context(library), NULL,
	    role == TLS_ROLE_SERVER ? TLS_server_method()
				    : TLS_client_method());
	char error[IDENTITY_WHY_CAP / 2];

	if (ctx != NULL && set_versions(ctx, profile) && set_no_sessions(ctx) &&
	    set_identity(ctx, id)) {
		set_rest(ctx, profile);
		return ctx;
	}
	(void)snprintf(why, IDENTITY_WHY_CAP,
	    "TLS could not be set up with this identity: %s",
	    tls_why(error, sizeof error));
	SSL_CTX_free(ctx);
	return NULL;
}

int
tls_peer_digest(const SSL *ssl, uint8_t digest[DIGEST_LEN])
{
	X509 *cert = SSL_get1_peer_certificate(ssl);
	int rc = cert != NULL ? identity_digest_of(cert, digest) : -1;

	X509_free(cert);
	return rc;
}

const char *
tls_why(char *buf, size_t cap)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(error);

	if (reason != NULL)
		(void)snprintf(buf, cap, "%s", reason);
	else if (error != 0)
		ERR_error_string_n(error, buf, cap);
	else
		(void)snprintf(buf, cap, "OpenSSL gave no reason");
	ERR_clear_error();
	return buf;
}
