/*
 * ask - showing a connection's bytes to control, within two budgets: how many
 * asks may be without a verdict, and how many of one source. While nobody can
 * be asked, connections are parked for a while.
 */
#ifndef DATAPLANE_ASK_H
#define DATAPLANE_ASK_H

#include "dataplane/pending.h"

#define ASK_PARKED_MAX 1024 /* newcomers kept while there is no session */

/* ask_newcomer - p's first bytes are there: ask, or park it, or close it
 * (LIMIT_ASKS, NO_CONTROL). p is in PREAMBLE. */
void ask_newcomer(struct pending *p);

/* ask_more - the bytes that control wanted are there, or a FIN came instead:
 * show them, or close it (LIMIT_ASKS). p is in WAITING. */
void ask_more(struct pending *p);

/* ask_parked - ask for what is parked, the oldest first, as far as the budget
 * goes; the rest when verdicts made room. Does nothing without a session. */
void ask_parked(struct node *n);

/* ask_session_lost - whoever knew the connections is gone: those that are as
 * they came are parked, the others closed, CONTROL_LOST. */
void ask_session_lost(struct node *n);

#endif
