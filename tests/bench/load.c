/*
 * load - a load generator that costs little itself: it makes connections from
 * itself to itself through a relay, counts and times what comes through, and
 * prints one line of JSON. CPU is not its business: whoever starts it reads
 * the relay's.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/flows.h"
#include "tests/bench/now.h"
#include "tests/bench/rendezvous.h"
#include "tests/bench/sock.h"

#define USAGE_EXIT  2
#define SECONDS_MAX 600
#define COUNT_MAX   1000000 /* MiB a flow, or rendezvous of one client */
#define MIB	    UINT64_C(1048576)

struct options {
	bool rendezvous; /* else flows */
	bool wait;	 /* say "ready", begin at a line on stdin */
	struct route_plan plan;
	const char *tcp, *listen, *relay, *syncthing; /* as given, or NULL */
	unsigned n;				      /* flows, or clients */
	unsigned seconds;
	uint64_t max;
};

static _Noreturn void
usage(void)
{
	errx(USAGE_EXIT,
	    "usage: load flows|rendezvous [--tcp HOST:PORT --listen HOST:PORT "
	    "| --relay URL | --syncthing URL]\n"
	    "        [-n N] [--seconds S] [--max N] [--wait]\n"
	    "flows: N flows, at most --max MiB each; rendezvous: N clients, at "
	    "most --max each;\n"
	    "--relay: tx3's; --syncthing: Syncthing's; no way at all: straight "
	    "over loopback;\n"
	    "--wait: say ready, then begin at a line on stdin");
}

static uint64_t
number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text || value < 1 ||
	    value > max)
		errx(USAGE_EXIT, "%s: not a number from 1 to %" PRIu64, text,
		    max);
	return value;
}

static void
read_address(struct addr *a, const char *text)
{
	if (text == NULL)
		usage();
	if (addr_parse(a, text) == -1)
		errx(USAGE_EXIT, "%s: not an IP address and port", text);
}

static void
read_route(struct options *o)
{
	const char *why;

	o->plan.kind = ROUTE_DIRECT;
	if (o->tcp != NULL) {
		o->plan.kind = ROUTE_TCP;
		read_address(&o->plan.proxy, o->tcp);
		read_address(&o->plan.listen, o->listen);
	}
	if (o->relay != NULL) {
		o->plan.kind = ROUTE_RELAY;
		if (url_parse(&o->plan.relay, 1, o->relay, &why) == -1)
			errx(USAGE_EXIT, "%s: not a tx3 address: %s", o->relay,
			    why);
	}
	if (o->syncthing != NULL) {
		o->plan.kind = ROUTE_SYNCTHING;
		if (devices_relay_parse(&o->plan.syncthing, o->syncthing) != 0)
			errx(USAGE_EXIT,
			    "%s: relay://ADDRESS:PORT/?id=ID is wanted",
			    o->syncthing);
	}
}

static void
read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
	    {"tcp", required_argument, NULL, 't'},
	    {"listen", required_argument, NULL, 'l'},
	    {"relay", required_argument, NULL, 'r'},
	    {"syncthing", required_argument, NULL, 'S'},
	    {"seconds", required_argument, NULL, 's'},
	    {"max", required_argument, NULL, 'm'},
	    {"wait", no_argument, NULL, 'w'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "n:", table, NULL)) != -1)
		switch (c) {
		case 't':
			o->tcp = optarg;
			break;
		case 'l':
			o->listen = optarg;
			break;
		case 'r':
			o->relay = optarg;
			break;
		case 'n':
			o->n = (unsigned)number(optarg, FLOWS_MAX);
			break;
		case 'S':
			o->syncthing = optarg;
			break;
		case 's':
			o->seconds = (unsigned)number(optarg, SECONDS_MAX);
			break;
		case 'm':
			o->max = number(optarg, COUNT_MAX);
			break;
		case 'w':
			o->wait = true;
			break;
		default:
			usage();
		}
}

static void
read_command(struct options *o, int argc, char **argv)
{
	if (optind != argc - 1)
		usage();
	o->rendezvous = strcmp(argv[optind], "rendezvous") == 0;
	if (!o->rendezvous && strcmp(argv[optind], "flows") != 0)
		usage();
	read_route(o);
}

/* What came before, connecting and handshakes, is not measured. */
static void
wait_for_start(const struct options *o)
{
	char line[8];

	if (!o->wait)
		return;
	(void)puts("ready");
	if (fflush(stdout) == EOF)
		err(1, "stdout");
	if (fgets(line, sizeof line, stdin) == NULL)
		errx(1, "no line came to begin at");
}

static void
measure_flows(const struct options *o)
{
	struct flows *f = flows_new(&o->plan, o->n);
	struct flows_result r;

	wait_for_start(o);
	r = flows_run(f, o->seconds, o->max * MIB);
	(void)printf(
	    "{\"bytes\": %" PRIu64 ", \"ns\": %" PRIu64 "}\n", r.bytes, r.ns);
	flows_free(f);
}

static void
measure_rendezvous(const struct options *o)
{
	struct rendezvous *all = rendezvous_new(&o->plan, o->n);
	struct rendezvous_result r;

	wait_for_start(o);
	r = rendezvous_run(all, o->seconds, o->max);
	(void)printf("{\"n\": %" PRIu64 ", \"ns\": %" PRIu64
		     ", \"p50_ns\": %" PRIu64 ", \"p99_ns\": %" PRIu64 "}\n",
	    r.n, r.ns, r.p50_ns, r.p99_ns);
	rendezvous_free(all);
}

int
main(int argc, char **argv)
{
	struct options o = {.n = 1, .seconds = 2, .max = COUNT_MAX};

	read_options(&o, argc, argv);
	read_command(&o, argc, argv);
	/* a thread that waits for another's byte has its own timeouts; this
	 * bounds what they add up to */
	(void)alarm(o.seconds + 6 * SOCK_TIMEOUT_S);
	if (o.rendezvous)
		measure_rendezvous(&o);
	else
		measure_flows(&o);
	if (fflush(stdout) == EOF)
		err(1, "stdout");
	return 0;
}
