#include "control/admin.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/listen.h"
#include "common/log.h"
#include "control/admin_drain.h"
#include "control/control.h"
#include "control/http.h"
#include "control/metrics.h"
#include "control/status.h"
#include "proto/addr.h"

enum { ADMIN_SOCKET_MODE = 0660 };

struct admin {
	struct http *tcp;
	struct http *local; /* on the UNIX socket */
	bool has_socket;
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

/* Resolving an address asks nobody, so no address can be made to point here
 * by somebody else, and any is fine: a wildcard listener has many. */
static bool
is_address(const char *host, size_t len)
{
	char text[ADDR_TEXT_CAP + 2];
	struct addr a;

	if (len + sizeof ":0" > sizeof text)
		return false;
	(void)snprintf(text, sizeof text, "%.*s:0", (int)len, host);
	return addr_parse(&a, text) == 0;
}

bool
admin_host_is_allowed(const char *host)
{
	const char *end;
	size_t len;

	if (host == NULL)
		return false;
	end = host[0] == '[' ? strchr(host, ']') : NULL;
	end = strchr(end != NULL ? end : host, ':');
	if (end != NULL &&
	    (end[1] == '\0' || end[1 + strspn(end + 1, "0123456789")] != '\0'))
		return false;
	len = end != NULL ? (size_t)(end - host) : strlen(host);
	return host_equals(host, len, "localhost") ||
	       host_equals(host, len, "localhost.") || is_address(host, len);
}

static void
refuse_request(struct control *c, struct http_answer *a, int code,
    const char *reason, const char *what)
{
	c->counters.counts[COUNT_ADMIN_REFUSED]++;
	a->code = code;
	a->reason = reason;
	(void)evbuffer_add_printf(a->body, "%s\n", what);
}

static void
write_page(struct control *c, const struct page *page, struct http_answer *a)
{
	if (page->write(c, a->body) != 0) {
		(void)evbuffer_drain(a->body, evbuffer_get_length(a->body));
		a->code = 503;
		a->reason = "No Memory";
		return;
	}
	c->counters.counts[COUNT_ADMIN_REQUESTS]++;
	a->type = page->type;
}

static void
answer(struct control *c, const struct http_request *r, bool is_local,
    struct http_answer *a)
{
	for (size_t i = 0; i < sizeof PAGES / sizeof PAGES[0]; i++) {
		if (strcmp(r->path, PAGES[i].path) == 0 &&
		    (is_local || !PAGES[i].is_local)) {
			write_page(c, &PAGES[i], a);
			return;
		}
	}
	refuse_request(c, a, 404, "Not Found",
	    is_local ? "there are /healthz, /metrics and /status"
		     : "there are /healthz and /metrics; /status is on the "
		       "UNIX socket (admin_socket)");
}

static void
on_tcp_request(void *arg, const struct http_request *r, struct http_answer *a)
{
	if (!admin_host_is_allowed(r->has_host ? r->host : NULL))
		refuse_request(arg, a, 403, "Forbidden",
		    "the Host header must be localhost or an address");
	else if (r->method == HTTP_POST)
		refuse_request(arg, a, 405, "Method Not Allowed",
		    "nothing is changed over TCP; ask on the UNIX socket "
		    "(admin_socket)");
	else
		answer(arg, r, false, a);
}

static void
on_local_request(void *arg, const struct http_request *r, struct http_answer *a)
{
	if (r->method == HTTP_POST)
		admin_post(arg, r, a);
	else
		answer(arg, r, true, a);
}

#define HINT_TCP                                                      \
	"is another process there, the address not of this machine, " \
	"or the port below 1024?"
#define HINT_UNIX                                                  \
	"is another carrick-control there, or a file in the way, " \
	"or the folder not this user's to write in?"

/* fd is taken over; -1: errno says why there is none. */
static int
listen_at(
    struct http *http, int fd, const char *where, const char *hint, char *why)
{
	if (fd != -1 && http_listen(http, fd, where) == 0)
		return 0;
	(void)snprintf(why, ADMIN_WHY_CAP,
	    "can't listen for HTTP at %.128s: %s; %s", where, strerror(errno),
	    hint);
	return -1;
}

static int
open_listeners(struct control *c, struct admin *admin, char *why)
{
	const struct conf_list *list = &c->config.admin_listen;
	const char *path = c->config.admin_socket;
	struct addr a, bound;

	for (size_t i = 0; i < list->n; i++) {
		(void)addr_parse(&a, list->items[i]); /* config checked it */
		if (listen_at(admin->tcp, listen_tcp(&a, &bound),
			list->items[i], HINT_TCP, why) != 0)
			return -1;
	}
	if (listen_at(admin->local, listen_unix(path, ADMIN_SOCKET_MODE), path,
		HINT_UNIX, why) != 0)
		return -1;
	admin->has_socket = true;
	return 0;
}

/* libevent's own words would go past the log, to stderr. */
static void
on_libevent_log(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("libevent", "what=\"%s\"", text);
	else
		log_debug("libevent", "what=\"%s\"", text);
}

int
admin_new(struct control *c, char *why)
{
	struct admin *admin = calloc(1, sizeof *admin);

	event_set_log_callback(on_libevent_log);
	c->admin = admin;
	if (admin != NULL) {
		admin->tcp = http_new(c->loop, ADMIN_BURST, on_tcp_request, c);
		admin->local =
		    http_new(c->loop, ADMIN_BURST, on_local_request, c);
	}
	if (admin == NULL || admin->tcp == NULL || admin->local == NULL)
		(void)snprintf(why, ADMIN_WHY_CAP, "no memory for HTTP");
	else if (open_listeners(c, admin, why) == 0)
		return 0;
	admin_free(c);
	return -1;
}

void
admin_free(struct control *c)
{
	struct admin *admin = c->admin;

	if (admin == NULL)
		return;
	/* A stale one is replaced at the next start; this is tidiness, and not
	 * ours to do in a folder that only root may write. */
	if (admin->has_socket)
		(void)unlink(c->config.admin_socket);
	http_free(admin->tcp);
	http_free(admin->local);
	free(admin);
	c->admin = NULL;
}
