#include "control/node_send.h"

#include <assert.h>
#include <string.h>

#include "common/secret.h"
#include "control/control.h"

static int
transmit(struct control *c, struct node *node, const struct ipc_msg *m)
{
	uint8_t buf[IPC_MSG_CAP];
	const uint8_t *p = buf;
	size_t len = ipc_encode(m, buf, sizeof buf);

	assert(len > 0);
	if (seals_put(c, node, &p, &len) != 0 ||
	    nnlink_send(node->link.out, p, len) != 0) {
		c->counters.counts[COUNT_COMMANDS_LOST]++;
		return -1;
	}
	c->counters.counts[COUNT_COMMANDS]++;
	return 0;
}

/* A command that is lost leaves the two sides with different views of a
 * connection; only a new session mends that. Callers are in the midst of
 * their work, so the session ends when they are done (nodes_settle). */
static void
command(struct control *c, struct node *node, struct ipc_msg *m)
{
	if (node->session == 0)
		return;
	m->from = node->session;
	m->to = node->epoch;
	if (transmit(c, node, m) != 0)
		node->is_broken = true;
}

void
node_send_welcome(
    struct control *c, struct node *node, uint64_t epoch, uint64_t session)
{
	struct ipc_msg m = {
	    .type = IPC_WELCOME,
	    .from = session,
	    .to = epoch,
	    .u.welcome = {.build = NODES_BUILD,
		.features = NODES_FEATURES,
		.start = c->pairs.first_serial},
	};

	/* However many hellos come, the answers take no room that a session's
	 * commands need. One that is not sent, or lost, is asked for again by
	 * the next hello. */
	if (node->session == 0 || !nnlink_out_is_waiting(node->link.out))
		(void)transmit(c, node, &m);
}

void
node_send_beat(struct control *c, struct node *node)
{
	struct ipc_msg m = {.type = IPC_CONTROL_BEAT};

	command(c, node, &m);
}

void
node_send_release_ack(struct control *c, struct node *node, uint64_t seq)
{
	struct ipc_msg m = {.type = IPC_RELEASE_ACK};

	m.u.release_ack.seq = seq;
	command(c, node, &m);
}

void
node_send_bye_ack(struct control *c, struct node *node)
{
	struct ipc_msg m = {.type = IPC_BYE_ACK};

	command(c, node, &m);
}

void
node_send_drain(struct control *c, struct node *node, uint32_t timeout_ms)
{
	struct ipc_msg m = {.type = IPC_DRAIN};

	m.u.drain.timeout_ms = timeout_ms;
	command(c, node, &m);
}

void
node_send_pair_list_ask(struct control *c, struct node *node, uint32_t ask)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST_ASK};

	m.u.pair_list_ask.ask = ask;
	command(c, node, &m);
}

void
node_send_pair_ask(
    struct control *c, struct node *node, const uint8_t tag[IPC_TAG_LEN])
{
	struct ipc_msg m = {.type = IPC_PAIR_ASK};

	memcpy(m.u.pair_ask.tag, tag, IPC_TAG_LEN);
	command(c, node, &m);
}

void
node_send_wait(struct control *c, struct node *node, uint64_t conn, uint16_t n,
    uint32_t ttl_ms)
{
	struct ipc_msg m = {.type = IPC_CONN_WAIT};

	m.u.conn_wait = (struct ipc_conn_wait){
	    .conn = conn,
	    .n = n,
	    .ttl_ms = ttl_ms,
	};
	command(c, node, &m);
}

void
node_send_hold(
    struct control *c, struct node *node, const struct ipc_conn_hold *hold)
{
	struct ipc_msg m = {.type = IPC_CONN_HOLD};

	m.u.conn_hold = *hold;
	command(c, node, &m);
}

void
node_send_pair(
    struct control *c, struct node *node, const struct ipc_conn_pair *pair)
{
	struct ipc_msg m = {.type = IPC_CONN_PAIR};

	m.u.conn_pair = *pair;
	command(c, node, &m);
}

void
node_send_join(
    struct control *c, struct node *node, const struct ipc_conn_join *join)
{
	struct ipc_msg m = {.type = IPC_CONN_JOIN};

	m.u.conn_join = *join;
	command(c, node, &m);
	secret_wipe(m.u.conn_join.ticket, sizeof m.u.conn_join.ticket);
}

void
node_send_drop(
    struct control *c, struct node *node, const struct ipc_conn_drop *drop)
{
	struct ipc_msg m = {.type = IPC_CONN_DROP};

	m.u.conn_drop = *drop;
	command(c, node, &m);
}
