#include "dataplane/ask.h"

#include "dataplane/link.h"
#include "dataplane/node.h"
#include "dataplane/stream.h"

/* Control's own connections are outside both budgets: strangers must not be
 * able to crowd them out. */
static int
take_slot(struct pending *p, uint32_t per_source)
{
	struct node *n = p->node;

	if (p->local)
		return 0;
	if (n->n_in[PENDING_ASKED] >= n->config.max_asks)
		return -1;
	return tally_take(&n->asks, p->admission.source.ip, per_source);
}

/* What both questions show: bytes, and whether more can come. Returns the
 * flags. */
static uint8_t
show(struct pending *p, size_t max, struct ipc_bytes *bytes)
{
	struct node *n = p->node;
	bool finished = stream_look(p->fd, p->local) != STREAM_OPEN;
	ssize_t len = stream_peek(p->fd, n->scratch, max);

	bytes->p = n->scratch;
	bytes->len = len > 0 ? (size_t)len : 0;
	if (bytes->len > p->shown)
		p->shown = bytes->len;
	return (uint8_t)((p->local ? IPC_CONN_LOCAL : 0) |
			 (finished ? IPC_CONN_FINISHED : 0));
}

/* p has a slot of the budget. */
static void
ask_open(struct pending *p)
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};
	struct ipc_conn_open *b = &m.u.conn_open;

	b->conn = p->conn;
	b->flags = show(p, IPC_FIRST_MAX, &b->first);
	b->listener = p->listener;
	b->remote = p->remote;
	b->local = p->here;
	p->known = true;
	p->node->account.counters[FIGURE_ASKS]++;
	pending_enter(p, PENDING_ASKED, IPC_ASK_TIMEOUT_MS);
	link_send(p->node, &m);
}

void
ask_newcomer(struct pending *p)
{
	struct node *n = p->node;

	if (!link_in_session(n)) {
		if (n->n_in[PENDING_PARKED] >= ASK_PARKED_MAX)
			pending_close(p, REASON_NO_CONTROL);
		else
			pending_enter(
			    p, PENDING_PARKED, n->config.control_wait_ms);
	} else if (take_slot(p, n->config.max_asks_per_source) == -1) {
		pending_close(p, REASON_LIMIT_ASKS);
	} else {
		ask_open(p);
	}
}

void
ask_more(struct pending *p)
{
	struct ipc_msg m = {.type = IPC_CONN_MORE};
	struct ipc_conn_more *b = &m.u.conn_more;

	if (take_slot(p, p->node->config.max_asks_per_source) == -1) {
		pending_close(p, REASON_LIMIT_ASKS);
		return;
	}
	b->conn = p->conn;
	b->flags = show(p, p->want, &b->bytes);
	pending_enter(p, PENDING_ASKED, IPC_ASK_TIMEOUT_MS);
	link_send(p->node, &m);
}

/* A source's own limit is not asked for here: a new session begins with
 * everybody who waited for it, and many may come from one network. */
void
ask_parked(struct node *n)
{
	struct pending *p;

	while (link_in_session(n) && (p = TAILQ_FIRST(&n->parked)) != NULL &&
	       take_slot(p, UINT32_MAX) == 0)
		ask_open(p);
}

static void
lose(void *arg, const void *key, void *value)
{
	struct node *n = arg;
	struct pending *p = value;

	(void)key;
	if (!p->known)
		return;
	pending_forget(p);
	if (p->touched)
		pending_close(p, REASON_CONTROL_LOST);
	else
		pending_enter(p, PENDING_PARKED, n->config.control_wait_ms);
}

void
ask_session_lost(struct node *n)
{
	table_each(&n->pendings, lose, n);
}
