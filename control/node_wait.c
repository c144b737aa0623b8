#include "control/node_wait.h"

#include <inttypes.h>

#include "common/log.h"
#include "control/control.h"

static bool
is_due(const struct node_wait *w, uint64_t now_ms)
{
	return now_ms - w->since_ms >= NODE_WAIT_FIRST_MS &&
	       (w->said_ms == 0 || now_ms - w->said_ms >= NODE_WAIT_AGAIN_MS);
}

void
node_wait_welcomed(struct control *c, struct node *node)
{
	struct node_wait *w = &node->wait;
	uint64_t now_ms = loop_now_ms(c->loop);

	if (node->session != 0)
		return;
	if (w->since_ms == 0 || now_ms - w->welcomed_ms >= NODE_WAIT_FIRST_MS)
		w->since_ms = now_ms;
	w->welcomed_ms = now_ms;
	if (!is_due(w, now_ms))
		return;
	w->said_ms = now_ms;
	log_warn("node-silent",
	    "node=%s ms=%" PRIu64 " way=\"%s\" what=\"it says hello and does "
	    "not answer: if this is not connected to its commands, what keeps "
	    "the way there closed? else its log says more\"",
	    node->name, now_ms - w->since_ms, nnlink_out_way(node->link.out));
}
