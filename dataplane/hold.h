/*
 * hold - a connection that waits for its partner, its bytes unread in the
 * kernel.
 */
#ifndef DATAPLANE_HOLD_H
#define DATAPLANE_HOLD_H

#include "dataplane/command.h"
#include "dataplane/pending.h"

/* hold_look - see whether the held side ended, and do what control said is to
 * be done then. p is in HELD. */
void hold_look(struct pending *p);

/* on_conn_hold - proto/IPC.md, 4.2. */
command_fn on_conn_hold;

/*
 * hold_consume - take what control has read and say what it answers: the part
 * that three verdicts have in common.
 *
 * skip     bytes, at most p->shown.
 * Returns  NONE; else why p can't go on (p is as it was or spoilt).
 */
enum reason
hold_consume(struct pending *p, size_t skip, const struct ipc_bytes *say);

#endif
