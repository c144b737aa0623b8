/*
 * join - two pending connections become a pair.
 */
#ifndef DATAPLANE_JOIN_H
#define DATAPLANE_JOIN_H

#include "dataplane/command.h"

/* on_conn_pair - proto/IPC.md, 4.2. */
command_fn on_conn_pair;

#endif
