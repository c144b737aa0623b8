/*
 * daemon_args - the command line that daemons share: a configuration file,
 * settings over it, and what to do instead of running.
 */
#ifndef COMMON_DAEMON_ARGS_H
#define COMMON_DAEMON_ARGS_H

#include <stddef.h>
#include <stdio.h>

enum { DAEMON_SETTINGS_MAX = 64 }; /* --set */

enum daemon_action {
	DAEMON_RUN,
	DAEMON_CHECK,	/* --check: is the configuration good? */
	DAEMON_EXAMPLE, /* --example: print a commented one */
	DAEMON_VERSION,
	DAEMON_HELP,
	DAEMON_OWN /* from here on: the program's own */
};

/* What one program can do beyond that. */
struct daemon_command {
	const char *name;    /* such as --init; NULL ends the list */
	int action;	     /* DAEMON_OWN or above */
	const char *operand; /* completes "... must follow"; NULL: none */
	const char *rest_of; /* an operand to which all that follows it belongs,
			      * unread; NULL: there is none */
};

struct daemon_args {
	int action;	     /* enum daemon_action, or one's own */
	const char *config;  /* NULL: none was given */
	const char *operand; /* of one's own command */
	char *const *rest;   /* n_rest arguments; NULL unless it is rest_of */
	size_t n_rest;
	const char *settings[DAEMON_SETTINGS_MAX];
	size_t n_settings;
};

/*
 * daemon_args_parse - understand a command line.
 *
 * args     out; argv's texts are borrowed.
 * own      the program's own commands; NULL: none.
 * what     out, the argument that is wrong.
 * why      out, static text: what is wrong with it.
 * Returns  0; -1 with *what and *why.
 */
int
daemon_args_parse(struct daemon_args *args, const struct daemon_command *own,
    int argc, char *const *argv, const char **what, const char **why);

/* What a daemon tells of itself. */
struct daemon_about {
	const char *name;
	const char *usage; /* whole lines */
	void (*example)(FILE *f);
};

/*
 * daemon_args_answer - do DAEMON_HELP, DAEMON_VERSION or DAEMON_EXAMPLE.
 *
 * Returns  EXITCODE_OK; EXITCODE_TRY_AGAIN: stdout did not take all of it,
 *          which stderr was told.
 */
int daemon_args_answer(const struct daemon_about *about, int action);

#endif
