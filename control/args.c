#include "control/args.h"

#include <string.h>

static const struct {
	const char *name;
	enum args_action action;
} ACTIONS[] = {
    {"--check", ARGS_CHECK},
    {"--example", ARGS_EXAMPLE},
    {"--init", ARGS_INIT},
    {"--version", ARGS_VERSION},
    {"--help", ARGS_HELP},
};

static int
take_action(struct args *args, const char *arg, const char **why)
{
	for (size_t i = 0; i < sizeof ACTIONS / sizeof ACTIONS[0]; i++) {
		if (strcmp(arg, ACTIONS[i].name) != 0)
			continue;
		if (args->action != ARGS_RUN) {
			*why =
			    "only one of --check, --example, --init, import, "
			    "--version and --help can be done at once";
			return -1;
		}
		args->action = ACTIONS[i].action;
		return 0;
	}
	*why = "there is no such option (--help shows all)";
	return -1;
}

static int
take_import(struct args *args, const char *file, const char **why)
{
	if (args->action != ARGS_RUN) {
		*why = "it is a command of its own";
		return -1;
	}
	if (file == NULL || file[0] == '-') {
		*why = "the file of a tx3-relay must follow";
		return -1;
	}
	args->action = ARGS_IMPORT;
	args->import = file;
	return 0;
}

static int
take_value(
    struct args *args, bool is_config, const char *value, const char **why)
{
	if (value == NULL) {
		*why =
		    is_config ? "a file must follow" : "KEY=VALUE must follow";
		return -1;
	}
	if (is_config && args->config != NULL) {
		*why = "it can be given once";
		return -1;
	}
	if (!is_config && args->n_settings == ARGS_SETTINGS_MAX) {
		*why = "it can be given 64 times: write a file";
		return -1;
	}
	if (is_config)
		args->config = value;
	else
		args->settings[args->n_settings++] = value;
	return 0;
}

int
args_parse(struct args *args, int argc, char *const *argv, const char **what,
    const char **why)
{
	memset(args, 0, sizeof *args);
	for (int i = 1; i < argc; i++) {
		bool is_config = strcmp(argv[i], "--config") == 0;

		*what = argv[i];
		if (is_config || strcmp(argv[i], "--set") == 0) {
			/* argv ends with a NULL */
			if (take_value(args, is_config, argv[++i], why) != 0)
				return -1;
		} else if (strcmp(argv[i], "import") == 0) {
			if (take_import(args, argv[++i], why) != 0)
				return -1;
		} else if (take_action(args, argv[i], why) != 0) {
			return -1;
		}
	}
	if (args->n_settings > 0 && args->action != ARGS_RUN &&
	    args->action != ARGS_CHECK) {
		*what = "--set";
		*why = "it is for a run or a --check";
		return -1;
	}
	return 0;
}
