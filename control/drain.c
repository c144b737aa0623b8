#include "control/drain.h"

#include "common/log.h"
#include "control/control.h"
#include "control/node_send.h"

int
drain_ask(struct control *c, struct node *node, uint32_t timeout_ms)
{
	if (node->session == 0)
		return -1;
	log_info("drain-asked", "node=%s timeout_ms=%lld", node->name,
	    timeout_ms == IPC_DRAIN_OWN_MS ? -1LL : (long long)timeout_ms);
	node_send_drain(c, node, timeout_ms);
	return 0;
}

/* Callers come before the clients do: they are held meanwhile. */
static void
begin(struct control *c, struct node *node, uint32_t left_ms)
{
	size_t n_streams;

	node->drains = true;
	early_expect(c);
	n_streams = streams_leave(c, node);
	log_info("node-draining", "node=%s pairs=%u streams=%zu left_ms=%u",
	    node->name, (unsigned)node->n_pairs, n_streams, (unsigned)left_ms);
}

void
drain_heard(struct control *c, struct node *node, const struct ipc_node_beat *m)
{
	if ((m->flags & IPC_NODE_DRAINS) == 0)
		return; /* a drain is for good */
	node->drain_until_ms = loop_now_ms(c->loop) + m->drain_ms;
	if (!node->drains)
		begin(c, node, m->drain_ms);
}

uint64_t
drain_left_ms(const struct control *c, const struct node *node)
{
	uint64_t now_ms = loop_now_ms(c->loop);

	if (!node->drains || node->drain_until_ms <= now_ms)
		return 0;
	return node->drain_until_ms - now_ms;
}
