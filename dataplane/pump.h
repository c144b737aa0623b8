/*
 * pump - move a pair's bytes, in the worker that has it. The invariant that
 * keeps wake-ups from being lost stands in pump.c.
 */
#ifndef DATAPLANE_PUMP_H
#define DATAPLANE_PUMP_H

#include "dataplane/pair.h"

#define PUMP_SETTLE_MS 20 /* between looks at what a broken pair has unsent */

/* pump_start - pump p until it ends, or is passed on to a thread
 * (worker_is_outgrown); either may be at once, and then it is not to be
 * touched. In the thread that runs w's loop, as all of these. */
void pump_start(struct worker *w, struct pair *p);

/* pump_end - it is over: FINISHED closes its sockets in an orderly way, every
 * other reason resets them. Reported once; p is not to be touched after. */
void pump_end(struct pair *p, enum reason why);

/* pump_cut - end it for the reason for which its worker ends all
 * (worker_end_pairs). */
void pump_cut(struct pair *p);

/* pump_abandon - stop pumping without a report. Returns p, the caller's. */
struct pair *pump_abandon(struct pair *p);

#endif
