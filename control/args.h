/*
 * args - the command line of carrick-control: what all daemons take
 * (common/daemon_args.h), and commands of its own.
 */
#ifndef CONTROL_ARGS_H
#define CONTROL_ARGS_H

#include "common/daemon_args.h"

enum {
	ARGS_INIT = DAEMON_OWN, /* --init: make identity and configuration */
	ARGS_NODE_KEY,		/* node-key NAME: print a node's link key */
	ARGS_IMPORT /* import FILE, or strelaysrv and its flags: take them over
		     * from another relay */
};

#define ARGS_USAGE                                                       \
	"usage: carrick-control [--config FILE] [--set KEY=VALUE]...\n"  \
	"       carrick-control --check [--config FILE] "                \
	"[--set KEY=VALUE]...\n"                                         \
	"       carrick-control --init [--config FILE]\n"                \
	"       carrick-control node-key NAME [--config FILE]\n"         \
	"       carrick-control import TX3_RELAY_YML [--config FILE]\n"  \
	"       carrick-control [--config FILE] import strelaysrv "      \
	"[FLAG]...\n"                                                    \
	"       carrick-control --example | --version | --help\n"        \
	"\n"                                                             \
	"--check    whether the configuration is good\n"                 \
	"--init     make a new relay's identity, cluster key and\n"      \
	"           configurations\n"                                    \
	"node-key   print the link key file of the splice node NAME,\n"  \
	"           for a node on another host\n"                        \
	"import     take over a tx3-relay's: certificate, key, limits\n" \
	"           and addresses, so that its URL stays; or those of\n" \
	"           Syncthing's strelaysrv: behind the word comes its\n" \
	"           own command line (-keys FOLDER -listen ...)\n"       \
	"--example  print a configuration with all keys and defaults\n"

/* args_parse - daemon_args_parse with these commands. */
int args_parse(struct daemon_args *args, int argc, char *const *argv,
    const char **what, const char **why);

#endif
