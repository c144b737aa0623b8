/*
 * linger - closing our end of a control stream with care: closing a UNIX
 * socket over unread bytes is a reset, and a reset can eat the alert or the
 * notice that was written last.
 */
#ifndef CONTROL_LINGER_H
#define CONTROL_LINGER_H

#include <stddef.h>

enum {
	LINGER_MS = 2000,	  /* as a node drains; proto/IPC.md 4.2 */
	LINGER_BYTES_MAX = 65536, /* likewise */
	LINGERS_MAX = 256	  /* at once; beyond, a socket is just closed */
};

struct control;
struct lingering;

struct lingers {
	struct lingering *first;
	size_t n;
};

/* linger_take - send a FIN, drop what still comes, close. fd is taken over;
 * -1 is fine. */
void linger_take(struct control *c, int fd);

/* lingers_fini - close all at once. */
void lingers_fini(struct control *c);

#endif
