/*
 * carrick-splice - accepts connections, shows control their first bytes, and
 * does what control says: waits, holds, joins two of them, or drops them. It
 * decides nothing, and holds no key of relay or client.
 */
#include <stdio.h>

#include "common/exitcode.h"
#include "common/daemon_args.h"
#include "common/fd.h"
#include "common/log.h"
#include "dataplane/node.h"
#include "dataplane/start.h"

#define USAGE                                                          \
	"usage: carrick-splice [--config FILE] [--set KEY=VALUE]...\n" \
	"       carrick-splice --check [--config FILE] "               \
	"[--set KEY=VALUE]...\n"                                       \
	"       carrick-splice --example | --version | --help\n"

static int
run(struct node *n)
{
	char why[CONF_WHY_CAP];
	int rc = start_node(n, why);

	if (rc != EXITCODE_OK) {
		log_error("start-failed", "why=\"%s\"", why);
	} else if (loop_run(n->loop) == -1) {
		log_error("loop-failed", "why=\"libevent gave up\"");
		rc = EXITCODE_TRY_AGAIN;
	}
	node_fini(n);
	log_info("stopped", "status=%d", rc);
	return rc;
}

/* The configuration is good so far; is its key? */
static int
check(struct node *n)
{
	char why[CONF_WHY_CAP];
	int rc = sealed_load(&n->sealed, &n->config, why);

	sealed_free(&n->sealed);
	if (rc == 0)
		return EXITCODE_OK;
	(void)fprintf(stderr, "carrick-splice: %s\n", why);
	return EXITCODE_CONFIG;
}

static int
with_config(const struct daemon_args *args)
{
	static struct node n; /* too large for a stack */
	char why[CONF_WHY_CAP];
	int rc;

	if (config_load(&n.config, args->config, args->settings,
		args->n_settings, why) == -1) {
		(void)fprintf(stderr, "carrick-splice: %s\n", why);
		return EXITCODE_CONFIG;
	}
	config_apply_log(&n.config);
	rc = args->action == DAEMON_RUN ? run(&n) : check(&n);
	config_free(&n.config);
	return rc;
}

int
main(int argc, char **argv)
{
	static const struct daemon_about ABOUT = {
	    "carrick-splice", USAGE, config_example};
	struct daemon_args args;
	const char *what, *why;

	if (fd_open_standard() == -1)
		return EXITCODE_TRY_AGAIN;
	if (daemon_args_parse(&args, NULL, argc, argv, &what, &why) == -1) {
		(void)fprintf(stderr, "carrick-splice: %s: %s\n", what, why);
		return EXITCODE_USAGE;
	}
	switch (args.action) {
	case DAEMON_HELP:
	case DAEMON_VERSION:
	case DAEMON_EXAMPLE:
		return daemon_args_answer(&ABOUT, args.action);
	case DAEMON_CHECK:
	case DAEMON_RUN:
		return with_config(&args);
	}
	return EXITCODE_USAGE;
}
