/*
 * ask - showing a connection's bytes to control, as far as the budget goes
 * (budget.h). A connection that can't be asked about at once, because the
 * budget is spent or nobody is there to be asked, is parked for a while.
 */
#ifndef DATAPLANE_ASK_H
#define DATAPLANE_ASK_H

#include "dataplane/pending.h"

/* ask_about - the bytes that p waited for are there, len of them now in the
 * node's scratch: ask, or park it, or close it (LIMIT_ASKS, NO_CONTROL: too many are parked). p is in PREAMBLE, or in
 * WAITING: then its answer is CONN_MORE. */
void ask_about(struct pending *p, size_t len);

/* ask_parked - ask about what is parked, as far as the budget goes. Does
 * nothing without a session. */
void ask_parked(struct node *n);

/* ask_soon - there is room in the budget: ask_parked, at the end of the loop's
 * turn, since the caller is in the middle of a connection. */
void ask_soon(struct node *n);

/* ask_give_up - p can't be parked, or not any longer: close it (LIMIT_ASKS,
 * NO_CONTROL). */
void ask_give_up(struct pending *p);

/* ask_session_lost - whoever knew the connections is gone: those that are as
 * they came are parked, all of them, the others closed, CONTROL_LOST. */
void ask_session_lost(struct node *n);

#endif
