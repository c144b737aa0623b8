#include "tests/unit/proto/ipc_samples.h"

#include <string.h>

#include "tests/unit/proto/ipc_values.h"

static void
fill_node_hello(struct ipc_msg *m)
{
	struct ipc_node_hello *b = &m->u.node_hello;

	(void)strcpy(b->name, "edge-1.eu");
	b->commands = V4;
}

static void
write_node_hello(struct wire_writer *w)
{
	wire_put_str(w, "edge-1.eu");
	addr_put(w, &V4);
}

static void
fill_node_ready(struct ipc_msg *m)
{
	struct ipc_node_ready *b = &m->u.node_ready;

	b->first_seq = SEQ;
	(void)strcpy(b->build, "0.1.0");
	b->features = 5;
	b->accept = V6;
	b->n_listeners = 2;
	b->listeners[0] = V4;
	b->listeners[1] = V6;
}

static void
write_node_ready(struct wire_writer *w)
{
	wire_put_u64(w, SEQ);
	wire_put_str(w, "0.1.0");
	wire_put_u64(w, 5);
	addr_put(w, &V6);
	wire_put_u8(w, 2);
	addr_put(w, &V4);
	addr_put(w, &V6);
}

static void
fill_node_beat(struct ipc_msg *m)
{
	struct ipc_node_beat *b = &m->u.node_beat;

	b->n_pending = 7;
	b->n_pairs = 8;
	b->last_seq = SEQ;
	b->flags = IPC_NODE_DRAINS;
	b->drain_ms = 59000;
	b->n_figures = FIGURE_WIRE_COUNT;
	for (uint64_t i = 0; i < FIGURE_WIRE_COUNT; i++)
		b->figures[i] = i << 33;
}

static void
write_node_beat(struct wire_writer *w)
{
	wire_put_u32(w, 7);
	wire_put_u32(w, 8);
	wire_put_u64(w, SEQ);
	wire_put_u8(w, 1);
	wire_put_u32(w, 59000);
	wire_put_u16(w, FIGURE_WIRE_COUNT);
	for (uint64_t i = 0; i < FIGURE_WIRE_COUNT; i++)
		wire_put_u64(w, i << 33);
}

static void
fill_node_bye(struct ipc_msg *m)
{
	m->u.node_bye.reason = REASON_SHUTDOWN;
}

static void
write_node_bye(struct wire_writer *w)
{
	wire_put_u8(w, REASON_SHUTDOWN);
}

static void
fill_conn_open(struct ipc_msg *m)
{
	struct ipc_conn_open *b = &m->u.conn_open;

	b->conn = CONN;
	b->flags = IPC_CONN_FINISHED;
	b->listener = 1;
	b->remote = V6;
	b->local = V4;
	b->first = bytes_of("the first bytes");
}

static void
write_conn_open(struct wire_writer *w)
{
	wire_put_u64(w, CONN);
	wire_put_u8(w, 2);
	wire_put_u8(w, 1);
	addr_put(w, &V6);
	addr_put(w, &V4);
	wire_put_vec(w, "the first bytes", 15);
}

static void
fill_conn_more(struct ipc_msg *m)
{
	m->u.conn_more.conn = CONN;
	m->u.conn_more.flags = 0;
	m->u.conn_more.bytes = bytes_of("more");
}

static void
write_conn_more(struct wire_writer *w)
{
	wire_put_u64(w, CONN);
	wire_put_u8(w, 0);
	wire_put_vec(w, "more", 4);
}

static void
fill_conn_fin(struct ipc_msg *m)
{
	m->u.conn_fin.conn = CONN;
}

static void
write_conn_fin(struct wire_writer *w)
{
	wire_put_u64(w, CONN);
}

static void
fill_conn_gone(struct ipc_msg *m)
{
	m->u.conn_gone.seq = SEQ;
	m->u.conn_gone.conn = CONN;
	m->u.conn_gone.reason = REASON_PEER_FIN;
}

static void
write_conn_gone(struct wire_writer *w)
{
	wire_put_u64(w, SEQ);
	wire_put_u64(w, CONN);
	wire_put_u8(w, 4);
}

static void
fill_pair_refused(struct ipc_msg *m)
{
	struct ipc_pair_refused *b = &m->u.pair_refused;

	b->seq = SEQ;
	memcpy(b->tag, TAG, IPC_TAG_LEN);
	b->reason = REASON_PARTNER_GONE;
	b->gone = IPC_GONE_A | IPC_GONE_B;
}

static void
write_pair_refused(struct wire_writer *w)
{
	wire_put_u64(w, SEQ);
	wire_put_bytes(w, TAG, IPC_TAG_LEN);
	wire_put_u8(w, 15);
	wire_put_u8(w, 3);
}

static void
fill_pair_ended(struct ipc_msg *m)
{
	struct ipc_pair_ended *b = &m->u.pair_ended;

	b->seq = SEQ;
	memcpy(b->tag, TAG, IPC_TAG_LEN);
	b->bytes_ab = 1;
	b->bytes_ba = UINT64_MAX;
	b->ms = 3;
	b->reason = REASON_FINISHED;
}

static void
write_pair_ended(struct wire_writer *w)
{
	wire_put_u64(w, SEQ);
	wire_put_bytes(w, TAG, IPC_TAG_LEN);
	wire_put_u64(w, 1);
	wire_put_u64(w, UINT64_MAX);
	wire_put_u64(w, 3);
	wire_put_u8(w, 1);
}

static void
fill_pair_list(struct ipc_msg *m)
{
	m->u.pair_list.ask = 9;
	m->u.pair_list.flags = IPC_PAIR_LIST_LAST;
	m->u.pair_list.n_tags = 1;
	m->u.pair_list.tags = TAG;
}

static void
write_pair_list(struct wire_writer *w)
{
	wire_put_u32(w, 9);
	wire_put_u8(w, 1);
	wire_put_u16(w, 1);
	wire_put_bytes(w, TAG, IPC_TAG_LEN);
}

static void
fill_pair_heard(struct ipc_msg *m)
{
	memcpy(m->u.pair_heard.tag, TAG, IPC_TAG_LEN);
	m->u.pair_heard.a_ms = 1234;
	m->u.pair_heard.b_ms = IPC_HEARD_UNKNOWN_MS;
}

static void
write_pair_heard(struct wire_writer *w)
{
	wire_put_bytes(w, TAG, IPC_TAG_LEN);
	wire_put_u32(w, 1234);
	wire_put_u32(w, 0xffffffff);
}

const struct ipc_sample IPC_EVENT_SAMPLES[IPC_N_EVENT_SAMPLES] = {
    {IPC_NODE_HELLO, fill_node_hello, write_node_hello},
    {IPC_NODE_READY, fill_node_ready, write_node_ready},
    {IPC_NODE_BEAT, fill_node_beat, write_node_beat},
    {IPC_NODE_BYE, fill_node_bye, write_node_bye},
    {IPC_CONN_OPEN, fill_conn_open, write_conn_open},
    {IPC_CONN_MORE, fill_conn_more, write_conn_more},
    {IPC_CONN_FIN, fill_conn_fin, write_conn_fin},
    {IPC_CONN_GONE, fill_conn_gone, write_conn_gone},
    {IPC_PAIR_REFUSED, fill_pair_refused, write_pair_refused},
    {IPC_PAIR_ENDED, fill_pair_ended, write_pair_ended},
    {IPC_PAIR_LIST, fill_pair_list, write_pair_list},
    {IPC_PAIR_HEARD, fill_pair_heard, write_pair_heard},
};
