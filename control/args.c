#include "control/args.h"

static const struct daemon_command OWN[] = {
    {"--init", ARGS_INIT, NULL, NULL},
    {"node-key", ARGS_NODE_KEY, "a node's name must follow", NULL},
    {"import", ARGS_IMPORT,
	"the file of a tx3-relay, or strelaysrv and its flags, must follow",
	"strelaysrv"},
    {NULL, 0, NULL, NULL},
};

int
args_parse(struct daemon_args *args, int argc, char *const *argv,
    const char **what, const char **why)
{
	return daemon_args_parse(args, OWN, argc, argv, what, why);
}
