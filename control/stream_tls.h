/*
 * stream_tls - the TLS of a control stream: libevent's bufferevent over our
 * end of the pair.
 */
#ifndef CONTROL_STREAM_TLS_H
#define CONTROL_STREAM_TLS_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a client's that wait for the frontend at most; as many as it is
 * given at once. */
#define STREAM_TLS_READ_MAX 4096

struct stream;

/* stream_tls_start - accept TLS on stream->fd with its identity's context. Has
 * stream_opened called when the handshake is done; ends the stream at an error,
 * and at a byte where its frontend wants none. Returns 0; -1: no memory. */
int stream_tls_start(struct stream *stream);

/* stream_tls_write - to the client, in time. Returns 0; -1: no memory. */
int stream_tls_write(struct stream *stream, const void *p, size_t len);

/* stream_tls_unread - bytes that the sockets did not take yet. */
size_t stream_tls_unread(const struct stream *stream);

/* stream_tls_stop - no callback any more. say_goodbye: with what was written
 * last, as far as the socket takes it at once, and a close_notify. */
void stream_tls_stop(struct stream *stream, bool say_goodbye);

/* stream_tls_free - after stream_tls_stop, at the end of the turn. */
void stream_tls_free(struct stream *stream);

#endif
