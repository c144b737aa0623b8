#include "control/status.h"

#include <string.h>

#include "common/log.h"
#include "control/control.h"
#include "control/drain.h"

/* jansson's *_new functions take part: a NULL put into an object or array
 * fails, and so the whole; 0 is success everywhere. */

static json_t *
number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *
seconds_since(const struct control *c, uint64_t at_ms)
{
	return number((loop_now_ms(c->loop) - at_ms) / 1000);
}

static json_t *
digest_text(uint8_t frontend, const uint8_t digest[DIGEST_LEN])
{
	char text[FRONTEND_ID_CAP];

	return json_string(frontend_format_digest(frontend, digest, text));
}

/* Of a client that was taken over with its pairs the beginning is known. */
static json_t *
client_text(const struct client *client)
{
	if (client->is_known)
		return digest_text(client->frontend, client->digest);
	return json_string(frontend_log_client(
	    client->frontend, client->digest, PAIR_PREFIX_LEN)
			       .s);
}

static json_t *
urls(const struct control *c, const struct relay_identity *who)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->publish.n; i++) {
		const struct published *p = &c->publish.urls[i];

		if (p->who == who)
			(void)json_array_append_new(list, json_string(p->text));
	}
	return list;
}

static json_t *
identities(const struct control *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->identities.n; i++) {
		const struct relay_identity *who = &c->identities.list[i];
		const struct frontend *f = who->frontend;

		(void)json_array_append_new(list,
		    json_pack("{s:s, s:o, s:s*, s:b, s:o}", "frontend", f->name,
			"digest", digest_text(f->number, who->id->digest),
			"dialect",
			f->dialect_name != NULL ? f->dialect_name(who->dialect)
						: NULL,
			"retiring", who->is_retiring, "urls", urls(c, who)));
	}
	return list;
}

static json_t *
listeners(const struct node *node)
{
	json_t *list = json_array();
	char text[ADDR_TEXT_CAP];

	for (size_t i = 0; i < node->n_listeners; i++)
		(void)json_array_append_new(
		    list, json_string(addr_format(&node->listeners[i], text)));
	return list;
}

static json_t *
by_reason(const struct node *node, size_t first)
{
	json_t *rows = json_object();

	for (unsigned r = 0; r < REASON_COUNT; r++)
		(void)json_object_set_new(
		    rows, reason_name(r), number(node->figures[first + r]));
	return rows;
}

static json_t *
figures(const struct node *node)
{
	json_t *all = json_object();

	for (int f = 0; f < FIGURE_COUNT; f++)
		(void)json_object_set_new(
		    all, figure_name((enum figure)f), number(node->figures[f]));
	(void)json_object_set_new(
	    all, "pending_ended_total", by_reason(node, FIGURE_PENDING_ENDED));
	(void)json_object_set_new(
	    all, "pairs_ended_total", by_reason(node, FIGURE_PAIRS_ENDED));
	return all;
}

static const char *
state_name(const struct node *node)
{
	if (node->session == 0)
		return "away";
	return node->drains ? "draining" : "ready";
}

static json_t *
goodbye(const struct node *node)
{
	const struct node_goodbye *g = &node->goodbye;

	if (g->start == 0)
		return NULL;
	return json_pack(
	    "{s:o, s:o}", "start", number(g->start), "cut", number(g->n_cut));
}

static json_t *
nodes(const struct control *c)
{
	json_t *list = json_array();

	for (const struct node *n = c->nodes.first; n != NULL; n = n->next) {
		json_t *node = json_pack(
		    "{s:s, s:s, s:o, s:o*, s:o*, s:o*, s:o*, s:o, s:o, s:o, "
		    "s:o, s:o}",
		    "name", n->name, "state", state_name(n), "starts",
		    number(n->n_starts), "goodbye", goodbye(n), "build",
		    json_string(n->build), "session_s",
		    n->session != 0 ? seconds_since(c, n->session_ms) : NULL,
		    "drain_left_s",
		    n->drains ? number(drain_left_ms(c, n) / 1000) : NULL,
		    "listeners", listeners(n), "pending", number(n->arrivals.n),
		    "pairs", number(n->n_pairs), "unknown",
		    number(n->n_unknown), "figures", figures(n));

		(void)json_array_append_new(list, node);
	}
	return list;
}

struct listing {
	const struct control *control;
	json_t *list;
};

static void
add_client(void *arg, const void *key, void *value)
{
	const struct listing *l = arg;
	const struct client *client = value;
	const struct stream *s = client->stream;
	json_t *entry = json_pack("{s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o}",
	    "frontend", frontend_name(client->frontend), "digest",
	    client_text(client), "registered", s != NULL, "waiting",
	    number(client->quota.callers.n_waiting), "pending",
	    number(client->quota.callers.n_pending), "pairs",
	    number(client->quota.n_paired), "unknown",
	    number(client->n_unknown), "bytes", number(client->bytes));

	(void)key;
	if (s != NULL) {
		(void)json_object_set_new(
		    entry, "since_s", seconds_since(l->control, s->since_ms));
		(void)json_object_set_new(
		    entry, "source", json_string(log_addr(&s->remote).s));
	}
	(void)json_array_append_new(l->list, entry);
}

static json_t *
clients(const struct control *c)
{
	struct listing l = {.control = c, .list = json_array()};

	/* table_each takes its table writable, for callbacks that remove. */
	table_each((struct table *)&c->registry.clients, add_client, &l);
	return l.list;
}

static json_t *
limits(const struct config *f)
{
	const struct {
		const char *name;
		uint32_t value;
	} ROWS[] = {
	    {"max_control_streams", f->max_control_streams},
	    {"max_control_streams_per_source",
		f->max_control_streams_per_source},
	    {"max_relays_per_client", f->max_relays_per_client},
	    {"connection_timeout_ms", f->connection_timeout_ms},
	    {"pair_idle_ms", f->pair_idle_ms},
	    {"max_bytes_per_s_per_pair", f->max_bytes_per_s_per_pair},
	    {"max_bytes_per_s_per_client", f->max_bytes_per_s_per_client},
	    {"max_bytes_per_s", f->max_bytes_per_s},
	    {"max_handshakes", f->max_handshakes},
	    {"max_handshakes_per_source", f->max_handshakes_per_source},
	    {"handshake_timeout_ms", f->handshake_timeout_ms},
	    {"max_notices_per_s", f->max_notices_per_s},
	    {"max_notices_burst", f->max_notices_burst},
	    {"max_splice_nodes", f->max_splice_nodes},
	};
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
		(void)json_object_set_new(
		    all, ROWS[i].name, number(ROWS[i].value));
	return all;
}

static json_t *
counters(const struct control *c)
{
	json_t *all = json_object();

	for (size_t i = 0; i < N_COUNTER_FAMILIES; i++) {
		const struct counter_family *f = &COUNTER_FAMILIES[i];
		json_t *rows = json_object();

		for (unsigned r = 0; r < f->n; r++)
			(void)json_object_set_new(rows, f->row_name(r),
			    number(counter_value(&c->counters, f, r)));
		(void)json_object_set_new(all, f->name, rows);
	}
	return all;
}

json_t *
status_new(const struct control *c)
{
	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
	    1, "version", CARRICK_VERSION, "uptime_s",
	    seconds_since(c, c->started_ms), "identities", identities(c),
	    "nodes", nodes(c), "clients", clients(c), "limits",
	    limits(&c->config), "counters", counters(c));
}
