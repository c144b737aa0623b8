#include "control/link.h"

#include "control/arrival.h"
#include "control/control.h"
#include "control/node_session.h"
#include "proto/ipc.h"

/* An event of a session that is. */
typedef void
event_fn(struct control *c, struct node *node, const struct ipc_msg *m);

static void
on_node_beat(struct control *c, struct node *node, const struct ipc_msg *m)
{
	node_beat(c, node, &m->u.node_beat);
}

static void
on_node_bye(struct control *c, struct node *node, const struct ipc_msg *m)
{
	(void)m;
	node_bye(c, node);
}

static void
on_conn_open(struct control *c, struct node *node, const struct ipc_msg *m)
{
	arrival_open(c, node, &m->u.conn_open);
}

static void
on_conn_more(struct control *c, struct node *node, const struct ipc_msg *m)
{
	struct arrival *a = arrival_find(node, m->u.conn_more.conn);

	if (a == NULL)
		c->counters.events_dropped[EVENT_DROP_CONN_UNKNOWN]++;
	else
		arrival_more(c, a, &m->u.conn_more);
}

static void
on_conn_fin(struct control *c, struct node *node, const struct ipc_msg *m)
{
	struct arrival *a = arrival_find(node, m->u.conn_fin.conn);

	if (a == NULL)
		c->counters.events_dropped[EVENT_DROP_CONN_UNKNOWN]++;
	else
		arrival_fin(c, a);
}

static void
on_conn_gone(struct control *c, struct node *node, const struct ipc_msg *m)
{
	const struct ipc_conn_gone *gone = &m->u.conn_gone;
	struct arrival *a;

	if (!node_release(c, node, gone->seq))
		return;
	a = arrival_find(node, gone->conn);
	if (a == NULL)
		c->counters.counts[COUNT_GONE_LATE]++;
	else /* the node's clock may be the first to see a deadline */
		arrival_end(c, a,
		    gone->reason == REASON_HELD_TIMEOUT ? ARRIVAL_EXPIRED
							: ARRIVAL_GONE);
}

static void
on_pair_refused(struct control *c, struct node *node, const struct ipc_msg *m)
{
	if (node_release(c, node, m->u.pair_refused.seq))
		pair_refused(c, node, &m->u.pair_refused);
}

static void
on_pair_ended(struct control *c, struct node *node, const struct ipc_msg *m)
{
	if (node_release(c, node, m->u.pair_ended.seq))
		pair_ended(c, node, &m->u.pair_ended);
}

static void
on_pair_list(struct control *c, struct node *node, const struct ipc_msg *m)
{
	pairs_list(c, node, &m->u.pair_list);
}

static void
on_pair_heard(struct control *c, struct node *node, const struct ipc_msg *m)
{
	pair_heard(c, node, &m->u.pair_heard);
}

/* NODE_HELLO and NODE_READY are of no session yet: see link_receive. */
static event_fn *const HANDLERS[IPC_TYPE_MAX + 1] = {
    [IPC_NODE_BEAT] = on_node_beat,
    [IPC_NODE_BYE] = on_node_bye,
    [IPC_CONN_OPEN] = on_conn_open,
    [IPC_CONN_MORE] = on_conn_more,
    [IPC_CONN_FIN] = on_conn_fin,
    [IPC_CONN_GONE] = on_conn_gone,
    [IPC_PAIR_REFUSED] = on_pair_refused,
    [IPC_PAIR_ENDED] = on_pair_ended,
    [IPC_PAIR_LIST] = on_pair_list,
    [IPC_PAIR_HEARD] = on_pair_heard,
};

void
link_receive(void *arg, const void *p, size_t len)
{
	struct control *c = arg;
	struct node *node;
	struct ipc_msg m;

	c->counters.counts[COUNT_EVENTS]++;
	if (!seals_open(c, &p, &len))
		return;
	if (ipc_decode(&m, p, len, IPC_EVENT) != PARSE_OK) {
		c->counters.events_dropped[EVENT_DROP_MALFORMED]++;
		return;
	}
	if (m.type == IPC_NODE_HELLO) {
		nodes_hello(c, &m);
		return;
	}
	if (m.type == IPC_NODE_READY) {
		nodes_ready(c, &m);
		return;
	}
	node = nodes_find(c, &m);
	if (node != NULL)
		HANDLERS[m.type](c, node, &m);
}

void
link_idle(void *arg)
{
	nodes_settle(arg);
}

int
link_open(struct control *c)
{
	enum { SOCKET_MODE = 0660 }; /* connecting takes write permission */
	size_t max_len = c->seals.on ? SEAL_MSG_CAP : IPC_MSG_CAP;

	c->events = nnlink_in_new(c->loop, c->config.events_url, SOCKET_MODE,
	    max_len, link_receive, link_idle, c);
	return c->events == NULL ? -1 : 0;
}

void
link_close(struct control *c)
{
	nnlink_in_free(c->events);
	c->events = NULL;
}
