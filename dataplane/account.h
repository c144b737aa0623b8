/*
 * account - what a node counts. The order of the figures, and what each means,
 * is proto/figures.h's.
 */
#ifndef DATAPLANE_ACCOUNT_H
#define DATAPLANE_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "proto/figures.h"
#include "proto/reason.h"

struct node;

/* Counters of the main thread; gauges and what workers count are added when
 * the figures are asked for. */
struct account {
	uint64_t counters[FIGURE_COUNT];
	uint64_t pending_ended[REASON_COUNT];
	uint64_t pairs_ended[REASON_COUNT];
};

/* account_figures - all figures as NODE_BEAT carries them. */
void account_figures(const struct node *n, uint64_t figures[FIGURE_WIRE_COUNT]);

#endif
