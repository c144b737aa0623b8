/*
 * http - a small HTTP/1 server: pages for operators, one answer a connection.
 * It owns its connections, so that their number and their lives have bounds
 * whatever the clients do or leave undone.
 */
#ifndef CONTROL_HTTP_H
#define CONTROL_HTTP_H

#include "common/loop.h"
#include "control/http_request.h"

struct evbuffer;
struct http;

enum {
	HTTP_HEAD_MAX = 8192,	/* bytes of a request */
	HTTP_LIFE_MS = 10000,	/* of a connection until its answer is out */
	HTTP_GOODBYE_MS = 1000, /* for the peer to close after its answer */
	HTTP_LISTENERS_MAX = 16 /* of one server */
};

struct http_answer {
	int code;	    /* 200 */
	const char *reason; /* "OK" */
	const char *type;   /* of the body */
	struct evbuffer *body;
};

/* http_fn - fill in the answer to r; body is there, and empty. */
typedef void
http_fn(void *arg, const struct http_request *r, struct http_answer *answer);

/*
 * http_new - a server that does not listen yet.
 *
 * max      connections at a time; those beyond wait in the backlogs.
 * fn       called with arg for each request that is GET, HEAD or POST.
 * Returns  owned by the caller; NULL with errno set.
 */
struct http *http_new(struct loop *loop, unsigned max, http_fn *fn, void *arg);

/*
 * http_listen - accept on fd.
 *
 * fd       taken over; a listening socket.
 * name     borrowed, for log records.
 * Returns  0; -1 with errno set, ENOSPC at the 17th listener.
 */
int http_listen(struct http *http, int fd, const char *name);

/* http_free - closes everything; NULL is fine. Not from within fn. */
void http_free(struct http *http);

#endif
