#include "control/stream_tls.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <string.h>

#include "common/tls.h"
#include "control/control.h"
#include "proto/tx3.h"

SSL_CTX *
stream_tls_context(const struct identity *id, char *why)
{
	static const struct tls_profile PROFILE = {
	    .min_version = TLS1_3_VERSION,
	    .max_version = TLS1_3_VERSION,
	    .ciphersuites = TX3_CIPHERSUITES,
	};
	SSL_CTX *ctx = tls_context_new(TLS_ROLE_SERVER, &PROFILE, id, why);

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_alpn_select_cb(ctx, stream_tls_select_alpn, NULL);
	/* A client says nothing, so there is nothing that an end without
	 * close_notify could cut off. */
	(void)SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	return ctx;
}

int
stream_tls_select_alpn(SSL *ssl, const unsigned char **out,
    unsigned char *out_len, const unsigned char *in, unsigned in_len, void *arg)
{
	static const char KNOWN[] = TX3_ALPN, OURS[] = TX3_ALPN_PREFIX;
	const size_t known_len = sizeof KNOWN - 1, ours_len = sizeof OURS - 1;
	int answer = SSL_TLSEXT_ERR_NOACK;

	(void)ssl;
	(void)arg;
	/* OpenSSL has checked that the names fill the list. */
	for (size_t i = 0; i < in_len; i += 1u + in[i]) {
		const unsigned char *name = in + i + 1;

		if (in[i] == known_len && memcmp(name, KNOWN, known_len) == 0) {
			*out = name;
			*out_len = in[i];
			return SSL_TLSEXT_ERR_OK;
		}
		if (in[i] >= ours_len && memcmp(name, OURS, ours_len) == 0)
			answer = SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	return answer;
}

/* What OpenSSL's errors, all that there are, say about a handshake. */
static enum stream_end
why_failed(struct bufferevent *bev)
{
	enum stream_end why = STREAM_END_TLS_OTHER;
	unsigned long error;

	while ((error = bufferevent_get_openssl_error(bev)) != 0) {
		if (ERR_GET_LIB(error) != ERR_LIB_SSL)
			continue;
		switch (ERR_GET_REASON(error)) {
		case SSL_R_UNSUPPORTED_PROTOCOL:
		case SSL_R_VERSION_TOO_LOW:
			why = STREAM_END_TLS_VERSION;
			break;
		case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
			why = STREAM_END_TLS_CERTIFICATE;
			break;
		case SSL_R_BAD_SIGNATURE:
			why = STREAM_END_TLS_PROOF;
			break;
		case SSL_R_NO_APPLICATION_PROTOCOL:
			why = STREAM_END_TLS_ALPN;
			break;
		}
	}
	return why;
}

/* Whoever asks for a dialect by name has it, whatever he dialled. */
static void
set_dialect(struct stream *s)
{
	const unsigned char *name;
	unsigned len;

	SSL_get0_alpn_selected(s->ssl, &name, &len);
	if (len > 0)
		s->dialect = TX3_NOTICE50;
}

static void
on_handshake(struct stream *s)
{
	uint8_t digest[DIGEST_LEN];

	set_dialect(s);
	if (tls_peer_digest(s->ssl, digest) == 0)
		stream_register(s, digest);
	else
		stream_end(s, STREAM_END_TLS_CERTIFICATE);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	stream_end(arg, STREAM_END_SENT_BYTES);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct stream *s = arg;

	if ((what & BEV_EVENT_CONNECTED) != 0)
		on_handshake(s);
	else if ((what & BEV_EVENT_EOF) != 0)
		stream_end(s, STREAM_END_CLOSED);
	else if (s->state == STREAM_HANDSHAKE)
		stream_end(s, why_failed(bev));
	else
		stream_end(s, STREAM_END_BROKEN);
}

/*
 * Callbacks are deferred, so that none of libevent's own frames is still at
 * work on the SSL object when one of them ends the stream. The socket and the
 * SSL stay ours: what is sent last (an alert) has to be lingered for.
 */
int
stream_tls_start(struct stream *s)
{
	struct event_base *base = loop_base(s->control->loop);

	s->ssl = SSL_new(s->identity->tls);
	if (s->ssl == NULL)
		return -1;
	s->bev = bufferevent_openssl_socket_new(base, s->fd, s->ssl,
	    BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_DEFER_CALLBACKS);
	if (s->bev == NULL)
		return -1;
	/* A node that dies closes without close_notify: an end like another. */
	bufferevent_openssl_set_allow_dirty_shutdown(s->bev, 1);
	bufferevent_setcb(s->bev, on_read, NULL, on_event, s);
	return bufferevent_enable(s->bev, EV_READ | EV_WRITE);
}

int
stream_tls_write(struct stream *s, const void *p, size_t len)
{
	return bufferevent_write(s->bev, p, len);
}

size_t
stream_tls_unread(const struct stream *s)
{
	return evbuffer_get_length(bufferevent_get_output(s->bev));
}

void
stream_tls_stop(struct stream *s, bool say_goodbye)
{
	if (s->bev == NULL)
		return;
	bufferevent_free(s->bev);
	s->bev = NULL;
	if (say_goodbye)
		(void)SSL_shutdown(s->ssl); /* as far as the socket takes it */
	ERR_clear_error();
}

void
stream_tls_free(struct stream *s)
{
	SSL_free(s->ssl);
	s->ssl = NULL;
}
