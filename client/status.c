#include <stdbool.h>
#include <stdlib.h>

#include "client/admin.h"
#include "client/command.h"
#include "client/status_table.h"

struct status_args {
	const char *socket;
	bool json;
	bool health;
};

static int
show(const char *body, size_t len, struct fault *fault)
{
	json_t *root = json_loadb(body, len, 0, NULL);
	int r = root == NULL ? -1 : status_table(root, stdout);

	json_decref(root);
	if (r == -1)
		return fault_set(fault, EXITCODE_TRY_AGAIN,
		    "the control daemon's answer is not status of schema %d; "
		    "--json shows it as it is",
		    STATUS_SCHEMA);
	return 0;
}

static int
run(const void *p)
{
	const struct status_args *args = p;
	struct fault fault;
	size_t len;
	char *body = admin_ask("GET", args->socket,
	    args->health ? "/healthz" : "/status", &len, &fault);
	int r = 0;

	if (body == NULL)
		return fault_report(&fault, "status");
	if (args->json || args->health)
		(void)fwrite(body, 1, len, stdout); /* main looks for errors */
	else
		r = show(body, len, &fault);
	free(body);
	return r == -1 ? fault_report(&fault, "status") : EXITCODE_OK;
}

static const struct command_arg ARGS[] = {
    {"--socket", "PATH", COMMAND_TEXT, offsetof(struct status_args, socket), 0,
	0, "control's admin socket; default: admin.sock in its run folder"},
    {"--json", NULL, COMMAND_FLAG, offsetof(struct status_args, json), 0, 0,
	"print what control says, as it says it"},
    {"--health", NULL, COMMAND_FLAG, offsetof(struct status_args, health), 0, 0,
	"ask only whether it is well, as a health check does"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_STATUS = {
    "status",
    "Show a control daemon's nodes and clients.",
    "Asks on the daemon's UNIX socket, by default admin.sock in\n"
    "$RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/carrick, else /run/carrick.\n",
    ARGS,
    sizeof(struct status_args),
    run,
};
