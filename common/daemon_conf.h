/*
 * daemon_conf - what the configurations of all daemons have in common: the
 * default of events_url, the keys log_level and log_addresses, and how they
 * are read.
 */
#ifndef COMMON_DAEMON_CONF_H
#define COMMON_DAEMON_CONF_H

#include <stddef.h>

#include "common/conf.h"

conf_check_fn daemon_conf_check_log_level;
conf_check_fn daemon_conf_check_log_addresses;

/* The rows of log_level and log_addresses, which owner, the daemon's struct,
 * has as char *; in braces as by CONF_KEY. */
#define DAEMON_CONF_LOG_LEVEL(owner)                                    \
	CONF_KEY(owner, STRING, log_level, 1, 16),                      \
	    .def = "info", .check = daemon_conf_check_log_level,        \
	    .help = "What is logged, this and what is more important: " \
		    "debug, info, warn or\nerror."
#define DAEMON_CONF_LOG_ADDRESSES(owner)                              \
	CONF_KEY(owner, STRING, log_addresses, 1, 16),                \
	    .def = "full", .check = daemon_conf_check_log_addresses,  \
	    .help = "Others' addresses in the log, and in control's " \
		    "status: full, prefix (the\nnetwork) or none."

/*
 * daemon_conf_load - defaults, the file over them, the settings over both.
 *
 * out       zeroed by the caller.
 * path      NULL: embedded defaults, no file is looked for.
 * settings  n_settings texts "KEY=VALUE".
 * why       out, CONF_WHY_CAP bytes: one line on failure.
 * Returns   0; -1, nothing to free.
 */
int daemon_conf_load(const struct conf_key *keys, void *out, const char *path,
    const char *const *settings, size_t n_settings, char *why);

/*
 * daemon_conf_events_url - the default, if *url is empty: ipc://, the runtime
 * folder (common/rundir.h), /control.events.ipc.
 *
 * url      from malloc; replaced.
 * why      out, CONF_WHY_CAP bytes: one line on failure.
 * Returns  0; -1.
 */
int daemon_conf_events_url(char **url, char *why);

/* daemon_conf_apply_log - log as these (checked) words say. */
void daemon_conf_apply_log(const char *level, const char *addresses);

#endif
