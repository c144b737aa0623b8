/*
 * start - the start-up in the order of privilege: what needs root first, then
 * everything else without it.
 */
#ifndef DATAPLANE_START_H
#define DATAPLANE_START_H

#include "dataplane/node.h"

/*
 * start_node - from a configuration to a node that runs and is ready.
 *
 * why      out, CONF_WHY_CAP bytes: a sentence on failure.
 * Returns  EXITCODE_OK; else the exit code (node_fini frees what was made).
 */
int start_node(struct node *n, char *why);

#endif
