/*
 * config_keys - the one table of splice.yml's keys: from it come the reader,
 * the checks, the defaults and the example.
 */
#ifndef DATAPLANE_CONFIG_KEYS_H
#define DATAPLANE_CONFIG_KEYS_H

#include "common/conf.h"

extern const struct conf_key CONFIG_KEYS[]; /* of struct config */

#endif
