#include <errno.h>
#include <signal.h>
#include <string.h>

#include "client/address.h"
#include "client/command.h"
#include "client/profile.h"
#include "client/resolve.h"
#include "client/visitor.h"
#include "common/fd.h"
#include "common/listen.h"
#include "common/log.h"

/* Descriptors for the listeners, the loop, and what libraries open. */
#define FORWARD_FDS_OWN 64

struct forward_args {
	const char *identity;
	const char *url;
	const char *listen;
};

struct forward {
	struct url ways[URL_STACKS_MAX];
	char host[ADDR_HOST_CAP];
	uint16_t port;
	struct identity *id;
	SSL_CTX *ctx;
	struct loop *loop;
	struct resolve *resolve;
	struct acceptor *acceptors[RESOLVE_MAX];
	char names[RESOLVE_MAX][ADDR_TEXT_CAP];
	size_t n_acceptors;
	struct visitors visitors;
	struct fault fault; /* EXITCODE_OK: none */
};

static void
on_accept(void *arg, int fd, const struct sockaddr *peer)
{
	struct forward *f = arg;

	(void)peer;
	visitor_arrives(&f->visitors, fd);
}

static void
on_full(void *arg, bool full)
{
	struct forward *f = arg;

	for (size_t i = 0; i < f->n_acceptors; i++) {
		if (full)
			acceptor_pause(f->acceptors[i]);
		else
			acceptor_resume(f->acceptors[i]);
	}
}

static int
listen_on(struct forward *f, const struct addr *a)
{
	char *name = f->names[f->n_acceptors];
	struct addr bound;
	int fd = listen_tcp(a, &bound);
	struct acceptor *acceptor;

	if (fd == -1) {
		addr_format(a, name);
		return -1;
	}
	addr_format(&bound, name);
	acceptor = acceptor_new(f->loop, fd, name, on_accept, f, NULL);
	if (acceptor == NULL)
		return -1;
	f->acceptors[f->n_acceptors++] = acceptor;
	(void)printf("listening on %s\n", name);
	return 0;
}

static void
stop(struct forward *f, const char *why)
{
	char name[ADDR_JOINED_CAP];

	(void)fault_set(&f->fault, EXITCODE_TRY_AGAIN,
	    "%s can't be listened on: %s",
	    addr_join_host(f->host, f->port, name), why);
	loop_stop(f->loop);
}

static void
on_resolved(void *arg, const struct addr *addrs, size_t n, const char *why)
{
	struct forward *f = arg;

	f->resolve = NULL;
	for (size_t i = 0; i < n; i++) {
		if (listen_on(f, &addrs[i]) == 0)
			continue;
		why = strerror(errno);
		if (n == 1)
			break;
		log_warn("listen-failed", "addr=%s why=%s",
		    f->names[f->n_acceptors], log_str(why).s);
	}
	if (f->n_acceptors == 0)
		stop(f, why);
	else if (fflush(stdout) == EOF)
		log_warn("stdout-failed", "why=%s", log_str(strerror(errno)).s);
}

static void
on_signal(void *arg)
{
	struct forward *f = arg;

	loop_stop(f->loop);
}

static size_t
visitors_max(void)
{
	uint64_t limit;

	if (fd_raise_limit(&limit) == -1 || limit < FORWARD_FDS_OWN + 2)
		return 1;
	limit = (limit - FORWARD_FDS_OWN) / 2;
	return limit < VISITORS_MAX ? (size_t)limit : VISITORS_MAX;
}

static int
prepare(struct forward *f, const struct forward_args *args)
{
	int n = address_peer(f->ways, args->url, &f->fault);

	if (n == -1 ||
	    address_listen(f->host, &f->port, args->listen, &f->fault) == -1)
		return -1;
	f->id = profile_caller(args->identity, &f->fault);
	if (f->id == NULL)
		return -1;
	f->ctx = profile_context(TLS_ROLE_CLIENT, f->id, &f->fault);
	if (f->ctx == NULL)
		return -1;
	visitors_init(&f->visitors, f->ways, (size_t)n, f->ctx, visitors_max());
	return 0;
}

static int
start(struct forward *f)
{
	f->loop = loop_new_boot();
	if (f->loop != NULL &&
	    loop_on_signal(f->loop, SIGTERM, on_signal, f) == 0 &&
	    loop_on_signal(f->loop, SIGINT, on_signal, f) == 0) {
		visitors_start(&f->visitors, f->loop, on_full, f);
		f->resolve =
		    resolve_start(f->loop, f->host, f->port, on_resolved, f);
		if (f->resolve != NULL)
			return 0;
	}
	return fault_set(&f->fault, EXITCODE_TRY_AGAIN,
	    "the event loop can't be started: %s", strerror(errno));
}

static void
clean_up(struct forward *f)
{
	resolve_cancel(f->resolve);
	for (size_t i = 0; i < f->n_acceptors; i++)
		acceptor_free(f->acceptors[i]);
	f->n_acceptors = 0;
	visitors_fini(&f->visitors);
	loop_free(f->loop);
	SSL_CTX_free(f->ctx);
	identity_free(f->id);
}

static int
run(const void *args)
{
	struct forward f = {0};

	if (prepare(&f, args) == 0 && start(&f) == 0 && loop_run(f.loop) == -1)
		(void)fault_set(
		    &f.fault, EXITCODE_TRY_AGAIN, "the event loop failed");
	clean_up(&f);
	if (f.fault.code == EXITCODE_OK)
		return EXITCODE_OK;
	return fault_report(&f.fault, "forward");
}

static const struct command_arg ARGS[] = {
    {"--identity", "FILE", COMMAND_TEXT,
	offsetof(struct forward_args, identity), 0, 0,
	"who we are; default: somebody new, for this run"},
    {NULL, "URL", COMMAND_OPERAND, offsetof(struct forward_args, url), 0, 0,
	"whom to call, as carrick expose prints it"},
    {NULL, "LISTEN_HOST:PORT", COMMAND_OPERAND,
	offsetof(struct forward_args, listen), 0, 0,
	"where to listen, such as 127.0.0.1:8080; port 0: any"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_FORWARD = {
    "forward",
    "Give a peer's service a port on this machine.",
    "Prints \"listening on ADDRESS\" on standard output. Each local "
    "connection\n"
    "makes a call of its own; one that fails is logged, and its local\n"
    "connection reset. Runs until SIGINT or SIGTERM.\n",
    ARGS,
    sizeof(struct forward_args),
    run,
};
