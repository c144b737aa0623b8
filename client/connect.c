#include <errno.h>
#include <signal.h>
#include <string.h>

#include "client/address.h"
#include "client/call.h"
#include "client/command.h"
#include "client/profile.h"
#include "client/tunnel.h"

enum { LEG_PEER, LEG_STDIO };

struct connect_args {
	const char *identity;
	const char *url;
};

struct connect {
	struct loop *loop;
	struct url ways[URL_STACKS_MAX];
	size_t n_ways;
	struct identity *id;
	SSL_CTX *ctx;
	struct call *call;
	struct tunnel *tunnel;
	struct fault fault; /* EXITCODE_OK: none */
};

static void
blame(struct connect *c, const struct tunnel_result *r)
{
	if (r->leg == LEG_STDIO)
		(void)fault_set(&c->fault, EXITCODE_TRY_AGAIN,
		    "standard input or output failed: %s", r->why);
	else if (r->how == STREAM_ALERT)
		(void)call_refused(&c->fault, r->why);
	else
		(void)fault_set(&c->fault, EXITCODE_TRY_AGAIN,
		    "the other side broke off; what came is not all: %s",
		    r->why);
}

static void
on_tunnel_end(void *arg, const struct tunnel_result *result)
{
	struct connect *c = arg;

	c->tunnel = NULL;
	if (!result->finished)
		blame(c, result);
	loop_stop(c->loop);
}

static void
begin_tunnel(struct connect *c, struct stream *peer)
{
	struct stream legs[2];

	legs[LEG_PEER] = *peer;
	if (stream_from_stdio(&legs[LEG_STDIO]) == -1)
		stream_abort(peer);
	else
		c->tunnel = tunnel_start(c->loop, legs, on_tunnel_end, c);
	if (c->tunnel != NULL)
		return;
	(void)fault_set(&c->fault, EXITCODE_TRY_AGAIN,
	    "standard input and output can't be used: %s", strerror(errno));
	loop_stop(c->loop);
}

static void
on_called(void *arg, const struct called *called, const struct fault *fault)
{
	struct connect *c = arg;

	c->call = NULL;
	if (fault == NULL) {
		begin_tunnel(c, called->stream);
		return;
	}
	c->fault = *fault;
	loop_stop(c->loop);
}

static void
on_signal(void *arg)
{
	struct connect *c = arg;

	(void)fault_set(&c->fault, EXITCODE_TRY_AGAIN, "ended by a signal");
	loop_stop(c->loop);
}

static int
prepare(struct connect *c, const struct connect_args *args)
{
	int n = address_peer(c->ways, args->url, &c->fault);

	if (n == -1)
		return -1;
	c->n_ways = (size_t)n;
	c->id = profile_caller(args->identity, &c->fault);
	if (c->id == NULL)
		return -1;
	c->ctx = profile_context(TLS_ROLE_CLIENT, c->id, &c->fault);
	return c->ctx == NULL ? -1 : 0;
}

/* Signals are taken so that a terminal gets its flags back. */
static int
start(struct connect *c)
{
	c->loop = loop_new_boot();
	if (c->loop != NULL &&
	    loop_on_signal(c->loop, SIGTERM, on_signal, c) == 0 &&
	    loop_on_signal(c->loop, SIGINT, on_signal, c) == 0 &&
	    loop_on_signal(c->loop, SIGHUP, on_signal, c) == 0) {
		c->call = call_start(
		    c->loop, c->ways, c->n_ways, c->ctx, on_called, c);
		if (c->call != NULL)
			return 0;
	}
	return fault_set(&c->fault, EXITCODE_TRY_AGAIN,
	    "the event loop can't be started: %s", strerror(errno));
}

static int
run(const void *args)
{
	struct connect c = {0};

	if (prepare(&c, args) == 0 && start(&c) == 0 && loop_run(c.loop) == -1)
		(void)fault_set(
		    &c.fault, EXITCODE_TRY_AGAIN, "the event loop failed");
	call_cancel(c.call);
	tunnel_cancel(c.tunnel);
	loop_free(c.loop);
	SSL_CTX_free(c.ctx);
	identity_free(c.id);
	if (c.fault.code == EXITCODE_OK)
		return EXITCODE_OK;
	return fault_report(&c.fault, "connect");
}

static const struct command_arg ARGS[] = {
    {"--identity", "FILE", COMMAND_TEXT,
	offsetof(struct connect_args, identity), 0, 0,
	"who we are; default: somebody new, for this call"},
    {NULL, "URL", COMMAND_OPERAND, offsetof(struct connect_args, url), 0, 0,
	"whom to call, as carrick expose prints it"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_CONNECT = {
    "connect",
    "Join standard input and output to a peer.",
    "TLS end to end; nothing is sent unless the peer's key is the address's.\n"
    "Each direction ends on its own. For ssh:\n"
    "  ssh -o ProxyCommand='carrick connect URL' USER@any-name\n",
    ARGS,
    sizeof(struct connect_args),
    run,
};
