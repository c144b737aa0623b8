#include "dataplane/drop.h"

#include <errno.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "dataplane/hold.h"
#include "dataplane/node.h"
#include "dataplane/preamble.h"

void
drop_look(struct pending *p)
{
	ssize_t n;

	do {
		n = recv(p->fd, p->node->scratch, sizeof p->node->scratch,
		    MSG_DONTWAIT);
		if (n > 0)
			p->drained += (size_t)n;
	} while ((n > 0 && p->drained < DROP_DRAIN_MAX) ||
		 (n == -1 && errno == EINTR));
	if (n >= 0 || errno != EAGAIN)
		pending_close(p, REASON_DROPPED);
}

static void
drop_orderly(struct pending *p, const struct ipc_conn_drop *b)
{
	enum reason why = hold_consume(p, b->skip, &b->say);

	if (why == REASON_NONE && shutdown(p->fd, SHUT_WR) == -1)
		why = REASON_RESET;
	if (why != REASON_NONE) {
		pending_close(p, why);
		return;
	}
	preamble_end(p);
	pending_enter(p, PENDING_DRAINING, DROP_DRAIN_MS);
	if (p->state == PENDING_DRAINING)
		drop_look(p);
}

enum command_result
on_conn_drop(struct node *n, const struct ipc_msg *m)
{
	const struct ipc_conn_drop *b = &m->u.conn_drop;
	struct pending *p = command_find(n, b->conn);

	if (p == NULL)
		return COMMAND_DONE;
	if (b->skip > p->shown)
		return COMMAND_MALFORMED;
	pending_forget(p);
	if (b->how == IPC_DROP_ORDERLY) {
		p->shown = b->skip; /* forgotten, but looked at above */
		drop_orderly(p, b);
		return COMMAND_DONE;
	}
	(void)fd_reset_on_close(p->fd); /* at worst it ends in order */
	pending_close(p, REASON_DROPPED);
	return COMMAND_DONE;
}
