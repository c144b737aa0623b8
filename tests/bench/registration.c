#include "tests/bench/registration.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/identity.h"
#include "common/tls.h"
#include "tests/bench/route.h"
#include "tests/bench/sock.h"

struct registration {
	struct identity *id;
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

static _Noreturn void
tls_failed(const char *what)
{
	char why[IDENTITY_WHY_CAP];

	errx(1, "%s: %s", what, tls_why(why, sizeof why));
}

static void
make_context(struct registration *r)
{
	const struct tls_profile profile = {
	    .min_version = TLS1_3_VERSION,
	    .max_version = TLS1_3_VERSION,
	    .ciphersuites = TX3_CIPHERSUITES,
	};
	char why[IDENTITY_WHY_CAP];

	r->id = identity_new(&TX3_CERT_FORM, why);
	if (r->id == NULL)
		errx(1, "identity: %s", why);
	r->ctx = tls_context_new(TLS_ROLE_CLIENT, &profile, r->id, why);
	if (r->ctx == NULL)
		errx(1, "TLS: %s", why);
}

static void
read_all(struct registration *r, void *p, int len)
{
	char *at = p;

	while (len > 0) {
		int n = SSL_read(r->ssl, at, len);

		if (n <= 0)
			tls_failed("the control stream ended");
		at += n;
		len -= n;
	}
}

static void
handshake(struct registration *r, const struct url *relay)
{
	uint8_t digest[DIGEST_LEN];

	r->ssl = SSL_new(r->ctx);
	if (r->ssl == NULL || SSL_set_fd(r->ssl, r->fd) != 1 ||
	    SSL_set_tlsext_host_name(r->ssl, TX3_SNI) != 1)
		tls_failed("TLS");
	if (SSL_connect(r->ssl) != 1)
		tls_failed("handshake with the relay");
	if (tls_peer_digest(r->ssl, digest) == -1 ||
	    memcmp(digest, relay->digest, DIGEST_LEN) != 0)
		errx(1, "the relay's key is not the URL's");
}

struct registration *
registration_new(const struct url *relay)
{
	struct registration *r = calloc(1, sizeof *r);
	struct addr at;
	uint8_t all_clear;

	if (r == NULL)
		err(1, "calloc");
	make_context(r);
	route_relay_addr(relay, &at);
	r->fd = sock_dial(&at);
	sock_write(r->fd, relay->digest, DIGEST_LEN);
	handshake(r, relay);
	read_all(r, &all_clear, 1);
	if (all_clear != TX3_ALL_CLEAR)
		errx(1, "the relay's all-clear is %u", all_clear);
	return r;
}

const uint8_t *
registration_digest(const struct registration *r)
{
	return r->id->digest;
}

void
registration_token(struct registration *r, uint8_t token[TX3_TOKEN_LEN])
{
	read_all(r, token, TX3_TOKEN_LEN);
}

void
registration_free(struct registration *r)
{
	if (r == NULL)
		return;
	SSL_free(r->ssl);
	fd_close(&r->fd);
	SSL_CTX_free(r->ctx);
	identity_free(r->id);
	free(r);
}
