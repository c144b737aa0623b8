/*
 * stop - ending in good order, by a signal or because control says so: nobody
 * new; who is here may finish, for a time; what is left is cut; control hears
 * of all that ended; goodbye. proto/IPC.md, 5.6 and 5.5.
 */
#ifndef DATAPLANE_STOP_H
#define DATAPLANE_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/deadline.h"
#include "dataplane/command.h"

/* ms from a drain's beginning: for connections that have said nothing to say
 * it, and for control to part from its clients in good order. */
#define STOP_GRACE_MS	 1000
#define STOP_PAIRS_MS	 2000 /* for the workers to end their pairs */
#define STOP_RELEASES_MS 2000 /* for control to acknowledge what ended */

enum stop_step {
	STOP_NOT,	/* nobody wants an end */
	STOP_DRAINING,	/* nobody new; who is here may finish */
	STOP_CUTTING,	/* the workers end what is left */
	STOP_RELEASING, /* control hears of all that ended */
	STOP_GOODBYE	/* and of this */
};

struct stop {
	enum stop_step step;
	unsigned n_signals;
	bool grace_is_over;
	uint64_t began_ms;	  /* DRAINING */
	uint64_t until_ms;	  /* DRAINING: when it cuts */
	struct deadline deadline; /* each step has its own */
};

/* stop_init - nothing wanted yet. */
void stop_init(struct node *n);

/* stop_fini - from now on nothing of it happens. */
void stop_fini(struct node *n);

/* stop_signal - a signal came: drain for drain_timeout_ms; the second time
 * end now; the third time at once, in no order. node is a struct node. */
void stop_signal(void *node);

/* stop_drain - drain for so long from now. Once it drains this is a new time;
 * once it is cutting this does nothing. */
void stop_drain(struct node *n, uint64_t timeout_ms);

/* stop_advance - if an end is wanted: the next step if this one is done. Not
 * while pending connections are being walked through. */
void stop_advance(struct node *n);

/* stop_is_wanted - whether nobody new is to come here. */
bool stop_is_wanted(const struct node *n);

/* stop_left_ms - until what is left is cut; 0 unless it drains. */
uint64_t stop_left_ms(const struct node *n);

/* on_drain, on_bye_ack - proto/IPC.md, 5.6 and 5.5. */
command_fn on_drain;
command_fn on_bye_ack;

#endif
