#include "dataplane/hold.h"

#include <errno.h>

#include "dataplane/link.h"
#include "dataplane/node.h"
#include "dataplane/stream.h"

enum reason
hold_consume(struct pending *p, size_t skip, const struct ipc_bytes *say)
{
	if (skip > 0 || say->len > 0)
		p->touched = true;
	if (stream_discard(p->fd, p->is_unix, skip, p->node->scratch,
		sizeof p->node->scratch) == -1)
		return stream_reason(errno);
	p->shown -= skip;
	if (stream_say(p->fd, say->p, say->len) == -1)
		return stream_reason(errno);
	return REASON_NONE;
}

static void
tell_fin(struct pending *p)
{
	struct ipc_msg m = {.type = IPC_CONN_FIN};

	m.u.conn_fin.conn = p->conn;
	p->fin_told = true;
	link_send(p->node, &m);
}

void
hold_look(struct pending *p)
{
	if (p->seen != STREAM_FINISHED)
		return; /* a reset was the end of it, at its news */
	if (p->on_fin == IPC_FIN_DROPS)
		pending_close(p, REASON_PEER_FIN);
	else if (!p->fin_told)
		tell_fin(p);
}

enum command_result
on_conn_hold(struct node *n, const struct ipc_msg *m)
{
	const struct ipc_conn_hold *b = &m->u.conn_hold;
	struct pending *p = command_find(n, b->conn);
	enum reason why;

	if (p == NULL)
		return COMMAND_DONE;
	if (p->state != PENDING_ASKED || b->skip > p->shown)
		return COMMAND_MALFORMED;
	why = hold_consume(p, b->skip, &b->say);
	if (why != REASON_NONE) {
		pending_close(p, why);
		return COMMAND_DONE;
	}
	p->on_fin = (enum ipc_on_fin)b->on_fin;
	pending_enter(p, PENDING_HELD, b->ttl_ms);
	if (p->state == PENDING_HELD)
		hold_look(p); /* what came before is not reported again */
	return COMMAND_DONE;
}
