/*
 * command - what control says: one handler for each message of proto/IPC.md
 * that goes this way, in a table indexed by the message.
 *
 * Control is trusted, so a command of its session that is malformed or
 * impossible means that the two no longer understand each other: the session
 * is given up. What does not prove the session by its epochs is counted.
 */
#ifndef DATAPLANE_COMMAND_H
#define DATAPLANE_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "proto/ipc.h"

struct node;
struct pending;

enum command_result { COMMAND_DONE, COMMAND_MALFORMED };

/* command_fn - do what m says; its views are borrowed for the call. */
typedef enum command_result command_fn(struct node *n, const struct ipc_msg *m);

/* command_receive - one message from the commands pipeline. */
void command_receive(struct node *n, const void *p, size_t len);

/* command_find - the connection that a verdict is about; NULL if it is gone:
 * that is ordinary (the two crossed), and counted. */
struct pending *command_find(struct node *n, uint64_t conn);

#endif
