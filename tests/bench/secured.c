#include "tests/bench/secured.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/identity.h"
#include "common/tls.h"
#include "tests/bench/sock.h"

struct secured_key {
	const struct secured_form *form;
	struct identity *id;
	SSL_CTX *ctx;
};

static _Noreturn void
failed(const char *what)
{
	char why[IDENTITY_WHY_CAP];

	errx(1, "%s: %s", what, tls_why(why, sizeof why));
}

/* Its length stands in front of the name. */
static void
set_alpn(SSL_CTX *ctx, const char *name)
{
	unsigned char list[64];
	size_t len = strlen(name);

	list[0] = (unsigned char)len;
	memcpy(list + 1, name, len);
	if (SSL_CTX_set_alpn_protos(ctx, list, (unsigned)len + 1) != 0)
		failed("ALPN");
}

struct secured_key *
secured_key_new(const struct secured_form *form)
{
	const struct tls_profile profile = {
	    .min_version = TLS1_3_VERSION,
	    .max_version = TLS1_3_VERSION,
	    .ciphersuites = form->ciphersuites,
	};
	struct secured_key *k = calloc(1, sizeof *k);
	char why[IDENTITY_WHY_CAP];

	if (k == NULL)
		err(1, "calloc");
	k->form = form;
	k->id = identity_new(form->cert, why);
	if (k->id == NULL)
		errx(1, "identity: %s", why);
	k->ctx = tls_context_new(NULL, TLS_ROLE_CLIENT, &profile, k->id, why);
	if (k->ctx == NULL)
		errx(1, "TLS: %s", why);
	if (form->alpn != NULL)
		set_alpn(k->ctx, form->alpn);
	return k;
}

const uint8_t *
secured_key_digest(const struct secured_key *k)
{
	return k->id->digest;
}

void
secured_key_free(struct secured_key *k)
{
	if (k == NULL)
		return;
	SSL_CTX_free(k->ctx);
	identity_free(k->id);
	free(k);
}

void
secured_open(struct secured *s, const struct secured_key *k, int fd,
    const uint8_t digest[DIGEST_LEN])
{
	uint8_t theirs[DIGEST_LEN];

	s->fd = fd;
	s->ssl = SSL_new(k->ctx);
	if (s->ssl == NULL || SSL_set_fd(s->ssl, fd) != 1 ||
	    (k->form->sni != NULL &&
		SSL_set_tlsext_host_name(s->ssl, k->form->sni) != 1))
		failed("TLS");
	if (SSL_connect(s->ssl) != 1)
		failed("handshake with the relay");
	if (tls_peer_digest(s->ssl, theirs) == -1 ||
	    memcmp(theirs, digest, DIGEST_LEN) != 0)
		errx(1, "the relay's key is not the URL's");
}

void
secured_read(struct secured *s, void *p, size_t len)
{
	char *at = p;
	size_t n;

	for (; len > 0; at += n, len -= n)
		if (SSL_read_ex(s->ssl, at, len, &n) != 1)
			failed("the control stream ended");
}

void
secured_write(struct secured *s, const void *p, size_t len)
{
	size_t n;

	if (SSL_write_ex(s->ssl, p, len, &n) != 1 || n != len)
		failed("write on the control stream");
}

void
secured_close(struct secured *s)
{
	SSL_free(s->ssl);
	s->ssl = NULL;
	fd_close(&s->fd);
}
