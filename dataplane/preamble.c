#include "dataplane/preamble.h"

#include <errno.h>

#include "common/fd.h"
#include "dataplane/ask.h"
#include "dataplane/node.h"
#include "dataplane/stream.h"

void
preamble_look(struct pending *p)
{
	bool newcomer = p->state == PENDING_PREAMBLE;
	/* Before the peek: what comes in between is only seen too early. */
	bool finished = stream_look(p->fd, p->is_unix) != STREAM_OPEN;
	ssize_t n = stream_peek(p->fd, p->node->scratch, p->want);

	if (n == -1 && errno != EAGAIN)
		pending_close(p, stream_reason(errno));
	else if (n == 0 && newcomer)
		pending_close(p, REASON_PEER_FIN);
	else if (n < (ssize_t)p->want && !finished)
		return;
	else
		ask_about(p);
}

enum command_result
on_conn_wait(struct node *n, const struct ipc_msg *m)
{
	const struct ipc_conn_wait *b = &m->u.conn_wait;
	struct pending *p = command_find(n, b->conn);

	if (p == NULL)
		return COMMAND_DONE;
	if (p->state != PENDING_ASKED)
		return COMMAND_MALFORMED;
	p->want = b->n;
	/* Wakes us less often; without it we are only woken in vain. */
	(void)fd_set_rcvlowat(p->fd, b->n);
	pending_enter(p, PENDING_WAITING, b->ttl_ms);
	if (p->state == PENDING_WAITING)
		preamble_look(p);
	return COMMAND_DONE;
}
