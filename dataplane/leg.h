/*
 * leg - one direction of a pair: move its bytes, and learn what there is to
 * wait for next. Its states and what is watched for them stand in pump.c.
 */
#ifndef DATAPLANE_LEG_H
#define DATAPLANE_LEG_H

#include <stdbool.h>

#include "dataplane/pair.h"

#define LEG_ROUND_PIPES 4    /* pipes' worth it moves before others do */
#define LEG_LINGER_MS	2000 /* how long a broken pair may still deliver */

/* leg_from, leg_to - the leg whose source, or sink, e is. */
struct leg *leg_from(struct end *e);
struct leg *leg_to(struct end *e);

/*
 * leg_go - move bytes until something is to be waited for, or others are to
 * have theirs: then the state says what is waited for, and it may be true
 * already.
 *
 * is_readable  poll(2) said so of the source, and nothing was read since.
 */
void leg_go(struct leg *l, bool is_readable);

/* leg_finish - nothing more goes this way; what is in its pipe is lost. */
void leg_finish(struct leg *l);

/*
 * end_died - an end is known to be dead. What its socket still has to read is
 * passed on (that leg ends by itself, at the error or end it reads), nothing
 * more is written to it, and all that has its time: LEG_LINGER_MS.
 *
 * error  errno of its socket.
 */
void end_died(struct end *e, int error);

#endif
