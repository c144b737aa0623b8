/*
 * config_keys - the one table of control.yml's keys: from it come the reader,
 * the checks, the defaults and the example.
 */
#ifndef CONTROL_CONFIG_KEYS_H
#define CONTROL_CONFIG_KEYS_H

#include "common/conf.h"

extern const struct conf_key CONFIG_KEYS[];	     /* of struct config */
extern const struct conf_key CONFIG_IDENTITY_KEYS[]; /* config_identity */

#endif
