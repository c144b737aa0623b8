#include "tests/unit/proto/ipc_samples.h"

#include <string.h>

#include "tests/unit/proto/ipc_values.h"

static void
fill_welcome(struct ipc_msg *m)
{
	(void)strcpy(m->u.welcome.build, "0.1.0");
	m->u.welcome.features = 6;
	m->u.welcome.start = 7;
}

static void
write_welcome(struct wire_writer *w)
{
	wire_put_str(w, "0.1.0");
	wire_put_u64(w, 6);
	wire_put_u64(w, 7);
}

static void
fill_nothing(struct ipc_msg *m)
{
	(void)m;
}

static void
write_nothing(struct wire_writer *w)
{
	(void)w;
}

static void
fill_release_ack(struct ipc_msg *m)
{
	m->u.release_ack.seq = SEQ;
}

static void
write_release_ack(struct wire_writer *w)
{
	wire_put_u64(w, SEQ);
}

static void
fill_conn_wait(struct ipc_msg *m)
{
	m->u.conn_wait.conn = CONN;
	m->u.conn_wait.n = 32;
	m->u.conn_wait.ttl_ms = 20000;
}

static void
write_conn_wait(struct wire_writer *w)
{
	wire_put_u64(w, CONN);
	wire_put_u16(w, 32);
	wire_put_u32(w, 20000);
}

static void
fill_conn_hold(struct ipc_msg *m)
{
	struct ipc_conn_hold *b = &m->u.conn_hold;

	b->conn = CONN;
	b->ttl_ms = 20000;
	b->skip = 32;
	b->on_fin = IPC_FIN_KEEPS;
	b->say = bytes_of("hold");
}

static void
write_conn_hold(struct wire_writer *w)
{
	wire_put_u64(w, CONN);
	wire_put_u32(w, 20000);
	wire_put_u16(w, 32);
	wire_put_u8(w, 1);
	wire_put_vec(w, "hold", 4);
}

static const struct ipc_limits LIMITS = {
    .on_drain = IPC_DRAIN_ENDS,
    .idle_ms = 3,
    .keepalive_idle_s = 4,
    .keepalive_interval_s = 5,
    .keepalive_count = 6,
    .n_rates = 2,
    .rates = {{IPC_GROUP_OWN, 7}, {UINT64_MAX, IPC_RATE_MAX}},
};

static void
write_limits(struct wire_writer *w)
{
	wire_put_u8(w, 1);
	wire_put_u32(w, 3);
	wire_put_u16(w, 4);
	wire_put_u16(w, 5);
	wire_put_u8(w, 6);
	wire_put_u8(w, 2);
	wire_put_u64(w, 0);
	wire_put_u64(w, 7);
	wire_put_u64(w, UINT64_MAX);
	wire_put_u64(w, UINT64_C(100000000000));
}

static void
fill_conn_pair(struct ipc_msg *m)
{
	m->u.conn_pair = (struct ipc_conn_pair){
	    .a = CONN,
	    .b = CONN + 1,
	    .skip_a = 1,
	    .skip_b = 2,
	    .on_refused = IPC_REFUSED_KEEPS,
	    .limits = LIMITS,
	    .say_a = bytes_of("to a"),
	    .say_b = bytes_of("and to b"),
	};
	memcpy(m->u.conn_pair.tag, TAG, IPC_TAG_LEN);
}

static void
write_conn_pair(struct wire_writer *w)
{
	wire_put_u64(w, CONN);
	wire_put_u64(w, CONN + 1);
	wire_put_u16(w, 1);
	wire_put_u16(w, 2);
	wire_put_bytes(w, TAG, IPC_TAG_LEN);
	wire_put_u8(w, 1);
	write_limits(w);
	wire_put_vec(w, "to a", 4);
	wire_put_vec(w, "and to b", 8);
}

static void
fill_conn_join(struct ipc_msg *m)
{
	m->u.conn_join = (struct ipc_conn_join){
	    .conn = CONN,
	    .skip = 32,
	    .ttl_ms = 5000,
	    .addr = V4,
	    .limits = LIMITS,
	    .say = bytes_of("joined"),
	};
	memset(m->u.conn_join.ticket, 'T', IPC_TICKET_LEN);
	memcpy(m->u.conn_join.tag, TAG, IPC_TAG_LEN);
}

static void
write_conn_join(struct wire_writer *w)
{
	uint8_t ticket[IPC_TICKET_LEN];

	memset(ticket, 'T', sizeof ticket);
	wire_put_u64(w, CONN);
	wire_put_u16(w, 32);
	wire_put_u32(w, 5000);
	addr_put(w, &V4);
	wire_put_bytes(w, ticket, sizeof ticket);
	wire_put_bytes(w, TAG, IPC_TAG_LEN);
	write_limits(w);
	wire_put_vec(w, "joined", 6);
}

static void
fill_conn_drop(struct ipc_msg *m)
{
	m->u.conn_drop.conn = CONN;
	m->u.conn_drop.skip = 9;
	m->u.conn_drop.how = IPC_DROP_RESET;
	m->u.conn_drop.say = bytes_of("bye");
}

static void
write_conn_drop(struct wire_writer *w)
{
	wire_put_u64(w, CONN);
	wire_put_u16(w, 9);
	wire_put_u8(w, 1);
	wire_put_vec(w, "bye", 3);
}

static void
fill_pair_list_ask(struct ipc_msg *m)
{
	m->u.pair_list_ask.ask = 9;
}

static void
write_pair_list_ask(struct wire_writer *w)
{
	wire_put_u32(w, 9);
}

static void
fill_drain(struct ipc_msg *m)
{
	m->u.drain.timeout_ms = 60000;
}

static void
write_drain(struct wire_writer *w)
{
	wire_put_u32(w, 60000);
}

static void
fill_pair_ask(struct ipc_msg *m)
{
	memcpy(m->u.pair_ask.tag, TAG, IPC_TAG_LEN);
}

static void
write_pair_ask(struct wire_writer *w)
{
	wire_put_bytes(w, TAG, IPC_TAG_LEN);
}

const struct ipc_sample IPC_COMMAND_SAMPLES[IPC_N_COMMAND_SAMPLES] = {
    {IPC_WELCOME, fill_welcome, write_welcome},
    {IPC_CONTROL_BEAT, fill_nothing, write_nothing},
    {IPC_RELEASE_ACK, fill_release_ack, write_release_ack},
    {IPC_BYE_ACK, fill_nothing, write_nothing},
    {IPC_DRAIN, fill_drain, write_drain},
    {IPC_CONN_WAIT, fill_conn_wait, write_conn_wait},
    {IPC_CONN_HOLD, fill_conn_hold, write_conn_hold},
    {IPC_CONN_PAIR, fill_conn_pair, write_conn_pair},
    {IPC_CONN_DROP, fill_conn_drop, write_conn_drop},
    {IPC_PAIR_LIST_ASK, fill_pair_list_ask, write_pair_list_ask},
    {IPC_CONN_JOIN, fill_conn_join, write_conn_join},
    {IPC_PAIR_ASK, fill_pair_ask, write_pair_ask},
};
