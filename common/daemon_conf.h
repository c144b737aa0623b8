/*
 * daemon_conf - what the configurations of all daemons have in common: the
 * keys events_url, log_level and log_addresses, and how they are read.
 */
#ifndef COMMON_DAEMON_CONF_H
#define COMMON_DAEMON_CONF_H

#include <stddef.h>

#include "common/conf.h"

/* conf_check_fn of the shared keys. */
conf_check_fn daemon_conf_check_log_level;
conf_check_fn daemon_conf_check_log_addresses;

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
