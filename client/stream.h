/*
 * stream - one side of a tunnel: a socket, the standard input and output, or
 * TLS on a socket. Reading, writing and ending each way on its own, never
 * blocking, with an answer that says what it waits for.
 */
#ifndef CLIENT_STREAM_H
#define CLIENT_STREAM_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#define STREAM_WHY_CAP 160

enum stream_kind {
	STREAM_SOCKET,
	STREAM_PIPE, /* a pipe or FIFO: closing it tells the reader */
	STREAM_TTY,  /* ended by nothing: others have it too */
	STREAM_FILE
};

struct stream_end {
	int fd; /* owned; in and out of a socket are the same number */
	enum stream_kind kind;
	int flags; /* as found, when they were changed; else -1 */
};

struct stream {
	struct stream_end in;
	struct stream_end out;
	SSL *ssl;		  /* owned; NULL: plain */
	char why[STREAM_WHY_CAP]; /* with the last three answers */
};

enum stream_answer {
	STREAM_OK,
	STREAM_WANT_READ,  /* nothing done; when in is readable */
	STREAM_WANT_WRITE, /* nothing done; when out is writable */
	STREAM_END,	   /* of reading: the other side said that it is done */
	STREAM_CUT,	   /* TLS ended by a FIN, without its close_notify */
	STREAM_ALERT,	   /* TLS was ended by an alert of the other side */
	STREAM_FAILED	   /* reset, or any other error */
};

/* stream_from_socket - plain; fd, non-blocking, is taken over. */
void stream_from_socket(struct stream *s, int fd);

/* stream_from_ssl - ssl, its handshake done, and its socket fd are taken
 * over. */
void stream_from_ssl(struct stream *s, SSL *ssl, int fd);

/*
 * stream_from_stdio - standard input and output, non-blocking; stream_finish
 * and stream_close give the flags back as they were.
 *
 * Afterwards descriptor 1 is /dev/null unless it is a terminal: the pipe has
 * to close when it is finished.
 *
 * Returns  0; -1 with errno, and nothing is changed.
 */
int stream_from_stdio(struct stream *s);

/* stream_read - up to cap (at least 1) bytes. *n is set with STREAM_OK, at
 * least 1. */
enum stream_answer
stream_read(struct stream *s, void *p, size_t cap, size_t *n);

/* stream_write - up to len (at least 1) bytes; after a WANT the same bytes,
 * and perhaps more behind them, must come again. */
enum stream_answer
stream_write(struct stream *s, const void *p, size_t len, size_t *n);

/* stream_finish - nothing more will be written: close_notify, then FIN; the
 * other way goes on. Called again after a WANT. */
enum stream_answer stream_finish(struct stream *s);

/* stream_is_reset - whether the socket has an error waiting; takes nothing
 * off it. */
bool stream_is_reset(const struct stream *s);

/* stream_is_open - whether it holds anything. */
bool stream_is_open(const struct stream *s);

/* stream_close - free all, after both ways have ended. */
void stream_close(struct stream *s);

/* stream_abort - free all so that the other end sees no orderly end: plain
 * sockets are reset, TLS ends without close_notify. */
void stream_abort(struct stream *s);

/* stream_init - holds nothing. */
void stream_init(struct stream *s);

#endif
