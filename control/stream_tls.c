#include "control/stream_tls.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "common/tls.h"
#include "control/control.h"

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

/* What TLS agreed on, or "". name has 256 bytes. */
static const char *
alpn_name(const SSL *ssl, char *name)
{
	const unsigned char *p;
	unsigned len;

	SSL_get0_alpn_selected(ssl, &p, &len);
	if (len > 0) /* else p is NULL */
		memcpy(name, p, len);
	name[len] = '\0';
	return name;
}

static void
on_handshake(struct stream *s)
{
	uint8_t digest[DIGEST_LEN];
	char alpn[256];

	if (tls_peer_digest(s->ssl, digest) == 0)
		stream_opened(s, digest, alpn_name(s->ssl, alpn));
	else
		stream_end(s, STREAM_END_TLS_CERTIFICATE);
}

/* The frontend has its bytes in one piece, as many as it may want to see. */
static size_t
give_bytes(struct stream *s, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	const uint8_t *p;

	if (len > STREAM_TLS_READ_MAX)
		len = STREAM_TLS_READ_MAX;
	p = evbuffer_pullup(in, (ev_ssize_t)len);
	if (p != NULL)
		return s->frontend->received(s, p, len);
	stream_end(s, STREAM_END_RESOURCES);
	return 0;
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct stream *s = arg;
	size_t done;

	if (s->frontend->received == NULL) {
		stream_end(s, STREAM_END_SENT_BYTES);
		return;
	}
	while (evbuffer_get_length(in) > 0) {
		done = give_bytes(s, in);
		if (done == 0 || s->state == STREAM_ENDED)
			return;
		(void)evbuffer_drain(in, done);
	}
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
	bufferevent_setwatermark(s->bev, EV_READ, 0, STREAM_TLS_READ_MAX);
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

/* libevent writes in a later turn, and there is none for this stream. The
 * socket is a UNIX socket that takes as much as a client is ever told last. */
static void
flush(struct stream *s)
{
	struct evbuffer *out = bufferevent_get_output(s->bev);
	size_t len = evbuffer_get_length(out), written;
	const void *p = len > 0 ? evbuffer_pullup(out, -1) : NULL;

	if (p != NULL)
		(void)SSL_write_ex(s->ssl, p, len, &written);
}

void
stream_tls_stop(struct stream *s, bool say_goodbye)
{
	if (s->bev == NULL)
		return;
	if (say_goodbye)
		flush(s);
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
