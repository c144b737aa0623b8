#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/address.h"
#include "client/call.h"
#include "client/command.h"
#include "client/profile.h"
#include "client/watch.h"

#define PING_COUNT_MAX	 1000000
#define PING_INTERVAL_MS 1000 /* between the end of one and the next */
#define PING_PARTING_MS	 1000 /* for the peer's close_notify, or its alert */

struct ping_args {
	const char *identity;
	uint32_t count;
	const char *url;
};

struct ping {
	struct url ways[URL_STACKS_MAX];
	size_t n_ways;
	uint32_t n_left;
	struct identity *id;
	SSL_CTX *ctx;
	struct loop *loop;
	struct call *call;
	struct stream stream; /* while parting */
	struct watch watch;
	struct deadline deadline; /* of the parting, or of the next one */
	struct fault fault;	  /* of the last that failed; EXITCODE_OK */
};

static double
ms(uint64_t us)
{
	return (double)us / 1000;
}

static void
print_steps(const struct called *called)
{
	bool relayed = called->way->kind == URL_RELAYED;
	char addr[ADDR_TEXT_CAP], digest[DIGEST_TEXT_CAP];

	if (!called->connected)
		return;
	(void)printf("%s %s: name %.1f ms, connection %.1f ms\n",
	    relayed ? "relay" : "host", addr_format(&called->addr, addr),
	    ms(called->resolve_us), ms(called->connect_us));
	if (called->stream != NULL)
		(void)printf("peer %s: TLS %.1f ms%s\n",
		    digest_format(called->way->digest, digest),
		    ms(called->handshake_us),
		    relayed ? " through the relay" : "");
}

static void
end_one(struct ping *p)
{
	watch_fini(&p->watch);
	stream_close(&p->stream);
	loop_disarm(p->loop, &p->deadline);
	(void)fflush(stdout); /* main sees what was not written */
	if (--p->n_left == 0 ||
	    loop_arm(p->loop, &p->deadline, PING_INTERVAL_MS) == -1)
		loop_stop(p->loop);
}

static void
failed(struct ping *p, const struct fault *fault)
{
	p->fault = *fault;
	(void)fault_report(fault, "ping");
	end_one(p);
}

/* A peer that refuses our certificate says so only after its handshake. */
static void
refused(struct ping *p)
{
	struct fault fault;

	(void)call_refused(&fault, p->stream.why);
	failed(p, &fault);
}

static void
part(void *arg)
{
	struct ping *p = arg;
	uint8_t rubbish[4096];
	enum stream_answer answer;
	size_t n;

	do
		answer = stream_read(&p->stream, rubbish, sizeof rubbish, &n);
	while (answer == STREAM_OK);
	if (answer == STREAM_ALERT)
		refused(p);
	else if (answer != STREAM_WANT_READ ||
		 watch_set(&p->watch, WATCH_READ) == -1)
		end_one(p);
}

static void
on_called(void *arg, const struct called *called, const struct fault *fault)
{
	struct ping *p = arg;

	p->call = NULL;
	print_steps(called);
	if (fault != NULL) {
		failed(p, fault);
		return;
	}
	p->stream = *called->stream;
	watch_init(&p->watch, p->loop, p->stream.in.fd, part, p);
	if (stream_finish(&p->stream) == STREAM_OK &&
	    loop_arm(p->loop, &p->deadline, PING_PARTING_MS) == 0)
		part(p);
	else
		end_one(p);
}

static void
no_call(struct ping *p)
{
	(void)fault_set(&p->fault, EXITCODE_TRY_AGAIN,
	    "no call can be made: %s", strerror(errno));
	(void)fault_report(&p->fault, "ping");
}

static int
call(struct ping *p)
{
	p->call = call_start(p->loop, p->ways, p->n_ways, p->ctx, on_called, p);
	return p->call == NULL ? -1 : 0;
}

static void
on_deadline(struct deadline *d, void *arg)
{
	struct ping *p = arg;

	(void)d;
	if (stream_is_open(&p->stream)) {
		end_one(p);
	} else if (call(p) == -1) {
		no_call(p);
		loop_stop(p->loop);
	}
}

static int
prepare(struct ping *p, const struct ping_args *args)
{
	int n = address_peer(p->ways, args->url, &p->fault);

	if (n == -1)
		return -1;
	p->n_ways = (size_t)n;
	p->n_left = args->count > 0 ? args->count : 1;
	p->id = profile_caller(args->identity, &p->fault);
	if (p->id == NULL)
		return -1;
	p->ctx = profile_context(TLS_ROLE_CLIENT, p->id, &p->fault);
	return p->ctx == NULL ? -1 : 0;
}

/* Faults are reported as they come, call by call. */
static void
call_them(struct ping *p)
{
	p->loop = loop_new_boot();
	if (p->loop == NULL || call(p) == -1 || loop_run(p->loop) == -1)
		no_call(p);
}

static int
run(const void *args)
{
	struct ping p = {0};

	stream_init(&p.stream);
	watch_init_none(&p.watch);
	deadline_init(&p.deadline, on_deadline, &p);
	if (prepare(&p, args) == 0)
		call_them(&p);
	else
		(void)fault_report(&p.fault, "ping");
	call_cancel(p.call);
	loop_free(p.loop);
	SSL_CTX_free(p.ctx);
	identity_free(p.id);
	return (int)p.fault.code;
}

static const struct command_arg ARGS[] = {
    {"--count", "N", COMMAND_NUMBER, offsetof(struct ping_args, count), 1,
	PING_COUNT_MAX, "how often; default: once"},
    {"--identity", "FILE", COMMAND_TEXT, offsetof(struct ping_args, identity),
	0, 0, "who we are; default: somebody new, for this run"},
    {NULL, "URL", COMMAND_OPERAND, offsetof(struct ping_args, url), 0, 0,
	"whom to call, as carrick expose prints it"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_PING = {
    "ping",
    "Reach a relay and the peer behind it, and say how long each step took.",
    "The peer's TLS is finished and its key checked; no byte is sent to its\n"
    "service, which does see a connection come and go. The exit code is that\n"
    "of the last call that failed, or 0.\n",
    ARGS,
    sizeof(struct ping_args),
    run,
};
