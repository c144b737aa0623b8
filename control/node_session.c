#include "control/node_session.h"

#include <string.h>

#include "common/log.h"
#include "control/arrival.h"
#include "control/control.h"
#include "control/drain.h"
#include "control/node_send.h"

void
node_session_end(struct control *c, struct node *node, const char *why)
{
	if (node->session == 0)
		return;
	log_info("node-lost", "node=%s reason=%s pairs=%u ms=%llu", node->name,
	    why, (unsigned)node->n_pairs,
	    (unsigned long long)(loop_now_ms(c->loop) - node->session_ms));
	c->counters.counts[COUNT_SESSIONS_LOST]++;
	(void)table_remove(&c->nodes.by_session, &node->session);
	node->session = 0;
	seals_end(node);
	node->is_broken = node->is_ack_due = node->drains = false;
	arrival_end_all(c, node, ARRIVAL_NODE_LOST);
	pairs_lose(c, node);
}

/* Releases go on where they were; a node that began anew, or a control that
 * did, begins with the oldest that the node still has. If others were taken
 * from it, there was another control, whose clients are yet to come here. */
static void
continue_releases(
    struct control *c, struct node *node, uint64_t epoch, uint64_t first_seq)
{
	if (node->epoch != epoch && first_seq > 1)
		early_expect(c);
	if (node->epoch != epoch || first_seq > node->next_seq)
		node->next_seq = first_seq;
	node->n_starts += node->epoch != epoch;
	node->epoch = epoch;
}

static void
take_session(struct node *node, const struct ipc_msg *m, uint64_t now_ms)
{
	const struct ipc_node_ready *ready = &m->u.node_ready;

	node->session = m->to;
	node->session_ms = node->heard_ms = node->named_ms = now_ms;
	node->n_mismatches = 0;
	node->has_beat = false;
	memcpy(node->build, ready->build, sizeof node->build);
	node->features = ready->features;
	node->accept = ready->accept;
	node->n_listeners = ready->n_listeners;
	memcpy(node->listeners, ready->listeners, sizeof node->listeners);
}

void
node_session_begin(
    struct control *c, struct node *node, const struct ipc_msg *m)
{
	node_session_end(c, node, NODE_LOST_ANEW);
	nnlink_out_flush(node->link.out);
	node->wait = (struct node_wait){0};
	seals_begin(c, node);
	if (table_put(&c->nodes.by_session, &m->to, node) != 0)
		return; /* no memory: the node misses beats and comes again */
	continue_releases(c, node, m->from, m->u.node_ready.first_seq);
	take_session(node, m, loop_now_ms(c->loop));
	c->counters.counts[COUNT_SESSIONS]++;
	log_info("node-ready", "node=%s build=%s listeners=%u", node->name,
	    log_str(node->build).s, (unsigned)node->n_listeners);
	node_ask_pairs(c, node);
	publish_node(c, node);
}

void
node_ask_pairs(struct control *c, struct node *node)
{
	node->n_mismatches = 0;
	node->ask++;
	node_send_pair_list_ask(c, node, node->ask);
}

void
node_beat(struct control *c, struct node *node, const struct ipc_node_beat *m)
{
	enum { MISMATCHES = 3 }; /* in a row; IPC.md 5.4 */

	node->n_pending = m->n_pending;
	node->beat_pairs = m->n_pairs;
	node->has_beat = true;
	memset(node->figures, 0, sizeof node->figures);
	memcpy(
	    node->figures, m->figures, m->n_figures * sizeof node->figures[0]);
	traffic_heard(c, node, m);
	drain_heard(c, node, m);
	if (m->n_pairs == node->n_pairs)
		node->n_mismatches = 0;
	else if (++node->n_mismatches >= MISMATCHES)
		node_ask_pairs(c, node);
}

void
node_bye(struct control *c, struct node *node)
{
	if (node->is_ack_due)
		node_send_release_ack(c, node, node->next_seq - 1);
	node_send_bye_ack(c, node);
	node->goodbye.start = node->n_starts;
	node->goodbye.n_cut =
	    node->has_beat ? node->figures[FIGURE_PAIRS_ENDED + REASON_DRAINED]
			   : 0;
	node_session_end(c, node, NODE_LOST_BYE);
	pairs_forget(c, node);
}

bool
node_release(struct control *c, struct node *node, uint64_t seq)
{
	if (seq > node->next_seq) {
		c->counters.events_dropped[EVENT_DROP_SEQ_GAP]++;
		return false;
	}
	node->is_ack_due = true;
	if (seq < node->next_seq) {
		c->counters.events_dropped[EVENT_DROP_SEQ_AGAIN]++;
		return false;
	}
	node->next_seq++;
	return true;
}

void
node_session_tick(struct control *c, struct node *node)
{
	uint64_t now_ms = loop_now_ms(c->loop);

	if (!nnlink_out_is_connected(node->link.out)) {
		node_session_end(c, node, NODE_LOST_DISCONNECTED);
	} else if (now_ms - node->heard_ms >= IPC_LOST_MS) {
		node_session_end(c, node, NODE_LOST_SILENT);
	} else if (now_ms - node->beat_ms >= IPC_BEAT_MS) {
		node->beat_ms = now_ms;
		node_send_beat(c, node);
	}
}
