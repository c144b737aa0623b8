/*
 * args - the command line of carrick-control.
 */
#ifndef CONTROL_ARGS_H
#define CONTROL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

enum { ARGS_SETTINGS_MAX = 64 }; /* --set */

enum args_action {
	ARGS_RUN,
	ARGS_CHECK,   /* --check: is the configuration good? */
	ARGS_EXAMPLE, /* --example: print a commented one */
	ARGS_INIT,    /* --init: make identity and configuration */
	ARGS_IMPORT,  /* import FILE: take them over from a tx3-relay */
	ARGS_VERSION,
	ARGS_HELP
};

struct args {
	enum args_action action;
	const char *config; /* NULL: none was given */
	const char *import; /* ARGS_IMPORT: the file to read */
	const char *settings[ARGS_SETTINGS_MAX];
	size_t n_settings;
};

#define ARGS_USAGE                                                       \
	"usage: carrick-control [--config FILE] [--set KEY=VALUE]...\n"  \
	"       carrick-control --check [--config FILE] "                \
	"[--set KEY=VALUE]...\n"                                         \
	"       carrick-control --init [--config FILE]\n"                \
	"       carrick-control import TX3_RELAY_YML [--config FILE]\n"  \
	"       carrick-control --example | --version | --help\n"        \
	"\n"                                                             \
	"--check    whether the configuration is good\n"                 \
	"--init     make a new relay's identity and configuration\n"     \
	"import     take over a tx3-relay's: certificate, key, limits\n" \
	"           and addresses, so that its URL stays\n"              \
	"--example  print a configuration with all keys and defaults\n"

/* args_parse - argv's texts are borrowed.
 * why      out, static text or argv's: what is wrong.
 * Returns  0; -1: *why is then a sentence, *what the argument it is about. */
int args_parse(struct args *args, int argc, char *const *argv,
    const char **what, const char **why);

#endif
