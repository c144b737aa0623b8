#include "tests/unit/proto/ipc_samples.h"

#include <string.h>

#define FROM 0x1112131415161718
#define TO   0x2122232425262728
#define CONN 0x3132333435363738
#define SEQ  0x4142434445464748

static const struct addr V4 = {
    .ip = {[10] = 0xff, 0xff, 192, 0, 2, 7}, .port = 7443};
static const struct addr V6 = {
    .ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, .port = 443};
static const uint8_t TAG[IPC_TAG_LEN] = "a tag of thirty-two bytes opaque";

static struct ipc_bytes
bytes_of(const char *text)
{
	return (struct ipc_bytes){(const uint8_t *)text, strlen(text)};
}

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
	memset(m->u.pair_ask.tag, 0x5a, IPC_TAG_LEN);
}

static void
write_pair_ask(struct wire_writer *w)
{
	for (int i = 0; i < IPC_TAG_LEN; i++)
		wire_put_u8(w, 0x5a);
}

static void
fill_pair_heard(struct ipc_msg *m)
{
	memset(m->u.pair_heard.tag, 0x5a, IPC_TAG_LEN);
	m->u.pair_heard.a_ms = 1234;
	m->u.pair_heard.b_ms = IPC_HEARD_UNKNOWN_MS;
}

static void
write_pair_heard(struct wire_writer *w)
{
	write_pair_ask(w);
	wire_put_u32(w, 1234);
	wire_put_u32(w, 0xffffffff);
}

const struct ipc_sample IPC_SAMPLES[] = {
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
const int IPC_N_SAMPLES = sizeof IPC_SAMPLES / sizeof *IPC_SAMPLES;

struct ipc_msg
ipc_sample_msg(const struct ipc_sample *s)
{
	struct ipc_msg m;

	memset(&m, 0, sizeof m);
	m.type = s->type;
	m.from = FROM;
	m.to = s->type == IPC_NODE_HELLO ? 0 : TO;
	s->fill(&m);
	return m;
}

size_t
ipc_sample_bytes(const struct ipc_sample *s, uint8_t *buf)
{
	struct wire_writer w;

	wire_writer_init(&w, buf, IPC_MSG_CAP);
	wire_put_u8(&w, (uint8_t)s->type);
	wire_put_u8(&w, 1);
	wire_put_u8(&w, 0);
	wire_put_u8(&w, 0);
	wire_put_u64(&w, FROM);
	wire_put_u64(&w, s->type == IPC_NODE_HELLO ? 0 : TO);
	s->write(&w);
	return w.len;
}
