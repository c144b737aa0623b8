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
	ssize_t n = stream_peek(
	    p->fd, p->node->scratch, newcomer ? IPC_FIRST_MAX : p->want);

	if (n == -1 && errno != EAGAIN)
		pending_close(p, stream_reason(errno));
	else if (n == 0 && newcomer)
		pending_close(p, REASON_PEER_FIN);
	else if (n < (ssize_t)p->want && p->seen == STREAM_OPEN)
		return;
	else
		ask_about(p, n > 0 ? (size_t)n : 0);
}

void
preamble_end(struct pending *p)
{
	if (p->is_lowat_set)
		(void)fd_set_rcvlowat(p->fd, 1); /* at worst it is late */
	p->is_lowat_set = false;
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
	p->is_lowat_set = true;
	pending_enter(p, PENDING_WAITING, b->ttl_ms);
	if (p->state == PENDING_WAITING)
		preamble_look(p);
	return COMMAND_DONE;
}
