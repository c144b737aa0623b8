/*
 * join - two connections become a pair.
 */
#ifndef DATAPLANE_JOIN_H
#define DATAPLANE_JOIN_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/command.h"

struct pair;

/*
 * join_make - what two sockets become, options and limits set; the caller says
 * whose they were, and pairs_add has it pumped.
 *
 * fds      taken; non-blocking.
 * is_unix  for each, whether it is a UNIX socket.
 * Returns  NULL: no memory; the descriptors are the caller's still.
 */
struct pair *join_make(struct node *n, const int fds[2], const bool is_unix[2],
    const uint8_t tag[IPC_TAG_LEN], const struct ipc_limits *limits);

/* on_conn_pair - proto/IPC.md, 4.2. */
command_fn on_conn_pair;

#endif
