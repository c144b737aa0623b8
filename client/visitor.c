#include "client/visitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/call.h"
#include "client/tunnel.h"
#include "common/fd.h"
#include "common/log.h"

enum { LEG_LOCAL, LEG_PEER };

struct visitor {
	LIST_ENTRY(visitor) entry;
	struct visitors *all;
	struct stream local; /* until the tunnel has it */
	struct call *call;
	struct tunnel *tunnel;
};

static void
visitor_free(struct visitor *v)
{
	struct visitors *all = v->all;

	call_cancel(v->call);
	tunnel_cancel(v->tunnel);
	if (stream_is_open(&v->local))
		stream_abort(&v->local);
	LIST_REMOVE(v, entry);
	free(v);
	if (all->n-- == all->max)
		all->full(all->arg, false);
}

static void
visitor_failed(struct visitor *v, const char *why)
{
	log_warn("call-failed", "why=%s", log_str(why).s);
	visitor_free(v);
}

static void
on_tunnel_end(void *arg, const struct tunnel_result *result)
{
	struct visitor *v = arg;
	const char *who = result->leg == LEG_PEER ? "peer" : "local";
	const char *why = result->why;
	struct fault fault;

	v->tunnel = NULL;
	if (result->leg == LEG_PEER && result->how == STREAM_ALERT) {
		(void)call_refused(&fault, why);
		why = fault.text;
	}
	log_info("call-closed", "in=%llu out=%llu end=%s why=%s",
	    (unsigned long long)result->n_bytes[LEG_PEER],
	    (unsigned long long)result->n_bytes[LEG_LOCAL],
	    result->finished ? "finished" : who, log_str(why).s);
	visitor_free(v);
}

static void
on_called(void *arg, const struct called *called, const struct fault *fault)
{
	struct visitor *v = arg;
	struct stream legs[2];

	v->call = NULL;
	if (fault != NULL) {
		visitor_failed(v, fault->text);
		return;
	}
	legs[LEG_LOCAL] = v->local;
	legs[LEG_PEER] = *called->stream;
	stream_init(&v->local);
	v->tunnel = tunnel_start(v->all->loop, legs, on_tunnel_end, v);
	if (v->tunnel == NULL)
		visitor_failed(v, strerror(errno));
}

void
visitor_arrives(struct visitors *all, int fd)
{
	struct visitor *v = calloc(1, sizeof *v);

	if (v == NULL) {
		log_warn("call-failed", "why=%s", log_str(strerror(errno)).s);
		fd_close(&fd);
		return;
	}
	v->all = all;
	stream_from_socket(&v->local, fd);
	LIST_INSERT_HEAD(&all->list, v, entry);
	if (++all->n == all->max)
		all->full(all->arg, true);
	v->call = call_start(
	    all->loop, all->ways, all->n_ways, all->ctx, on_called, v);
	if (v->call == NULL)
		visitor_failed(v, strerror(errno));
}

void
visitors_init(struct visitors *v, const struct url *ways, size_t n,
    SSL_CTX *ctx, size_t max)
{
	memset(v, 0, sizeof *v);
	v->ways = ways;
	v->n_ways = n;
	v->ctx = ctx;
	v->max = max;
	LIST_INIT(&v->list);
}

void
visitors_start(
    struct visitors *v, struct loop *loop, visitors_full_fn *full, void *arg)
{
	v->loop = loop;
	v->full = full;
	v->arg = arg;
}

void
visitors_fini(struct visitors *v)
{
	struct visitor *visitor;

	while ((visitor = LIST_FIRST(&v->list)) != NULL)
		/* the analyzer does not see it leave the list */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		visitor_free(visitor);
}
