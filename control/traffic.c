#include "control/traffic.h"

#include <assert.h>
#include <string.h>

#include "control/control.h"

static void
on_tick(struct deadline *d, void *arg)
{
	struct control *c = arg;
	struct traffic *t = &c->traffic;

	t->newest = (t->newest + 1) % TRAFFIC_SAMPLES;
	t->samples[t->newest] = t->bytes - t->sampled;
	t->sampled = t->bytes;
	(void)loop_arm(c->loop, d, TRAFFIC_SAMPLE_MS); /* its place is there */
}

int
traffic_init(struct control *c)
{
	memset(&c->traffic, 0, sizeof c->traffic);
	deadline_init(&c->traffic.tick, on_tick, c);
	return loop_arm(c->loop, &c->traffic.tick, TRAFFIC_SAMPLE_MS);
}

void
traffic_fini(struct control *c)
{
	loop_disarm(c->loop, &c->traffic.tick);
}

static uint64_t
figure(const struct ipc_node_beat *m, enum figure f)
{
	return (size_t)f < m->n_figures ? m->figures[f] : 0;
}

void
traffic_heard(
    struct control *c, struct node *node, const struct ipc_node_beat *m)
{
	uint64_t moved =
	    figure(m, FIGURE_BYTES_SPLICED) + figure(m, FIGURE_BYTES_COPIED);

	/* Its counters begin anew with the node, not with the session; none
	 * goes down, whatever a node says. */
	if (node->moved_epoch == node->epoch && moved > node->moved)
		c->traffic.bytes += moved - node->moved;
	node->moved_epoch = node->epoch;
	node->moved = moved;
}

uint64_t
traffic_per_s(const struct traffic *t, size_t n)
{
	uint64_t sum = 0;

	assert(n >= 1 && n <= TRAFFIC_SAMPLES);
	for (size_t i = 0; i < n; i++)
		sum += t->samples[(t->newest + TRAFFIC_SAMPLES - i) %
				  TRAFFIC_SAMPLES];
	return sum / (n * (TRAFFIC_SAMPLE_MS / 1000));
}
