#include "common/daemon_conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/ipcpath.h"
#include "common/log.h"
#include "common/nnlink.h"
#include "common/rundir.h"

const char *
daemon_conf_check_log_level(const char *text)
{
	enum log_level level;

	return log_level_parse(&level, text) == 0
		   ? NULL
		   : "one of debug, info, warn, error";
}

const char *
daemon_conf_check_log_addresses(const char *text)
{
	enum log_addresses addresses;

	return log_addresses_parse(&addresses, text) == 0
		   ? NULL
		   : "one of full, prefix, none";
}

int
daemon_conf_load(const struct conf_key *keys, void *out, const char *path,
    const char *const *settings, size_t n_settings, char *why)
{
	if (path == NULL)
		conf_defaults(keys, out);
	else if (conf_load(keys, out, path, why) == -1)
		return -1;
	for (size_t i = 0; i < n_settings; i++)
		if (conf_set(keys, out, settings[i], why) == -1) {
			conf_free(keys, out);
			return -1;
		}
	return 0;
}

int
daemon_conf_events_url(char **url, char *why)
{
	char dir[IPCPATH_CAP], *made = NULL;
	const char *what = "the runtime folder's path is too long";

	if (*url != NULL && **url != '\0')
		return 0;
	if (rundir_runtime(dir, sizeof dir) == 0 &&
	    asprintf(&made, "ipc://%s/control.events.ipc", dir) != -1 &&
	    nnlink_check_bind(made, &what) == 0) {
		free(*url);
		*url = made;
		return 0;
	}
	(void)snprintf(why, CONF_WHY_CAP,
	    "events_url: its default can't be made: %s", what);
	free(made);
	return -1;
}

void
daemon_conf_apply_log(const char *level, const char *addresses)
{
	enum log_level min = LOG_LEVEL_INFO;
	enum log_addresses how = LOG_ADDRESSES_FULL;

	(void)log_level_parse(&min, level); /* they were checked */
	(void)log_addresses_parse(&how, addresses);
	log_setup(min, how);
}
