#include "control/syncthing_status.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/listen.h"
#include "control/control.h"
#include "control/http.h"

struct syncthing_status {
	struct http *http;
	int64_t started; /* by the wall clock */
};

static json_t *
number(uint64_t v)
{
	return json_integer(v < INT64_MAX ? (json_int_t)v : INT64_MAX);
}

/* Of all that there is: whose is looked for, and how many there are. */
struct found {
	uint8_t frontend;
	uint64_t n_pairs;
	uint64_t n_keys;
};

static void
add_client(void *arg, const void *key, void *value)
{
	struct found *t = arg;
	const struct client *client = value;

	(void)key;
	if (client->frontend == t->frontend)
		t->n_pairs += client->quota.n_paired;
}

static void
add_key(void *arg, const void *key, void *value)
{
	struct found *t = arg;
	const struct token *token = value;

	(void)key;
	t->n_keys += token->call->frontend->number == t->frontend;
}

static struct found
find_all(const struct control *c)
{
	struct found t = {.frontend = frontend_syncthing.number};

	/* table_each takes its table writable, for callbacks that remove. */
	table_each((struct table *)&c->registry.clients, add_client, &t);
	table_each((struct table *)&c->tokens.issued, add_key, &t);
	return t;
}

static uint64_t
n_streams(const struct control *c)
{
	uint64_t n = 0;

	for (const struct stream *s = c->streams.live; s != NULL; s = s->next)
		n += s->frontend == &frontend_syncthing;
	return n;
}

/* Over 10 s, 1, 5, 15, 30 and 60 minutes, in thousands of bits. */
static json_t *
kbps(const struct control *c)
{
	static const size_t SAMPLES[] = {1, 6, 30, 90, 180, TRAFFIC_SAMPLES};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++)
		(void)json_array_append_new(
		    list, number(traffic_per_s(&c->traffic, SAMPLES[i]) / 125));
	return list;
}

static json_t *
options(const struct config *f)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:[s], s:s}",
	    "network-timeout", number(SYNCTHING_SILENCE_MS / 1000),
	    "ping-interval", number(SYNCTHING_PING_MS / 1000),
	    "message-timeout", number(f->connection_timeout_ms / 1000),
	    "per-session-rate", number(f->max_bytes_per_s_per_pair),
	    "global-rate", number(f->max_bytes_per_s), "pools", "",
	    "provided-by", "");
}

static json_t *
start_time(int64_t started)
{
	time_t at = (time_t)started;
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

json_t *
syncthing_status_new(const struct control *c, int64_t started)
{
	struct found t = find_all(c);
	uint64_t ms = loop_now_ms(c->loop) - c->started_ms;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "version", "v" CARRICK_VERSION "-carrick", "startTime",
	    start_time(started), "uptimeSeconds", number(ms / 1000),
	    "numPendingSessionKeys", number(t.n_keys), "numActiveSessions",
	    number(t.n_pairs), "numConnections", number(n_streams(c)),
	    "numProxies", number(2 * t.n_pairs), "bytesProxied",
	    number(c->traffic.bytes), "kbps10s1m5m15m30m60m", kbps(c),
	    "options", options(&c->config));
}

static void
say(struct http_answer *a, int code, const char *reason)
{
	a->code = code;
	a->reason = reason;
	/* Without memory for its text the code alone says it. */
	(void)evbuffer_add_printf(a->body, "%s\n", reason);
}

static void
on_request(void *arg, const struct http_request *r, struct http_answer *a)
{
	struct control *c = arg;
	json_t *page;
	char *text;

	if (strcmp(r->path, "/status") != 0) {
		say(a, 404, "Not Found");
		return;
	}
	if (r->method == HTTP_POST) {
		say(a, 405, "Method Not Allowed");
		return;
	}
	page = syncthing_status_new(c, c->syncthing_status->started);
	text = page != NULL ? json_dumps(page, JSON_INDENT(4) | JSON_SORT_KEYS)
			    : NULL;
	if (text != NULL && evbuffer_add(a->body, text, strlen(text)) == 0)
		a->type = "application/json";
	else
		say(a, 503, "No Memory");
	free(text);
	json_decref(page);
}

static int
listen_at(struct http *http, const char *where)
{
	struct addr a, bound;
	int fd;

	(void)addr_parse(&a, where); /* config checked it */
	fd = listen_tcp(&a, &bound);
	return fd != -1 ? http_listen(http, fd, where) : -1;
}

int
syncthing_status_open(struct control *c, char *why)
{
	const struct conf_list *list = &c->config.syncthing_status_listen;
	struct syncthing_status *s;

	if (list->n == 0)
		return 0;
	s = c->syncthing_status = calloc(1, sizeof *s);
	if (s != NULL) {
		s->started = time(NULL);
		s->http =
		    http_new(c->loop, SYNCTHING_STATUS_BURST, on_request, c);
	}
	if (s == NULL || s->http == NULL) {
		(void)snprintf(
		    why, SYNCTHING_STATUS_WHY_CAP, "no memory for HTTP");
		return -1;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (listen_at(s->http, list->items[i]) == 0)
			continue;
		(void)snprintf(why, SYNCTHING_STATUS_WHY_CAP,
		    "can't listen for HTTP at %.128s: %s",
		    (const char *)list->items[i], strerror(errno));
		return -1;
	}
	return 0;
}

void
syncthing_status_close(struct control *c)
{
	if (c->syncthing_status == NULL)
		return;
	http_free(c->syncthing_status->http);
	free(c->syncthing_status);
	c->syncthing_status = NULL;
}
