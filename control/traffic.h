/*
 * traffic - how much all nodes moved between the ends of their pairs since
 * control began, as their beats tell, and how fast of late.
 */
#ifndef CONTROL_TRAFFIC_H
#define CONTROL_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "common/deadline.h"
#include "proto/ipc.h"

struct control;
struct node;

enum {
	TRAFFIC_SAMPLE_MS = 10000,
	TRAFFIC_SAMPLES = 360 /* an hour */
};

struct traffic {
	uint64_t bytes;
	uint64_t sampled; /* bytes, when the newest sample was taken */
	uint64_t samples[TRAFFIC_SAMPLES]; /* bytes moved in each */
	size_t newest;
	struct deadline tick;
};

/* traffic_init - nothing was moved; sampling begins. Returns 0; -1: no memory.
 */
int traffic_init(struct control *c);

/* traffic_fini - no more samples. */
void traffic_fini(struct control *c);

/* traffic_heard - a beat of node's session: what it moved since the one
 * before. Its first beat to this control comes as its session begins: what it
 * moved until then was an earlier control's. */
void traffic_heard(
    struct control *c, struct node *node, const struct ipc_node_beat *m);

/* traffic_per_s - bytes a second over the newest n samples, n in
 * 1..TRAFFIC_SAMPLES; before the first there was nothing. */
uint64_t traffic_per_s(const struct traffic *t, size_t n);

#endif
