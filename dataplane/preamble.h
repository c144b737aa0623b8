/*
 * preamble - a connection's first bytes: waited for, looked at, never
 * consumed.
 */
#ifndef DATAPLANE_PREAMBLE_H
#define DATAPLANE_PREAMBLE_H

#include "dataplane/command.h"
#include "dataplane/pending.h"

/* preamble_look - see whether the bytes that p waits for are there, and show
 * them to control then. p is in PREAMBLE or WAITING. */
void preamble_look(struct pending *p);

/* preamble_end - no bytes are waited for any more: the socket has news at every
 * byte again. */
void preamble_end(struct pending *p);

/* on_conn_wait - control wants to see more bytes; proto/IPC.md, 4.2. */
command_fn on_conn_wait;

#endif
