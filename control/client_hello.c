#include "control/client_hello.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* RFC 8446, 5.1: type, version, length. */
enum { RECORD_HEADER_LEN = 5, RECORD_HANDSHAKE = 22, VERSION_MAJOR = 3 };

struct client_hello_reader {
	SSL_CTX *ctx;
};

/* One reading: what is asked, and what came of it. */
struct look {
	const char *alpn;
	bool is_seen; /* the whole ClientHello is there */
	bool is_offered;
};

/* RFC 7301, 3.1: the list's length, then each name with its own. */
static bool
is_listed(const unsigned char *p, size_t len, const char *alpn)
{
	size_t name_len = strlen(alpn);
	struct wire_reader r;

	wire_reader_init(&r, p, len);
	(void)wire_get_u16(&r);
	while (!r.bad && r.left > 0) {
		size_t n = wire_get_u8(&r);
		const uint8_t *name = wire_get_view(&r, n);

		if (name != NULL && n == name_len && memcmp(name, alpn, n) == 0)
			return true;
	}
	return false;
}

/* Stops OpenSSL before it does anything about it. */
static int
on_client_hello(SSL *ssl, int *alert, void *arg)
{
	struct look *look = SSL_get_app_data(ssl);
	const unsigned char *p;
	size_t len;

	(void)alert;
	(void)arg;
	look->is_seen = true;
	look->is_offered =
	    SSL_client_hello_get0_ext(ssl,
		TLSEXT_TYPE_application_layer_protocol_negotiation, &p, &len) &&
	    is_listed(p, len, look->alpn);
	return SSL_CLIENT_HELLO_RETRY;
}

struct client_hello_reader *
client_hello_reader_new(void)
{
	struct client_hello_reader *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->ctx = SSL_CTX_new(TLS_server_method());
	if (r->ctx == NULL) {
		free(r);
		return NULL;
	}
	SSL_CTX_set_client_hello_cb(r->ctx, on_client_hello, NULL);
	return r;
}

void
client_hello_reader_free(struct client_hello_reader *r)
{
	if (r == NULL)
		return;
	SSL_CTX_free(r->ctx);
	free(r);
}

/* How far the record goes that bytes are missing of: to its end, or that of its
 * header. Returns 0: there are too many before it. */
static size_t
missing(const uint8_t *p, size_t len)
{
	size_t at = 0;

	for (int i = 0; i < CLIENT_HELLO_RECORDS_MAX; i++) {
		if (len < at + RECORD_HEADER_LEN)
			return at + RECORD_HEADER_LEN;
		at += RECORD_HEADER_LEN + ((size_t)p[at + 3] << 8 | p[at + 4]);
		if (len < at)
			return at;
	}
	return 0;
}

static enum parse_result
more(const uint8_t *p, size_t len, size_t *want)
{
	size_t n = missing(p, len);

	if (n == 0)
		return PARSE_BAD;
	*want = n;
	return PARSE_MORE;
}

/* From memory, to nowhere. */
static SSL *
ssl_new(const struct client_hello_reader *r, const uint8_t *p, size_t len)
{
	BIO *in = BIO_new_mem_buf(p, (int)len), *out = BIO_new(BIO_s_null());
	SSL *ssl = SSL_new(r->ctx);

	if (in == NULL || out == NULL || ssl == NULL) {
		BIO_free(in);
		BIO_free(out);
		SSL_free(ssl);
		return NULL;
	}
	/* The end of what is there is not the end of what may come. */
	BIO_set_mem_eof_return(in, -1);
	SSL_set_bio(ssl, in, out);
	SSL_set_accept_state(ssl);
	return ssl;
}

static enum parse_result
read_hello(const struct client_hello_reader *r, const char *alpn,
    const uint8_t *p, size_t len, size_t *want)
{
	struct look look = {.alpn = alpn};
	SSL *ssl = ssl_new(r, p, len);
	int rc, why;

	if (ssl == NULL)
		return PARSE_BAD;
	SSL_set_app_data(ssl, &look);
	rc = SSL_do_handshake(ssl);
	why = SSL_get_error(ssl, rc);
	SSL_free(ssl);
	ERR_clear_error();
	if (look.is_seen)
		return look.is_offered ? PARSE_OK : PARSE_BAD;
	return why == SSL_ERROR_WANT_READ ? more(p, len, want) : PARSE_BAD;
}

enum parse_result
client_hello_offers(const struct client_hello_reader *r, const char *alpn,
    const uint8_t *p, size_t len, size_t *want)
{
	static const uint8_t START[] = {RECORD_HANDSHAKE, VERSION_MAJOR};

	/* Most that comes is not TLS: no need for OpenSSL to say so. */
	if (memcmp(p, START, len < sizeof START ? len : sizeof START) != 0)
		return PARSE_BAD;
	if (len < RECORD_HEADER_LEN)
		return more(p, len, want);
	return read_hello(r, alpn, p, len, want);
}
