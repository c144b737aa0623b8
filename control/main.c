/*
 * carrick-control - decides who is joined to whom. Ends the clients' TLS
 * control streams, issues one-time tokens, tells the splice nodes what to do.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/exitcode.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/notify.h"
#include "control/args.h"
#include "control/control.h"
#include "control/import.h"
#include "control/init.h"
#include "control/node_key.h"
#include "control/start.h"

static int
run(struct control *c)
{
	int rc = control_start(c);

	if (rc == EXITCODE_OK && loop_run(c->loop) != 0) {
		log_error("loop-failed", "why=\"libevent gave up\"");
		rc = EXITCODE_TRY_AGAIN;
	}
	/* A manager that is gone has no use for it. */
	(void)notify_manager("STOPPING=1");
	control_stop(c);
	log_info("stopped", "status=%d", rc);
	return rc;
}

static int
with_config(const struct daemon_args *args)
{
	static struct control c; /* too large for a stack */
	char why[CONFIG_WHY_CAP];
	int rc;

	if (config_load(&c.config, args->config, args->settings,
		args->n_settings, why) != 0) {
		(void)fprintf(stderr, "carrick-control: %s\n", why);
		return EXITCODE_CONFIG;
	}
	config_apply_log(&c.config);
	rc = args->action == DAEMON_CHECK ? control_check_keys(&c.config)
					  : run(&c);
	config_free(&c.config);
	return rc;
}

int
main(int argc, char **argv)
{
	static const struct daemon_about ABOUT = {
	    "carrick-control", ARGS_USAGE, config_example};
	struct daemon_args args;
	const char *what, *why;

	if (fd_open_standard() == -1)
		return EXITCODE_TRY_AGAIN;
	if (args_parse(&args, argc, argv, &what, &why) != 0) {
		(void)fprintf(stderr, "carrick-control: %s: %s\n", what, why);
		return EXITCODE_USAGE;
	}
	switch (args.action) {
	case DAEMON_HELP:
	case DAEMON_VERSION:
	case DAEMON_EXAMPLE:
		return daemon_args_answer(&ABOUT, args.action);
	case ARGS_INIT:
		return init_relay(args.config);
	case ARGS_NODE_KEY:
		return node_key_print(args.operand, args.config);
	case ARGS_IMPORT:
		return args.rest != NULL
			   ? import_strelaysrv(
				 args.rest, args.n_rest, args.config)
			   : import_tx3(args.operand, args.config);
	case DAEMON_CHECK:
	case DAEMON_RUN:
		return with_config(&args);
	}
	return EXITCODE_USAGE;
}
