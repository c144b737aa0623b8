/*
 * stop - ending in good order: nobody new, nobody pending, no pair, then
 * goodbye to control.
 */
#ifndef DATAPLANE_STOP_H
#define DATAPLANE_STOP_H

#include <stdbool.h>

#include "common/deadline.h"
#include "dataplane/command.h"

#define STOP_PAIRS_MS 2000 /* for the workers to end their pairs */

struct stop {
	bool wanted;
	bool said_bye;
	struct deadline deadline; /* each step has its own */
};

/* stop_init - nothing wanted yet. */
void stop_init(struct node *n);

/* stop_begin - a signal came: end. The second time at once. */
void stop_begin(void *node);

/* stop_advance - if an end is wanted: the next step when this one is done. */
void stop_advance(struct node *n);

/* on_bye_ack - proto/IPC.md, 5.5. */
command_fn on_bye_ack;

#endif
