#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "client/admin.h"
#include "client/command.h"
#include "proto/ipc.h"

struct drain_args {
	const char *socket;
	uint32_t timeout_s;
	bool now;
	const char *node;
};

/* What control is asked for: a node, and a time if there is one. */
static int
make_path(
    char *path, size_t cap, const struct drain_args *args, struct fault *fault)
{
	uint64_t timeout_ms = args->now ? 0 : args->timeout_s * UINT64_C(1000);

	if (args->now && args->timeout_s != 0)
		return fault_set(fault, EXITCODE_USAGE,
		    "--now and --timeout are two times for one drain");
	if (!ipc_name_is_valid(args->node))
		return fault_set(fault, EXITCODE_USAGE,
		    "no node is called \"%.80s\": names have a-z 0-9 . _ -; "
		    "carrick status shows them",
		    args->node);
	if (args->now || args->timeout_s != 0)
		(void)snprintf(path, cap, "/nodes/%s/drain?timeout_ms=%" PRIu64,
		    args->node, timeout_ms);
	else
		(void)snprintf(path, cap, "/nodes/%s/drain", args->node);
	return 0;
}

static int
run(const void *p)
{
	const struct drain_args *args = p;
	char path[128];
	struct fault fault;
	size_t len;
	char *body;

	if (make_path(path, sizeof path, args, &fault) == -1)
		return fault_report(&fault, "drain");
	body = admin_ask("POST", args->socket, path, &len, &fault);
	if (body == NULL)
		return fault_report(&fault, "drain");
	(void)fwrite(body, 1, len, stdout); /* main looks for errors */
	free(body);
	return EXITCODE_OK;
}

static const struct command_arg ARGS[] = {
    {"--timeout", "S", COMMAND_NUMBER, offsetof(struct drain_args, timeout_s),
	1, IPC_DRAIN_MAX_MS / 1000,
	"until what is left is cut; default: the node's drain_timeout_ms"},
    {"--now", NULL, COMMAND_FLAG, offsetof(struct drain_args, now), 0, 0,
	"cut at once"},
    {"--socket", "PATH", COMMAND_TEXT, offsetof(struct drain_args, socket), 0,
	0, "control's admin socket; default: admin.sock in its run folder"},
    {NULL, "NODE", COMMAND_OPERAND, offsetof(struct drain_args, node), 0, 0,
	"its name, as carrick status shows it"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_DRAIN = {
    "drain",
    "Have a splice node end without breaking what runs over it.",
    "The node lets in nobody new, its clients come back over other nodes, and\n"
    "its pairs run to their end, or are cut when the time is over. Then its\n"
    "process ends. The command does not wait for that: carrick status shows\n"
    "how far it is. Given again, it sets another time. SIGTERM at the node's\n"
    "process does the same, a second one cuts at once.\n",
    ARGS,
    sizeof(struct drain_args),
    run,
};
