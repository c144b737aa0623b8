#include "control/metrics.h"

#include <event2/buffer.h>
#include <inttypes.h>

#include "control/control.h"

/* An evbuffer, and whether it took everything so far. */
struct page {
	struct evbuffer *out;
	bool failed;
};

#define PUT(page, ...)                                                 \
	do {                                                           \
		if (evbuffer_add_printf((page)->out, __VA_ARGS__) < 0) \
			(page)->failed = true;                         \
	} while (0)

static void
head(struct page *p, const char *name, const char *help, bool is_gauge)
{
	PUT(p, "# HELP carrick_%s %s\n# TYPE carrick_%s %s\n", name, help, name,
	    is_gauge ? "gauge" : "counter");
}

static void
gauge(struct page *p, const char *name, const char *help, uint64_t value)
{
	head(p, name, help, true);
	PUT(p, "carrick_%s %" PRIu64 "\n", name, value);
}

static uint64_t
n_draining(const struct control *c)
{
	uint64_t n = 0;

	for (const struct node *node = c->nodes.first; node != NULL;
	     node = node->next)
		n += node->drains;
	return n;
}

static void
write_gauges(struct page *p, const struct control *c)
{
	uint64_t now_ms = loop_now_ms(c->loop);
	size_t n_ready = c->nodes.by_session.n;

	head(p, "build_info", "the version, as a label; always 1", true);
	PUT(p, "carrick_build_info{version=\"%s\"} 1\n", CARRICK_VERSION);
	gauge(p, "uptime_seconds", "since this process began",
	    (now_ms - c->started_ms) / 1000);
	gauge(p, "nodes", "splice nodes with a session", n_ready);
	gauge(p, "nodes_draining", "of these, those that drain", n_draining(c));
	gauge(p, "clients", "clients with a stream, a call or a pair",
	    c->registry.clients.n);
	gauge(p, "control_streams", "control streams, handshakes included",
	    c->budget.n_streams);
	gauge(p, "handshakes", "control streams not yet registered",
	    c->budget.n_handshakes);
	head(p, "calls",
	    "peers held for a client: waiting for their turn, or pending with "
	    "a token",
	    true);
	for (int s = 0; s < CALL_STATES; s++)
		PUT(p, "carrick_calls{state=\"%s\"} %" PRIu32 "\n",
		    call_state_name((enum call_state)s), c->calls.n[s]);
	gauge(p, "pairs_relayed", "pairs of a peer and a client",
	    c->pairs.n_calls);
	gauge(p, "pairs_control", "pairs that carry control streams",
	    c->pairs.n_streams);
	gauge(p, "pairs_hops", "pairs that carry a call to another node",
	    c->pairs.n_hops);
	gauge(p, "pairs_unknown",
	    "of all, those of nodes that were lost: charged, alive or not",
	    c->pairs.n_unknown);
}

static void
write_labelled(
    struct page *p, const struct control *c, const struct counter_family *f)
{
	head(p, f->name, f->help, false);
	for (unsigned i = 0; i < f->n; i++)
		PUT(p, "carrick_%s{%s=\"%s\"} %" PRIu64 "\n", f->name, f->label,
		    f->row_name(i), counter_value(&c->counters, f, i));
}

static void
write_single(
    struct page *p, const struct control *c, const struct counter_family *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		const char *name = f->row_name(i);

		PUT(p, "# HELP carrick_%s_total %s\n", name, f->row_help(i));
		PUT(p, "# TYPE carrick_%s_total counter\n", name);
		PUT(p, "carrick_%s_total %" PRIu64 "\n", name,
		    counter_value(&c->counters, f, i));
	}
}

static void
write_figure(struct page *p, const struct control *c, enum figure f)
{
	PUT(p, "# HELP carrick_splice_%s %s\n", figure_name(f), figure_help(f));
	PUT(p, "# TYPE carrick_splice_%s %s\n", figure_name(f),
	    figure_is_gauge(f) ? "gauge" : "counter");
	for (const struct node *n = c->nodes.first; n != NULL; n = n->next)
		PUT(p, "carrick_splice_%s{node=\"%s\"} %" PRIu64 "\n",
		    figure_name(f), n->name, n->figures[f]);
}

/* The figures' rows by reason (proto/figures.h). */
static void
write_endings(struct page *p, const struct control *c, const char *name,
    const char *help, size_t first)
{
	head(p, name, help, false);
	for (const struct node *n = c->nodes.first; n != NULL; n = n->next)
		for (unsigned r = 0; r < REASON_COUNT; r++)
			PUT(p,
			    "carrick_%s{node=\"%s\",reason=\"%s\"} %" PRIu64
			    "\n",
			    name, n->name, reason_name(r),
			    n->figures[first + r]);
}

int
metrics_write(const struct control *c, struct evbuffer *out)
{
	struct page p = {.out = out};

	write_gauges(&p, c);
	for (size_t i = 0; i < N_COUNTER_FAMILIES; i++) {
		const struct counter_family *f = &COUNTER_FAMILIES[i];

		if (f->label != NULL)
			write_labelled(&p, c, f);
		else
			write_single(&p, c, f);
	}
	for (int f = 0; f < FIGURE_COUNT; f++)
		write_figure(&p, c, (enum figure)f);
	write_endings(&p, c, "splice_pending_ended_total",
	    "pending connections that ended", FIGURE_PENDING_ENDED);
	write_endings(&p, c, "splice_pairs_ended_total", "pairs that ended",
	    FIGURE_PAIRS_ENDED);
	return p.failed ? -1 : 0;
}
