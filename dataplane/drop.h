/*
 * drop - ending a connection because control said so. The orderly way says a
 * last word and reads on for a while: closing over unread bytes would send a
 * reset, and that can eat the word.
 */
#ifndef DATAPLANE_DROP_H
#define DATAPLANE_DROP_H

#include "dataplane/command.h"
#include "dataplane/pending.h"

#define DROP_DRAIN_MAX 65536 /* bytes; proto/IPC.md, 4.2 */
#define DROP_DRAIN_MS  2000  /* ms; the same */

/* drop_look - throw away what p's peer still sends. p is in DRAINING. */
void drop_look(struct pending *p);

/* on_conn_drop - proto/IPC.md, 4.2. */
command_fn on_conn_drop;

#endif
