/*
 * call_private - what the parts of call share: call.c, from the peer's wish to
 * its turn and to the end; call_turn.c, its turn; call_join.c, the two who
 * come.
 */
#ifndef CONTROL_CALL_PRIVATE_H
#define CONTROL_CALL_PRIVATE_H

#include <stdint.h>

#include "control/arrival.h"
#include "control/call.h"

/* call_hold - a is the call's party of that side from now on: have it held, and
 * greeted as its frontend says. skip: bytes of it that are not the other's. */
void call_hold(struct control *c, struct call *call, enum call_side side,
    struct arrival *a, uint16_t skip);

/* call_on_gone - for arrivals that a call owns. */
arrival_gone_fn call_on_gone;

/* call_enter - the only way to another state. */
void call_enter(struct control *c, struct call *call, enum call_state state);

/* call_free - the call is over, why is the log's business: its place in the
 * quota was given back before, everything else it took is given back here. */
void call_free(struct control *c, struct call *call, enum call_end why);

/* call_finish - over without a pair; the client stays, whatever else needs it.
 */
void call_finish(struct control *c, struct call *call, enum call_end why);

/* calls_announce - everybody whose turn it is; the next turn by itself, if time
 * brings it. client may be freed. */
void calls_announce(struct control *c, struct client *client);

#endif
