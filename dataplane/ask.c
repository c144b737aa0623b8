#include "dataplane/ask.h"

#include "dataplane/link.h"
#include "dataplane/node.h"
#include "dataplane/stream.h"

/* What both questions show: len bytes, and whether more can come. Returns the
 * flags. */
static uint8_t
show(struct pending *p, size_t len, struct ipc_bytes *bytes)
{
	bytes->p = p->node->scratch;
	bytes->len = len;
	if (len > p->shown)
		p->shown = len;
	return (uint8_t)((p->local ? IPC_CONN_LOCAL : 0) |
			 (p->seen != STREAM_OPEN ? IPC_CONN_FINISHED : 0));
}

static void
make_open(struct pending *p, size_t len, struct ipc_msg *m)
{
	struct ipc_conn_open *b = &m->u.conn_open;

	m->type = IPC_CONN_OPEN;
	b->conn = p->conn;
	b->flags = show(p, len, &b->first);
	b->listener = p->listener;
	b->remote = p->remote;
	b->local = p->here;
	p->known = true;
	p->node->account.counters[FIGURE_ASKS]++;
}

static void
make_more(struct pending *p, size_t len, struct ipc_msg *m)
{
	struct ipc_conn_more *b = &m->u.conn_more;

	m->type = IPC_CONN_MORE;
	b->conn = p->conn;
	b->flags = show(p, len, &b->bytes);
}

/* Control knows it: then it wanted more bytes. */
static void
ask(struct pending *p, size_t len)
{
	struct ipc_msg m = {0};

	(p->known ? make_more : make_open)(p, len, &m);
	pending_enter(p, PENDING_ASKED, IPC_ASK_TIMEOUT_MS);
	link_send(p->node, &m);
}

static void
park(struct pending *p)
{
	struct node *n = p->node;

	pending_enter(p, PENDING_PARKED,
	    link_in_session(n) ? IPC_ASK_TIMEOUT_MS
			       : n->config.control_wait_ms);
}

void
ask_give_up(struct pending *p)
{
	struct node *n = p->node;

	if (!link_in_session(n)) {
		pending_close(p, REASON_NO_CONTROL);
		return;
	}
	if (budget_is_source_full(&n->budget, p))
		account_tell_source(n, &p->remote, REASON_LIMIT_ASKS);
	pending_close(p, REASON_LIMIT_ASKS);
}

void
ask_about(struct pending *p, size_t len)
{
	struct node *n = p->node;

	if (budget_join(&n->budget, p) == -1)
		pending_close(p, REASON_RESOURCES);
	else if (link_in_session(n) && budget_has_room(&n->budget, p))
		ask(p, len);
	else if (budget_may_park(&n->budget, p))
		park(p);
	else
		ask_give_up(p);
}

/* What there is to show by now. */
static size_t
peek(struct pending *p)
{
	ssize_t len = stream_peek(
	    p->fd, p->node->scratch, p->known ? p->want : IPC_FIRST_MAX);

	return len > 0 ? (size_t)len : 0;
}

void
ask_parked(struct node *n)
{
	struct pending *p;

	while (link_in_session(n) && (p = budget_next(&n->budget)) != NULL)
		ask(p, peek(p));
}

static void
on_soon(void *arg)
{
	struct node *n = arg;

	n->asks_soon = false;
	ask_parked(n);
}

/* Without the memory to defer it the next tick does. */
void
ask_soon(struct node *n)
{
	if (!n->asks_soon && n->n_in[PENDING_PARKED] > 0)
		n->asks_soon = loop_defer(n->loop, on_soon, n) == 0;
}

static void
lose(void *arg, const void *key, void *value)
{
	struct pending *p = value;

	(void)arg;
	(void)key;
	if (!p->known)
		return;
	pending_forget(p);
	if (p->touched)
		pending_close(p, REASON_CONTROL_LOST);
	else if (p->state != PENDING_PARKED)
		park(p);
}

void
ask_session_lost(struct node *n)
{
	table_each(&n->pendings, lose, NULL);
}
