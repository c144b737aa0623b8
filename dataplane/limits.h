/*
 * limits - descriptors: what the configuration needs, what the process may
 * have, and what becomes of max_connections when that is less.
 */
#ifndef DATAPLANE_LIMITS_H
#define DATAPLANE_LIMITS_H

#include <stdint.h>

#include "dataplane/config.h"

/*
 * limits_apply - raise RLIMIT_NOFILE to its hard limit, log what follows, and
 * lower c->max_connections if it has to be.
 *
 * why      out, CONF_WHY_CAP bytes: a sentence on failure.
 * Returns  0; -1: not even one connection could be had.
 */
int limits_apply(struct config *c, char *why);

/* limits_needed - descriptors that c needs; beside_public is how many of them
 * are not for public connections. */
uint64_t limits_needed(const struct config *c, uint64_t *beside_public);

#endif
