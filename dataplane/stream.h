/*
 * stream - what is done to an accepted socket beside splicing it: looking at
 * it without taking a byte, consuming what was shown, saying a few bytes.
 */
#ifndef DATAPLANE_STREAM_H
#define DATAPLANE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/reason.h"

enum stream_look {
	STREAM_OPEN,	 /* nothing ended yet */
	STREAM_FINISHED, /* its peer will send no more; bytes may be unread */
	STREAM_RESET	 /* it is dead both ways; bytes may be unread */
};

/*
 * stream_look - how a socket stands, whatever is still unread in it.
 *
 * is_unix  one that its peer closed is FINISHED there, since UNIX sockets have
 *          no reset.
 * Note     poll(2) is asked and not SO_ERROR: reading that clears it, and the
 *          reset would be forgotten.
 */
enum stream_look stream_look(int fd, bool is_unix);

/*
 * stream_is_dead - whether an error ended it, or its peer closed it before this
 * side ended its own direction.
 *
 * ended  this side has ended it: an end of the other is in order then.
 */
bool stream_is_dead(int fd, bool ended);

/* stream_peek - up to cap bytes, which stay unread.
 * Returns how many; 0 at the end of the stream; -1 with errno. */
ssize_t stream_peek(int fd, void *buf, size_t cap);

/*
 * stream_discard - consume len bytes that were peeked at before.
 *
 * is_unix  a UNIX socket knows no MSG_TRUNC for streams and is read.
 * scratch  cap bytes to read into; TCP leaves them alone.
 * Returns  0; -1 with errno (EPIPE: they were not there).
 */
int stream_discard(int fd, bool is_unix, size_t len, void *scratch, size_t cap);

/* stream_say - write len bytes whole: they fit any socket buffer that is
 * empty. Returns 0; -1 with errno, ENOBUFS after a short write. */
int stream_say(int fd, const void *p, size_t len);

/* stream_unsent - bytes that the other end has not acknowledged yet; 0 for a
 * UNIX socket, on which closing loses nothing. */
size_t stream_unsent(int fd, bool is_unix);

/* stream_reason - which reason an error of a socket is. */
enum reason stream_reason(int error);

#endif
