/*
 * command - one command of `carrick`: its options and operands as a table,
 * from which come the parser, its errors and the help.
 */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define COMMAND_LIST_MAX 64 /* values of an option that may be repeated */
#define COMMAND_WHY_CAP	 256

enum command_type {
	COMMAND_FLAG,	/* bool; takes no value */
	COMMAND_TEXT,	/* const char *, borrowed from argv; NULL = not given */
	COMMAND_TEXTS,	/* struct command_list; may be repeated */
	COMMAND_NUMBER, /* uint32_t in min..max; 0 = not given */
	COMMAND_OPERAND /* const char *; one without a name, in its place */
};

struct command_list {
	size_t n;
	const char *items[COMMAND_LIST_MAX]; /* borrowed from argv */
};

struct command_arg {
	const char *name;  /* with its "--"; an operand's is NULL */
	const char *value; /* what the value is called; NULL for a flag */
	enum command_type type;
	size_t offset; /* in the command's struct */
	uint32_t min;  /* of a number; of a text: 1 = it must be given */
	uint32_t max;
	const char *help;
};

/* command_run_fn - do it. args is the command's own struct, filled in.
 * Returns an exit code of common/exitcode.h. */
typedef int command_run_fn(const void *args);

struct command {
	const char *name;
	const char *summary;		/* one line for the list */
	const char *help;		/* paragraphs behind the options */
	const struct command_arg *args; /* ends with type OPERAND, value NULL */
	size_t args_size;
	command_run_fn *run;
};

/* One a file, in the order of the list. */
extern const struct command COMMAND_ID;
extern const struct command COMMAND_EXPOSE;
extern const struct command COMMAND_CONNECT;
extern const struct command COMMAND_FORWARD;
extern const struct command COMMAND_PING;
extern const struct command COMMAND_STATUS;
extern const struct command COMMAND_DRAIN;

enum command_answer { COMMAND_GO, COMMAND_HELP, COMMAND_BAD };

/*
 * command_parse - read what follows the command's name.
 *
 * "--name VALUE" and "--name=VALUE" are the same, options and operands come
 * in any order, and "--" ends the options.
 *
 * argv     n of them; borrowed as long as out is used.
 * out      args_size bytes, zeroed by the caller.
 * why      out, COMMAND_WHY_CAP bytes; a sentence with COMMAND_BAD: unknown
 *          option, a value missing, empty or not asked for, one given twice, a
 *          number out of range, a text that must be given, an operand too
 *          few or too many.
 * Returns  COMMAND_HELP as soon as --help or -h is met.
 */
enum command_answer command_parse(
    const struct command *c, size_t n, char *const *argv, void *out, char *why);

/* command_is_help - whether word asks for help: --help or -h. */
bool command_is_help(const char *word);

/* command_usage - the line "carrick NAME [--option VALUE] OPERAND". */
void command_usage(const struct command *c, FILE *f);

/* command_help - usage, options and the paragraphs. */
void command_help(const struct command *c, FILE *f);

#endif
