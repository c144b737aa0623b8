#include "control/admin.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/listen.h"
#include "common/log.h"
#include "control/control.h"
#include "control/metrics.h"
#include "control/status.h"
#include "proto/addr.h"

enum {
	ADMIN_TIMEOUT_S = 5,
	WINDOW_MS = 1000 * ADMIN_TIMEOUT_S,
	ADMIN_HEADERS_MAX = 8192, /* bytes */
	ADMIN_BODY_MAX = 1024,	  /* bytes; no request has a use for one */
	ADMIN_SOCKET_MODE = 0660
};

struct admin {
	struct control *control;
	struct evhttp *tcp;
	struct evhttp *local; /* on the UNIX socket */
	struct evconnlistener *listeners[CONFIG_ADMIN_LISTEN_MAX]; /* of tcp */
	size_t n_listeners;
	struct evconnlistener *local_listener;
	unsigned n_new; /* connections in this window */
	struct deadline window;
};

/* Exactly the answer's page, or NULL: no memory. */
typedef int page_fn(const struct control *c, struct evbuffer *out);

static int
write_healthz(const struct control *c, struct evbuffer *out)
{
	(void)c;
	return evbuffer_add(out, "ok\n", 3);
}

static int
write_status(const struct control *c, struct evbuffer *out)
{
	json_t *status = status_new(c);
	char *text = NULL;
	int rc = -1;

	if (status != NULL)
		text = json_dumps(status, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (text != NULL)
		rc = evbuffer_add_printf(out, "%s\n", text) < 0 ? -1 : 0;
	free(text);
	json_decref(status);
	return rc;
}

static const struct page {
	const char *path;
	const char *type;
	bool is_local; /* on the UNIX socket alone */
	page_fn *write;
} PAGES[] = {
    {"/healthz", "text/plain; charset=utf-8", false, write_healthz},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", false,
	metrics_write},
    {"/status", "application/json", true, write_status},
};

static bool
host_equals(const char *host, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(host, name, len) == 0;
}

static bool
is_ours(const char *host, size_t len, const struct conf_list *listen)
{
	char text[ADDR_TEXT_CAP], ip[ADDR_TEXT_CAP + 2];
	struct addr a;

	if (host_equals(host, len, "localhost"))
		return true;
	(void)snprintf(ip, sizeof ip, "%.*s:0", (int)len, host);
	if (len >= sizeof ip - 3 || addr_parse(&a, ip) != 0)
		return false;
	if (addr_is_loopback(&a))
		return true;
	for (size_t i = 0; i < listen->n; i++) {
		struct addr own;

		if (addr_parse(&own, listen->items[i]) == 0 &&
		    strcmp(addr_format_ip(&own, text),
			addr_format_ip(&a, ip)) == 0)
			return true;
	}
	return false;
}

bool
admin_host_is_allowed(const char *host, const struct conf_list *listen)
{
	const char *end;

	if (host == NULL)
		return false;
	end = host[0] == '[' ? strchr(host, ']') : NULL;
	end = strchr(end != NULL ? end : host, ':');
	if (end != NULL &&
	    (end[1] == '\0' || end[1 + strspn(end + 1, "0123456789")] != '\0'))
		return false;
	return is_ours(
	    host, end != NULL ? (size_t)(end - host) : strlen(host), listen);
}

static void
refuse_request(struct control *c, struct evhttp_request *req, int code,
    const char *reason, const char *what)
{
	struct evbuffer *body = evbuffer_new();

	c->counters.counts[COUNT_ADMIN_REFUSED]++;
	(void)evhttp_add_header(
	    evhttp_request_get_output_headers(req), "Connection", "close");
	if (body != NULL)
		(void)evbuffer_add_printf(body, "%s\n", what);
	(void)evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", "text/plain; charset=utf-8");
	evhttp_send_reply(req, code, reason, body);
	if (body != NULL)
		evbuffer_free(body);
}

/* For HEAD the headers are GET's and the body stays away. */
static void
send_page(struct control *c, struct evhttp_request *req,
    const struct page *page, struct evbuffer *body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	char len[24];

	if (page->write(c, body) != 0) {
		evhttp_send_reply(req, 503, "No Memory", NULL);
		return;
	}
	c->counters.counts[COUNT_ADMIN_REQUESTS]++;
	(void)snprintf(len, sizeof len, "%zu", evbuffer_get_length(body));
	(void)evhttp_add_header(headers, "Content-Type", page->type);
	(void)evhttp_add_header(headers, "Content-Length", len);
	(void)evhttp_add_header(headers, "Cache-Control", "no-store");
	(void)evhttp_add_header(headers, "Connection", "close");
	if (evhttp_request_get_command(req) == EVHTTP_REQ_HEAD)
		(void)evbuffer_drain(body, evbuffer_get_length(body));
	evhttp_send_reply(req, HTTP_OK, "OK", body);
}

static void
answer(struct control *c, struct evhttp_request *req, bool is_local)
{
	const char *path =
	    evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
	struct evbuffer *body;

	for (size_t i = 0; i < sizeof PAGES / sizeof PAGES[0]; i++) {
		if (path == NULL || strcmp(path, PAGES[i].path) != 0 ||
		    (PAGES[i].is_local && !is_local))
			continue;
		body = evbuffer_new();
		if (body == NULL) {
			evhttp_send_reply(req, 503, "No Memory", NULL);
			return;
		}
		send_page(c, req, &PAGES[i], body);
		evbuffer_free(body);
		return;
	}
	refuse_request(c, req, HTTP_NOTFOUND, "Not Found",
	    is_local ? "there are /healthz, /metrics and /status"
		     : "there are /healthz and /metrics; /status is on the "
		       "UNIX socket (admin_socket)");
}

