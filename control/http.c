#include "control/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/listen.h"

struct http_conn {
	LIST_ENTRY(http_conn) link;
	struct http *http;
	struct bufferevent *bev; /* owns the descriptor */
	struct deadline end;
	bool is_answered;
	bool has_ended; /* the peer sends nothing more */
};

struct http {
	struct loop *loop;
	unsigned max;
	http_fn *fn;
	void *arg;
	struct acceptor *acceptors[HTTP_LISTENERS_MAX];
	size_t n_acceptors;
	LIST_HEAD(, http_conn) live;
	unsigned n_live;
};

static void
conn_close(struct http_conn *conn)
{
	struct http *http = conn->http;

	loop_disarm(http->loop, &conn->end);
	bufferevent_free(conn->bev);
	LIST_REMOVE(conn, link);
	free(conn);
	if (http->n_live-- == http->max)
		for (size_t i = 0; i < http->n_acceptors; i++)
			acceptor_resume(http->acceptors[i]);
}

static void
on_end(struct deadline *d, void *arg)
{
	(void)d;
	conn_close(arg);
}

/* Nothing more comes from us. What still comes from the peer is read until it
 * closes: closing over unread bytes would reset the connection, and the answer
 * with it. */
static void
say_goodbye(struct http_conn *conn)
{
	if (conn->has_ended ||
	    shutdown(bufferevent_getfd(conn->bev), SHUT_WR) == -1 ||
	    loop_arm(conn->http->loop, &conn->end, HTTP_GOODBYE_MS) != 0)
		conn_close(conn);
}

/* All is written. */
static void
on_written(struct bufferevent *bev, void *arg)
{
	struct http_conn *conn = arg;

	(void)bev;
	if (conn->is_answered)
		say_goodbye(conn);
}

/* For HEAD the headers are GET's and the body stays away. */
static int
write_answer(struct evbuffer *out, const struct http_answer *a, bool is_head)
{
	if (evbuffer_add_printf(out,
		"HTTP/1.1 %d %s\r\n"
		"Content-Type: %s\r\n"
		"Content-Length: %zu\r\n"
		"Cache-Control: no-store\r\n"
		"Connection: close\r\n"
		"\r\n",
		a->code, a->reason, a->type, evbuffer_get_length(a->body)) < 0)
		return -1;
	return is_head ? 0 : evbuffer_add_buffer(out, a->body);
}

static void
fill_error(struct http_answer *a, int code, const char *reason)
{
	a->code = code;
	a->reason = reason;
	/* Without memory for its text the code alone says it. */
	(void)evbuffer_add_printf(a->body, "%s\n", reason);
}

static void
fill_answer(const struct http *http, enum parse_result parsed,
    const struct http_request *r, struct http_answer *a)
{
	if (parsed == PARSE_MORE)
		fill_error(a, 431, "Request Header Fields Too Large");
	else if (parsed == PARSE_BAD)
		fill_error(a, 400, "Bad Request");
	else if (r->method == HTTP_OTHER)
		fill_error(a, 501, "Not Implemented");
	else
		http->fn(http->arg, r, a);
}

/* r is good if parsed is PARSE_OK. */
static void
answer(struct http_conn *conn, enum parse_result parsed,
    const struct http_request *r)
{
	struct http_answer a = {
	    .code = 200,
	    .reason = "OK",
	    .type = "text/plain; charset=utf-8",
	    .body = evbuffer_new(),
	};
	int rc = -1;

	conn->is_answered = true;
	if (a.body != NULL) {
		fill_answer(conn->http, parsed, r, &a);
		rc = write_answer(bufferevent_get_output(conn->bev), &a,
		    parsed == PARSE_OK && r->method == HTTP_HEAD);
		evbuffer_free(a.body);
	}
	if (rc != 0)
		conn_close(conn);
}

static void
on_readable(struct bufferevent *bev, void *arg)
{
	struct http_conn *conn = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	struct http_request r = {0};
	enum parse_result parsed;
	const char *head;

	if (conn->is_answered) {
		(void)evbuffer_drain(in, len);
		return;
	}
	head = (const char *)evbuffer_pullup(in, -1);
	if (head == NULL) {
		conn_close(conn);
		return;
	}
	parsed = http_request_parse(&r, head, len);
	if (parsed == PARSE_MORE && len < HTTP_HEAD_MAX)
		return;
	(void)evbuffer_drain(in, len);
	answer(conn, parsed, &r);
}

/* Who has asked and then shut its sending side still gets its answer. */
static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct http_conn *conn = arg;

	conn->has_ended = true;
	if ((what & BEV_EVENT_EOF) && conn->is_answered &&
	    evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		return;
	conn_close(conn);
}

/* fd is taken over. */
static int
conn_start(struct http_conn *conn, int fd)
{
	struct http *http = conn->http;

	conn->bev = bufferevent_socket_new(
	    loop_base(http->loop), fd, BEV_OPT_CLOSE_ON_FREE);
	if (conn->bev == NULL) {
		fd_close(&fd);
		return -1;
	}
	bufferevent_setcb(conn->bev, on_readable, on_written, on_event, conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, HTTP_HEAD_MAX);
	if (loop_arm(http->loop, &conn->end, HTTP_LIFE_MS) == 0 &&
	    bufferevent_enable(conn->bev, EV_READ | EV_WRITE) == 0)
		return 0;
	loop_disarm(http->loop, &conn->end);
	bufferevent_free(conn->bev);
	return -1;
}

static void
on_accepted(void *arg, int fd, const struct sockaddr *peer)
{
	struct http *http = arg;
	struct http_conn *conn = calloc(1, sizeof *conn);

	(void)peer;
	if (conn == NULL) {
		fd_close(&fd);
		return;
	}
	conn->http = http;
	deadline_init(&conn->end, on_end, conn);
	if (conn_start(conn, fd) != 0) {
		free(conn);
		return;
	}
	LIST_INSERT_HEAD(&http->live, conn, link);
	if (++http->n_live == http->max)
		for (size_t i = 0; i < http->n_acceptors; i++)
			acceptor_pause(http->acceptors[i]);
}

struct http *
http_new(struct loop *loop, unsigned max, http_fn *fn, void *arg)
{
	struct http *http = calloc(1, sizeof *http);

	if (http == NULL)
		return NULL;
	http->loop = loop;
	http->max = max;
	http->fn = fn;
	http->arg = arg;
	LIST_INIT(&http->live);
	return http;
}

int
http_listen(struct http *http, int fd, const char *name)
{
	struct acceptor *a;

	if (http->n_acceptors == HTTP_LISTENERS_MAX) {
		fd_close(&fd);
		errno = ENOSPC;
		return -1;
	}
	a = acceptor_new(http->loop, fd, name, on_accepted, http, NULL);
	if (a == NULL)
		return -1;
	http->acceptors[http->n_acceptors++] = a;
	return 0;
}

void
http_free(struct http *http)
{
	struct http_conn *conn;

	if (http == NULL)
		return;
	while ((conn = LIST_FIRST(&http->live)) != NULL)
		/* The list has let go of the one before. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		conn_close(conn);
	for (size_t i = 0; i < http->n_acceptors; i++)
		acceptor_free(http->acceptors[i]);
	free(http);
}
