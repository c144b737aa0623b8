#include "common/daemon_args.h"

#include <stdbool.h>
#include <string.h>

#include "common/exitcode.h"
#include "common/output.h"

static const struct daemon_command SHARED[] = {
    {"--check", DAEMON_CHECK, NULL, NULL},
    {"--example", DAEMON_EXAMPLE, NULL, NULL},
    {"--version", DAEMON_VERSION, NULL, NULL},
    {"--help", DAEMON_HELP, NULL, NULL},
    {NULL, 0, NULL, NULL},
};

static const struct daemon_command *
find_command(const struct daemon_command *list, const char *name)
{
	for (; list != NULL && list->name != NULL; list++)
		if (strcmp(list->name, name) == 0)
			return list;
	return NULL;
}

/* operand is the next argument; NULL at the end of the line. */
static int
take_command(struct daemon_args *args, const struct daemon_command *command,
    const char *operand, const char **why)
{
	if (command == NULL) {
		*why = "there is no such option (--help shows all)";
		return -1;
	}
	if (args->action != DAEMON_RUN) {
		*why = "only one thing can be done at once (--help shows all)";
		return -1;
	}
	if (command->operand != NULL &&
	    (operand == NULL || operand[0] == '-')) {
		*why = command->operand;
		return -1;
	}
	args->action = command->action;
	if (command->operand != NULL)
		args->operand = operand;
	return 0;
}

static int
take_config(struct daemon_args *args, const char *file, const char **why)
{
	if (file == NULL || args->config != NULL) {
		*why = file == NULL ? "a file must follow"
				    : "it can be given once";
		return -1;
	}
	args->config = file;
	return 0;
}

static int
take_setting(struct daemon_args *args, const char *setting, const char **why)
{
	if (setting == NULL || args->n_settings == DAEMON_SETTINGS_MAX) {
		*why = setting == NULL
			   ? "KEY=VALUE must follow"
			   : "it can be given 64 times: write a file";
		return -1;
	}
	args->settings[args->n_settings++] = setting;
	return 0;
}

/* All that is left. Returns how many they are. */
static int
take_rest(struct daemon_args *args, char *const *argv)
{
	args->rest = argv;
	while (argv[args->n_rest] != NULL)
		args->n_rest++;
	return (int)args->n_rest;
}

/* One argument, and what belongs to it. argv ends with a NULL.
 * Returns how many were taken; -1. */
static int
take(struct daemon_args *args, const struct daemon_command *own,
    char *const *argv, const char **why)
{
	const struct daemon_command *command;

	if (strcmp(argv[0], "--config") == 0)
		return take_config(args, argv[1], why) == 0 ? 2 : -1;
	if (strcmp(argv[0], "--set") == 0)
		return take_setting(args, argv[1], why) == 0 ? 2 : -1;
	command = find_command(own, argv[0]);
	if (command == NULL)
		command = find_command(SHARED, argv[0]);
	if (take_command(args, command, argv[1], why) == -1)
		return -1;
	if (command->operand == NULL)
		return 1;
	if (command->rest_of != NULL &&
	    strcmp(args->operand, command->rest_of) == 0)
		return 2 + take_rest(args, argv + 2);
	return 2;
}

int
daemon_args_parse(struct daemon_args *args, const struct daemon_command *own,
    int argc, char *const *argv, const char **what, const char **why)
{
	memset(args, 0, sizeof *args);
	for (int i = 1; i < argc;) {
		int n_taken;

		*what = argv[i];
		n_taken = take(args, own, argv + i, why);
		if (n_taken == -1)
			return -1;
		i += n_taken;
	}
	if (args->n_settings > 0 && args->action != DAEMON_RUN &&
	    args->action != DAEMON_CHECK) {
		*what = "--set";
		*why = "it is for a run or a --check";
		return -1;
	}
	return 0;
}

int
daemon_args_answer(const struct daemon_about *about, int action)
{
	if (action == DAEMON_HELP)
		(void)fputs(about->usage, stdout);
	else if (action == DAEMON_VERSION)
		(void)printf("%s %s\n", about->name, CARRICK_VERSION);
	else
		about->example(stdout);
	return output_finish(about->name, EXITCODE_OK);
}
