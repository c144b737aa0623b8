/*
 * crowd - very many connections to a relay, for the tests: it says on stdout
 * where it is, and goes on at a line on stdin, so that whoever started it can
 * look at the relay in between. Each failure is a sentence and status 1.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "tests/e2e/crowd/pairs.h"
#include "tests/e2e/crowd/turns.h"

#define USAGE_EXIT 2
#define WARM_UP	   100 /* turns */
#define TURNS_MAX  1000000

struct options {
	const char *command;
	struct url relay;
	unsigned clients;
	struct pairs_plan plan;
};

static _Noreturn void
usage(void)
{
	errx(USAGE_EXIT,
	    "usage: crowd pairs|turns --relay URL [-n N] [--clients N]\n"
	    "             [--seed N] [--min BYTES] [--max BYTES]\n"
	    "pairs: N at once; they say \"ready\", and at a line on stdin they "
	    "move --min to --max\n"
	    "bytes each way. turns: %d, \"warm\", and at a line N more, "
	    "\"done\", until another line.",
	    WARM_UP);
}

static uint64_t
number(const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text || value < min ||
	    value > max)
		errx(USAGE_EXIT,
		    "%s: not a number from %" PRIu64 " to %" PRIu64, text, min,
		    max);
	return value;
}

static void
read_relay(struct options *o, const char *text)
{
	const char *why;

	if (url_parse(&o->relay, 1, text, &why) == -1)
		errx(USAGE_EXIT, "%s: not a tx3 address: %s", text, why);
}

static void
read_option(struct options *o, int c)
{
	switch (c) {
	case 'r':
		read_relay(o, optarg);
		break;
	case 'n':
		o->plan.n = (uint32_t)number(optarg, 1, TURNS_MAX);
		break;
	case 'c':
		o->clients = (unsigned)number(optarg, 1, GUESTS_MAX);
		break;
	case 's':
		o->plan.seed = number(optarg, 0, UINT64_MAX);
		break;
	case 'i':
		o->plan.min = number(optarg, 4, UINT32_MAX);
		break;
	case 'a':
		o->plan.max = number(optarg, 4, UINT32_MAX);
		break;
	default:
		usage();
	}
}

static void
read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
	    {"relay", required_argument, NULL, 'r'},
	    {"clients", required_argument, NULL, 'c'},
	    {"seed", required_argument, NULL, 's'},
	    {"min", required_argument, NULL, 'i'},
	    {"max", required_argument, NULL, 'a'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "n:", table, NULL)) != -1)
		read_option(o, c);
	if (optind != argc - 1 || o->relay.host[0] == '\0' ||
	    o->plan.min > o->plan.max)
		usage();
	o->command = argv[optind];
}

static void
say(const char *word)
{
	if (puts(word) == EOF || fflush(stdout) == EOF)
		err(1, "stdout");
}

static void
wait_for_line(void)
{
	char line[16];

	if (fgets(line, sizeof line, stdin) == NULL)
		errx(1, "no line came to go on at");
}

static void
run_pairs(struct guests *g, const struct pairs_plan *plan)
{
	struct pairs *p = pairs_new(g, plan);
	struct exchange_result r;

	say("ready");
	wait_for_line();
	r = pairs_run(p);
	(void)printf("{\"bytes\": %" PRIu64 ", \"orderly\": %" PRIu64
		     ", \"half_closed\": %" PRIu64 ", \"reset\": %" PRIu64
		     "}\n",
	    r.checked, r.ended[ORDERLY], r.ended[HALF_CLOSED], r.ended[RESET]);
	pairs_free(p);
}

static void
run_turns(struct guests *g, uint32_t n)
{
	turns_run(g, 0, WARM_UP);
	say("warm");
	wait_for_line();
	turns_run(g, WARM_UP, n);
	say("done");
	wait_for_line();
}

int
main(int argc, char **argv)
{
	struct options o = {
	    .clients = 1, .plan = {.n = 1, .min = 65536, .max = 8388608}};
	struct guests *g = calloc(1, sizeof *g);
	uint64_t limit;

	read_options(&o, argc, argv);
	if (g == NULL || fd_raise_limit(&limit) == -1)
		err(1, "at the start");
	guests_init(g, &o.relay, o.clients);
	if (strcmp(o.command, "pairs") == 0 && o.plan.n <= PAIRS_MAX)
		run_pairs(g, &o.plan);
	else if (strcmp(o.command, "turns") == 0)
		run_turns(g, o.plan.n);
	else
		usage();
	guests_fini(g);
	free(g);
	return fflush(stdout) == EOF ? 1 : 0;
}
