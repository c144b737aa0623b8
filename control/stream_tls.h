/*
 * stream_tls - the TLS of a control stream: libevent's bufferevent over our
 * end of the pair.
 */
#ifndef CONTROL_STREAM_TLS_H
#define CONTROL_STREAM_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct control;
struct identity;
struct stream;

/* stream_tls_context - for all control streams: TLS 1.3 alone, ALPN as
 * stream_tls_select_alpn says. why: IDENTITY_WHY_CAP bytes.
 * Returns owned by the caller; NULL with a sentence in why. */
SSL_CTX *stream_tls_context(const struct identity *id, char *why);

/*
 * stream_tls_select_alpn - which dialect a client wants, for OpenSSL.
 *
 * Returns  SSL_TLSEXT_ERR_OK: TX3_ALPN is among the names, and *out is it;
 *          SSL_TLSEXT_ERR_NOACK: no name of ours, so it is tx3, in the
 *          identity's dialect;
 *          SSL_TLSEXT_ERR_ALERT_FATAL (no_application_protocol): carrick/N,
 *          and none that this relay speaks.
 */
int stream_tls_select_alpn(SSL *ssl, const unsigned char **out,
    unsigned char *out_len, const unsigned char *in, unsigned in_len,
    void *arg);

/* stream_tls_start - accept TLS on stream->fd; registers the client when the
 * handshake is done, ends the stream at the first byte or error.
 * Returns 0; -1: no memory. */
int stream_tls_start(struct stream *stream);

/* stream_tls_write - to the client, in time. Returns 0; -1: no memory. */
int stream_tls_write(struct stream *stream, const void *p, size_t len);

/* stream_tls_unread - bytes that the sockets did not take yet. */
size_t stream_tls_unread(const struct stream *stream);

/* stream_tls_stop - no callback any more. say_goodbye: with a close_notify. */
void stream_tls_stop(struct stream *stream, bool say_goodbye);

/* stream_tls_free - after stream_tls_stop, at the end of the turn. */
void stream_tls_free(struct stream *stream);

#endif
