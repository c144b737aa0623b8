/*
 * silence - what a node without a session says in its log: whom it waits for,
 * and what is known of why. nanomsg says nothing of a control that it does not
 * reach, and control nothing to a node that it does not let in.
 */
#ifndef DATAPLANE_SILENCE_H
#define DATAPLANE_SILENCE_H

#include <stdint.h>

#include "proto/addr.h"

/* Ticks of either kind before the first record of it (5 s), and until each
 * further one (1 min). A way that was just made anew (UPLINK_RENEW_MS) is not
 * up at once: so only ticks in a row say that nobody is reached. */
#define SILENCE_FIRST 20
#define SILENCE_AGAIN 240

struct node;

struct silence {
	uint64_t since_ms;
	unsigned n_unreached; /* ticks with nobody to say hello to, in a row */
	unsigned n_hellos;    /* ticks with a hello that nobody answered */
};

/* silence_begin - there is no session from now on. */
void silence_begin(struct node *n);

/* silence_unreached - a tick: there is no connection to control's events. */
void silence_unreached(struct node *n);

/* silence_unanswered - a tick: there is, and a hello went there, which told
 * where our commands come in. */
void silence_unanswered(struct node *n, const struct addr *commands);

#endif
