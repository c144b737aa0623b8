#include "tests/unit/control/fake_node.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "control/control.h"
#include "control/link.h"
#include "tests/unit/control/fake_commands.h"
#include "tests/unit/control/fake_time.h"

static void
receive(struct control *c, const struct ipc_msg *m)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len = ipc_encode(m, buf, sizeof buf);

	ck_assert_uint_gt(len, 0);
	link_receive(c, buf, len);
	link_idle(c);
	ck_assert_uint_eq(fake_n_held, 0); /* the turn may last */
	fake_turn();
}

void
fake_send(struct control *c, const struct fake_node *n, struct ipc_msg m)
{
	m.from = n->epoch;
	m.to = n->session;
	receive(c, &m);
}

void
fake_hello(struct control *c, struct fake_node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_HELLO, .from = n->epoch};
	struct ipc_node_hello *hello = &m.u.node_hello;

	strcpy(hello->name, n->name);
	receive(c, &m);
	if (!fake_has_command())
		return;
	m = fake_command(IPC_WELCOME);
	ck_assert_uint_eq(m.to, n->epoch);
	n->session = m.from;
}

void
fake_say_ready(struct control *c, const struct fake_node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_READY};
	struct ipc_node_ready *ready = &m.u.node_ready;

	ready->first_seq = n->seq != 0 ? n->seq : 1;
	strcpy(ready->build, "fake");
	ready->features = n->features;
	ready->accept = n->accept;
	ready->n_listeners = 1;
	ck_assert_int_eq(addr_parse(&ready->listeners[0], "0.0.0.0:7443"), 0);
	fake_send(c, n, m);
}

void
fake_ready(struct control *c, struct fake_node *n)
{
	if (n->seq == 0)
		n->seq = 1;
	fake_hello(c, n);
	fake_say_ready(c, n);
	(void)fake_command(IPC_PAIR_LIST_ASK);
}

static const struct node *
node_of(const struct control *c, const struct fake_node *n)
{
	return table_find(&c->nodes.by_session, &n->session);
}

void
fake_beat(struct control *c, const struct fake_node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};
	const struct node *node = node_of(c, n);

	if (node == NULL)
		return;
	m.u.node_beat.n_pairs = node->n_pairs;
	fake_send(c, n, m);
}

void
fake_bye(struct control *c, const struct fake_node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_BYE};

	m.u.node_bye.reason = REASON_SHUTDOWN;
	fake_send(c, n, m);
}

void
fake_show_from(struct control *c, const struct fake_node *n, uint64_t conn,
    const char *remote, const void *first, size_t len, uint8_t flags)
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};
	struct ipc_conn_open *open = &m.u.conn_open;

	open->conn = conn;
	open->flags = flags;
	ck_assert_int_eq(addr_parse(&open->remote, remote), 0);
	ck_assert_int_eq(addr_parse(&open->local, "192.0.9.1:7443"), 0);
	open->first = (struct ipc_bytes){.p = first, .len = len};
	fake_send(c, n, m);
}

void
fake_show(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const void *first, size_t len, uint8_t flags)
{
	char remote[32];

	(void)snprintf(remote, sizeof remote, "192.0.2.%u:40000", source);
	fake_show_from(c, n, conn, remote, first, len, flags);
}

void
fake_open(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const uint8_t first[32])
{
	fake_show(c, n, conn, source, first, 32, 0);
}

void
fake_show_more(struct control *c, const struct fake_node *n, uint64_t conn,
    const void *bytes, size_t len, uint8_t flags)
{
	struct ipc_msg m = {.type = IPC_CONN_MORE};

	m.u.conn_more.conn = conn;
	m.u.conn_more.flags = flags;
	m.u.conn_more.bytes = (struct ipc_bytes){.p = bytes, .len = len};
	fake_send(c, n, m);
}

void
fake_open_local(struct control *c, const struct fake_node *n, uint64_t conn,
    const uint8_t ticket[32])
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};

	m.u.conn_open.conn = conn;
	m.u.conn_open.flags = IPC_CONN_LOCAL;
	m.u.conn_open.first = (struct ipc_bytes){.p = ticket, .len = 32};
	fake_send(c, n, m);
}

void
fake_fin(struct control *c, const struct fake_node *n, uint64_t conn)
{
	struct ipc_msg m = {.type = IPC_CONN_FIN};

	m.u.conn_fin.conn = conn;
	fake_send(c, n, m);
}

void
fake_gone(struct control *c, struct fake_node *n, uint64_t conn)
{
	struct ipc_msg m = {.type = IPC_CONN_GONE};

	m.u.conn_gone.seq = n->seq++;
	m.u.conn_gone.conn = conn;
	m.u.conn_gone.reason = REASON_PEER_FIN;
	fake_send(c, n, m);
}

void
fake_pair_end(
    struct control *c, struct fake_node *n, const uint8_t tag[IPC_TAG_LEN])
{
	struct ipc_msg m = {.type = IPC_PAIR_ENDED};

	m.u.pair_ended.seq = n->seq++;
	memcpy(m.u.pair_ended.tag, tag, IPC_TAG_LEN);
	m.u.pair_ended.bytes_ab = 10;
	m.u.pair_ended.bytes_ba = 20;
	m.u.pair_ended.reason = REASON_FINISHED;
	fake_send(c, n, m);
}

void
fake_pair_refused(struct control *c, struct fake_node *n,
    const uint8_t tag[IPC_TAG_LEN], enum reason why, uint8_t gone)
{
	struct ipc_msg m = {.type = IPC_PAIR_REFUSED};

	m.u.pair_refused.seq = n->seq++;
	memcpy(m.u.pair_refused.tag, tag, IPC_TAG_LEN);
	m.u.pair_refused.reason = (uint8_t)why;
	m.u.pair_refused.gone = gone;
	fake_send(c, n, m);
}

void
fake_pair_list(struct control *c, const struct fake_node *n,
    const uint8_t *tags, uint16_t n_tags, uint8_t flags)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};

	m.u.pair_list.ask = node_of(c, n)->ask;
	m.u.pair_list.flags = flags;
	m.u.pair_list.n_tags = n_tags;
	m.u.pair_list.tags = tags;
	fake_send(c, n, m);
}
