#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "client/admin_get.h"
#include "client/command.h"
#include "client/status_table.h"
#include "common/rundir.h"

struct status_args {
	const char *socket;
	bool json;
	bool health;
};

static int
default_socket(char *buf, size_t cap, struct fault *fault)
{
	char dir[PATH_MAX];

	if (rundir_runtime(dir, sizeof dir) == -1 ||
	    snprintf(buf, cap, "%s/admin.sock", dir) >= (int)cap)
		return fault_set(fault, EXITCODE_USAGE,
		    "the run-time folder's path is too long; name the socket "
		    "with --socket PATH");
	return 0;
}

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
	const char *path = args->socket;
	char buf[PATH_MAX];
	struct fault fault;
	size_t len;
	char *body;
	int r = 0;

	if (path == NULL && default_socket(buf, sizeof buf, &fault) == -1)
		return fault_report(&fault, "status");
	body = admin_get(path != NULL ? path : buf,
	    args->health ? "/healthz" : "/status", &len, &fault);
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
