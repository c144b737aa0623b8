#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/command.h"
#include "client/fault.h"
#include "common/exitcode.h"
#include "common/fd.h"
#include "common/output.h"

static const struct command *const COMMANDS[] = {&COMMAND_ID, &COMMAND_EXPOSE,
    &COMMAND_CONNECT, &COMMAND_FORWARD, &COMMAND_PING, &COMMAND_STATUS,
    &COMMAND_DRAIN};

#define N_COMMANDS (sizeof COMMANDS / sizeof *COMMANDS)

static const char OVERVIEW[] =
    "\ncarrick help COMMAND says more; carrick --version, which one this is.\n"
    "Addresses: tx3-rst://HOST:PORT/DIGEST or tx3:DIGEST/rst/HOST:PORT/, and\n"
    "with st instead of rst without a relay.\n"
    "Exit codes: 0 fine, 2 usage, 3 identity, 4 relay not reached, 5 the\n"
    "relay's key is not the address's, 6 nobody answers there, 7 the peer's\n"
    "key is not the address's, 75 it broke off or may work later.\n";

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(COMMANDS[i]->name, name) == 0)
			return COMMANDS[i];
	}
	return NULL;
}

__attribute__((format(printf, 1, 2))) static int
wrong(const char *fmt, ...)
{
	char text[FAULT_TEXT_CAP];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "carrick: %s; carrick help lists the commands\n",
	    fault_plain(text));
	return EXITCODE_USAGE;
}

static int
overview(void)
{
	(void)printf("usage: carrick COMMAND ...\n\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		(void)printf(
		    "  %-8s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
	(void)printf("%s", OVERVIEW);
	return EXITCODE_OK;
}

static int
help(int n, char *const *argv)
{
	const struct command *c;

	if (n == 0)
		return overview();
	if (n > 1)
		return wrong("help is about one command");
	c = find(argv[0]);
	if (c == NULL)
		return wrong("there is no command \"%.80s\"", argv[0]);
	command_help(c, stdout);
	return EXITCODE_OK;
}

static int
run(const struct command *c, int n, char *const *argv)
{
	void *args = calloc(1, c->args_size);
	char why[COMMAND_WHY_CAP];
	int code = EXITCODE_OK;

	if (args == NULL) {
		(void)fprintf(stderr, "carrick: %s\n", strerror(errno));
		return EXITCODE_TRY_AGAIN;
	}
	switch (command_parse(c, (size_t)n, argv, args, why)) {
	case COMMAND_GO:
		code = c->run(args);
		break;
	case COMMAND_HELP:
		command_help(c, stdout);
		break;
	case COMMAND_BAD:
		(void)fprintf(stderr, "carrick %s: %s; usage: ", c->name, why);
		command_usage(c, stderr);
		code = EXITCODE_USAGE;
		break;
	}
	free(args);
	return code;
}

static int
version(int n)
{
	if (n > 0)
		return wrong("--version stands alone");
	(void)printf("carrick %s\n", CARRICK_VERSION);
	return EXITCODE_OK;
}

static int
dispatch(int argc, char *const *argv)
{
	const struct command *c;

	if (argc < 2)
		return wrong("a command is missing");
	if (strcmp(argv[1], "help") == 0 || command_is_help(argv[1]))
		return help(argc - 2, argv + 2);
	if (strcmp(argv[1], "--version") == 0)
		return version(argc - 2);
	c = find(argv[1]);
	if (c == NULL)
		return wrong("there is no command \"%.80s\"", argv[1]);
	return run(c, argc - 2, argv + 2);
}

int
main(int argc, char **argv)
{
	if (fd_open_standard() == -1)
		return EXITCODE_TRY_AGAIN;
	return output_finish("carrick", dispatch(argc, argv));
}