static void
on_tcp_request(struct evhttp_request *req, void *arg)
{
	struct control *c = arg;
	const char *host =
	    evhttp_find_header(evhttp_request_get_input_headers(req), "Host");

	if (admin_host_is_allowed(host, &c->config.admin_listen))
		answer(c, req, false);
	else
		refuse_request(c, req, 403, "Forbidden",
		    "the Host header must be localhost, a loopback address "
		    "or an address of admin_listen");
}

static void
on_local_request(struct evhttp_request *req, void *arg)
{
	answer(arg, req, true);
}

static void
set_listening(struct admin *admin, bool on)
{
	for (size_t i = 0; i < admin->n_listeners; i++) {
		if (on)
			(void)evconnlistener_enable(admin->listeners[i]);
		else
			(void)evconnlistener_disable(admin->listeners[i]);
	}
}

static void
on_window(struct deadline *d, void *arg)
{
	struct admin *admin = arg;

	admin->n_new = 0;
	set_listening(admin, true);
	if (admin->local_listener != NULL)
		(void)evconnlistener_enable(admin->local_listener);
	(void)loop_arm(admin->control->loop, d, WINDOW_MS); /* has its place */
}

/* Out of descriptors, say: what waits in the backlog would be tried again and
 * again without a pause. The next window listens again. */
static void
on_accept_error(struct evconnlistener *listener, void *http)
{
	int error = EVUTIL_SOCKET_ERROR();

	(void)http;
	(void)evconnlistener_disable(listener);
	log_warn("accept-backoff", "listener=admin pause_ms=%d error=\"%s\"",
	    WINDOW_MS, strerror(error));
}

/* libevent's server takes any number of connections. Each of ours gets one
 * answer and a few seconds, and newcomers beyond ADMIN_BURST wait in the
 * backlog for the next few seconds: so there is a bound. */
static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct admin *admin = arg;

	(void)base;
	if (++admin->n_new == ADMIN_BURST)
		set_listening(admin, false);
	return NULL; /* it makes what it needs itself */
}

static struct evhttp *
server_new(struct control *c,
    void (*on_request)(struct evhttp_request *req, void *arg))
{
	struct evhttp *http = evhttp_new(loop_base(c->loop));

	if (http == NULL)
		return NULL;
	evhttp_set_timeout(http, ADMIN_TIMEOUT_S);
	evhttp_set_max_headers_size(http, ADMIN_HEADERS_MAX);
	evhttp_set_max_body_size(http, ADMIN_BODY_MAX);
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_gencb(http, on_request, c);
	return http;
}

/* fd is taken over. NULL with a sentence in why. */
static struct evconnlistener *
listen_at(struct evhttp *http, int fd, const char *where, char *why)
{
	struct evhttp_bound_socket *bound =
	    fd < 0 ? NULL : evhttp_accept_socket_with_handle(http, fd);

	if (bound != NULL) {
		struct evconnlistener *l =
		    evhttp_bound_socket_get_listener(bound);

		evconnlistener_set_error_cb(l, on_accept_error);
		return l;
	}
	(void)snprintf(why, ADMIN_WHY_CAP,
	    "can't listen for HTTP at %.128s: %s", where, strerror(errno));
	fd_close(&fd);
	return NULL;
}

static int
open_listeners(struct control *c, struct admin *admin, char *why)
{
	const struct conf_list *list = &c->config.admin_listen;
	const char *path = c->config.admin_socket;
	struct addr a, bound;

	for (size_t i = 0; i < list->n; i++) {
		struct evconnlistener *l;

		(void)addr_parse(&a, list->items[i]); /* config checked it */
		l = listen_at(
		    admin->tcp, listen_tcp(&a, &bound), list->items[i], why);
		if (l == NULL)
			return -1;
		admin->listeners[admin->n_listeners++] = l;
	}
	admin->local_listener = listen_at(
	    admin->local, listen_unix(path, ADMIN_SOCKET_MODE), path, why);
	return admin->local_listener != NULL ? 0 : -1;
}

int
admin_new(struct control *c, char *why)
{
	struct admin *admin = calloc(1, sizeof *admin);

	c->admin = admin;
	if (admin != NULL) {
		admin->control = c;
		deadline_init(&admin->window, on_window, admin);
		admin->tcp = server_new(c, on_tcp_request);
		admin->local = server_new(c, on_local_request);
	}
	if (admin == NULL || admin->tcp == NULL || admin->local == NULL ||
	    loop_arm(c->loop, &admin->window, WINDOW_MS) != 0)
		(void)snprintf(why, ADMIN_WHY_CAP, "no memory for HTTP");
	else if (open_listeners(c, admin, why) == 0) {
		evhttp_set_bevcb(admin->tcp, on_connection, admin);
		return 0;
	}
	admin_free(c);
	return -1;
}

void
admin_free(struct control *c)
{
	struct admin *admin = c->admin;

	if (admin == NULL)
		return;
	loop_disarm(c->loop, &admin->window);
	/* A stale one is replaced at the next start; this is tidiness, and not
	 * ours to do in a folder that only root may write. */
	if (admin->local_listener != NULL)
		(void)unlink(c->config.admin_socket);
	if (admin->tcp != NULL)
		evhttp_free(admin->tcp);
	if (admin->local != NULL)
		evhttp_free(admin->local);
	free(admin);
	c->admin = NULL;
}
