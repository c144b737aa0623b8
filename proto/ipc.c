#include "proto/ipc.h"

#include <string.h>

/*
 * A body is described once, for both directions: each field function reads
 * or writes according to which cursor is set. Ranges are checked at the field
 * and make the codec bad, so an encoder can't send what a decoder refuses.
 */
struct codec {
	struct wire_reader *r; /* exactly one of r and w is set */
	struct wire_writer *w;
};

static void
codec_refuse(struct codec *c)
{
	if (c->r != NULL)
		c->r->bad = true;
	else
		c->w->bad = true;
}

static void
field_u8(struct codec *c, uint8_t *v, uint8_t min, uint8_t max)
{
	if (c->r != NULL)
		*v = wire_get_u8(c->r);
	else
		wire_put_u8(c->w, *v);
	if (*v < min || *v > max)
		codec_refuse(c);
}

static void
field_u16(struct codec *c, uint16_t *v, uint16_t min, uint16_t max)
{
	if (c->r != NULL)
		*v = wire_get_u16(c->r);
	else
		wire_put_u16(c->w, *v);
	if (*v < min || *v > max)
		codec_refuse(c);
}

static void
field_u32(struct codec *c, uint32_t *v, uint32_t min, uint32_t max)
{
	if (c->r != NULL)
		*v = wire_get_u32(c->r);
	else
		wire_put_u32(c->w, *v);
	if (*v < min || *v > max)
		codec_refuse(c);
}

static void
field_u64(struct codec *c, uint64_t *v)
{
	if (c->r != NULL)
		*v = wire_get_u64(c->r);
	else
		wire_put_u64(c->w, *v);
}

static void
field_ttl(struct codec *c, uint32_t *v)
{
	field_u32(c, v, IPC_TTL_MIN_MS, IPC_TTL_MAX_MS);
}

static void
field_reason(struct codec *c, uint8_t *v)
{
	field_u8(c, v, 0, REASON_COUNT - 1);
}

static void
field_tag(struct codec *c, uint8_t tag[IPC_TAG_LEN])
{
	if (c->r != NULL)
		wire_get_bytes(c->r, tag, IPC_TAG_LEN);
	else
		wire_put_bytes(c->w, tag, IPC_TAG_LEN);
}

static void
field_ticket(struct codec *c, uint8_t ticket[IPC_TICKET_LEN])
{
	if (c->r != NULL)
		wire_get_bytes(c->r, ticket, IPC_TICKET_LEN);
	else
		wire_put_bytes(c->w, ticket, IPC_TICKET_LEN);
}

static void
field_addr(struct codec *c, struct addr *a)
{
	if (c->r != NULL)
		addr_get(c->r, a);
	else
		addr_put(c->w, a);
}

static void
field_str(struct codec *c, char *s, size_t cap)
{
	if (c->r != NULL)
		wire_get_str(c->r, s, cap);
	else
		wire_put_str(c->w, s);
}

static void
field_bytes(struct codec *c, struct ipc_bytes *b, size_t max_len)
{
	if (b->len > max_len && c->w != NULL)
		codec_refuse(c);
	if (c->r != NULL)
		b->p = wire_get_vec(c->r, max_len, &b->len);
	else
		wire_put_vec(c->w, b->p, b->len);
}

static void
field_rate(struct codec *c, struct ipc_rate *r)
{
	field_u64(c, &r->group);
	field_u64(c, &r->bytes_per_s);
	if (r->bytes_per_s < 1 || r->bytes_per_s > IPC_RATE_MAX)
		codec_refuse(c);
}

static void
field_rates(struct codec *c, struct ipc_limits *b)
{
	field_u8(c, &b->n_rates, 0, IPC_RATES_MAX);
	for (size_t i = 0; i < b->n_rates && i < IPC_RATES_MAX; i++) {
		field_rate(c, &b->rates[i]);
		for (size_t j = 0; j < i; j++)
			if (b->rates[j].group == b->rates[i].group)
				codec_refuse(c);
	}
}

static void
field_limits(struct codec *c, struct ipc_limits *b)
{
	field_u8(c, &b->on_drain, IPC_DRAIN_WAITS, IPC_DRAIN_ENDS);
	field_u32(c, &b->idle_ms, 0, UINT32_MAX);
	field_u16(c, &b->keepalive_idle_s, 0, INT16_MAX);
	field_u16(c, &b->keepalive_interval_s, 0, INT16_MAX);
	field_u8(c, &b->keepalive_count, 0, INT8_MAX);
	field_rates(c, b);
}

static void
body_node_hello(struct codec *c, struct ipc_msg *m)
{
	struct ipc_node_hello *b = &m->u.node_hello;

	field_str(c, b->name, sizeof b->name);
	field_str(c, b->build, sizeof b->build);
	field_u64(c, &b->features);
	field_addr(c, &b->commands);
	field_addr(c, &b->accept);
	field_u8(c, &b->n_listeners, 0, IPC_LISTEN_MAX);
	for (size_t i = 0; i < b->n_listeners && i < IPC_LISTEN_MAX; i++)
		field_addr(c, &b->listeners[i]);
	if (!ipc_name_is_valid(b->name))
		codec_refuse(c);
}

static void
body_node_ready(struct codec *c, struct ipc_msg *m)
{
	field_u64(c, &m->u.node_ready.first_seq);
}

static void
body_node_beat(struct codec *c, struct ipc_msg *m)
{
	struct ipc_node_beat *b = &m->u.node_beat;

	field_u32(c, &b->n_pending, 0, UINT32_MAX);
	field_u32(c, &b->n_pairs, 0, UINT32_MAX);
	field_u64(c, &b->last_seq);
	field_u8(c, &b->flags, 0, IPC_NODE_DRAINS);
	field_u32(c, &b->drain_ms, 0, IPC_DRAIN_MAX_MS);
	field_u16(c, &b->n_figures, 0, 1024);
	for (size_t i = 0; i < b->n_figures; i++) {
		uint64_t beyond = 0; /* a newer node counts more than we know */

		field_u64(c, i < FIGURE_WIRE_COUNT ? &b->figures[i] : &beyond);
	}
	if (b->n_figures > FIGURE_WIRE_COUNT)
		b->n_figures = FIGURE_WIRE_COUNT;
}

static void
body_node_bye(struct codec *c, struct ipc_msg *m)
{
	field_reason(c, &m->u.node_bye.reason);
}

static void
body_conn_open(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_open *b = &m->u.conn_open;

	field_u64(c, &b->conn);
	field_u8(c, &b->flags, 0, IPC_CONN_LOCAL | IPC_CONN_FINISHED);
	field_u8(c, &b->listener, 0, UINT8_MAX);
	field_addr(c, &b->remote);
	field_addr(c, &b->local);
	field_bytes(c, &b->first, IPC_FIRST_MAX);
}

static void
body_conn_more(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_more *b = &m->u.conn_more;

	field_u64(c, &b->conn);
	field_u8(c, &b->flags, 0, IPC_CONN_LOCAL | IPC_CONN_FINISHED);
	field_bytes(c, &b->bytes, IPC_MORE_MAX);
}

static void
body_conn_fin(struct codec *c, struct ipc_msg *m)
{
	field_u64(c, &m->u.conn_fin.conn);
}

static void
body_conn_gone(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_gone *b = &m->u.conn_gone;

	field_u64(c, &b->seq);
	field_u64(c, &b->conn);
	field_reason(c, &b->reason);
}

static void
body_pair_refused(struct codec *c, struct ipc_msg *m)
{
	struct ipc_pair_refused *b = &m->u.pair_refused;

	field_u64(c, &b->seq);
	field_tag(c, b->tag);
	field_reason(c, &b->reason);
	field_u8(c, &b->gone, IPC_GONE_A, IPC_GONE_A | IPC_GONE_B);
}

static void
body_pair_ended(struct codec *c, struct ipc_msg *m)
{
	struct ipc_pair_ended *b = &m->u.pair_ended;

	field_u64(c, &b->seq);
	field_tag(c, b->tag);
	field_u64(c, &b->bytes_ab);
	field_u64(c, &b->bytes_ba);
	field_u64(c, &b->ms);
	field_reason(c, &b->reason);
}

static void
body_pair_list(struct codec *c, struct ipc_msg *m)
{
	struct ipc_pair_list *b = &m->u.pair_list;
	size_t len;

	field_u32(c, &b->ask, 0, UINT32_MAX);
	field_u8(c, &b->flags, 0, IPC_PAIR_LIST_LAST);
	field_u16(c, &b->n_tags, 0, IPC_LIST_MAX);
	len = (size_t)b->n_tags * IPC_TAG_LEN;
	if (c->r != NULL)
		b->tags = wire_get_view(c->r, len);
	else
		wire_put_bytes(c->w, b->tags, len);
}

static void
body_pair_heard(struct codec *c, struct ipc_msg *m)
{
	struct ipc_pair_heard *b = &m->u.pair_heard;

	field_tag(c, b->tag);
	field_u32(c, &b->a_ms, 0, UINT32_MAX);
	field_u32(c, &b->b_ms, 0, UINT32_MAX);
}

static void
body_welcome(struct codec *c, struct ipc_msg *m)
{
	field_str(c, m->u.welcome.build, sizeof m->u.welcome.build);
	field_u64(c, &m->u.welcome.features);
	field_u64(c, &m->u.welcome.start);
}

static void
body_empty(struct codec *c, struct ipc_msg *m)
{
	(void)c;
	(void)m;
}

static void
body_release_ack(struct codec *c, struct ipc_msg *m)
{
	field_u64(c, &m->u.release_ack.seq);
}

static void
body_conn_wait(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_wait *b = &m->u.conn_wait;

	field_u64(c, &b->conn);
	field_u16(c, &b->n, 1, IPC_MORE_MAX);
	field_ttl(c, &b->ttl_ms);
}

static void
body_conn_hold(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_hold *b = &m->u.conn_hold;

	field_u64(c, &b->conn);
	field_ttl(c, &b->ttl_ms);
	field_u16(c, &b->skip, 0, IPC_MORE_MAX);
	field_u8(c, &b->on_fin, IPC_FIN_DROPS, IPC_FIN_KEEPS);
	field_bytes(c, &b->say, IPC_SAY_MAX);
}

static void
body_conn_pair(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_pair *b = &m->u.conn_pair;

	field_u64(c, &b->a);
	field_u64(c, &b->b);
	field_u16(c, &b->skip_a, 0, IPC_MORE_MAX);
	field_u16(c, &b->skip_b, 0, IPC_MORE_MAX);
	field_tag(c, b->tag);
	field_u8(c, &b->on_refused, IPC_REFUSED_DROPS, IPC_REFUSED_KEEPS);
	field_limits(c, &b->limits);
	field_bytes(c, &b->say_a, IPC_SAY_MAX);
	field_bytes(c, &b->say_b, IPC_SAY_MAX);
	if (b->a == b->b)
		codec_refuse(c);
}

static void
body_conn_join(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_join *b = &m->u.conn_join;

	field_u64(c, &b->conn);
	field_u16(c, &b->skip, 0, IPC_MORE_MAX);
	field_ttl(c, &b->ttl_ms);
	field_addr(c, &b->addr);
	field_ticket(c, b->ticket);
	field_tag(c, b->tag);
	field_limits(c, &b->limits);
	field_bytes(c, &b->say, IPC_SAY_MAX);
}

static void
body_conn_drop(struct codec *c, struct ipc_msg *m)
{
	struct ipc_conn_drop *b = &m->u.conn_drop;

	field_u64(c, &b->conn);
	field_u16(c, &b->skip, 0, IPC_MORE_MAX);
	field_u8(c, &b->how, IPC_DROP_ORDERLY, IPC_DROP_RESET);
	field_bytes(c, &b->say, IPC_SAY_MAX);
}

static void
body_pair_list_ask(struct codec *c, struct ipc_msg *m)
{
	field_u32(c, &m->u.pair_list_ask.ask, 0, UINT32_MAX);
}

static void
body_pair_ask(struct codec *c, struct ipc_msg *m)
{
	field_tag(c, m->u.pair_ask.tag);
}

static void
body_drain(struct codec *c, struct ipc_msg *m)
{
	uint32_t *v = &m->u.drain.timeout_ms;

	field_u32(c, v, 0, UINT32_MAX);
	if (*v > IPC_DRAIN_MAX_MS && *v != IPC_DRAIN_OWN_MS)
		codec_refuse(c);
}

#define HEADER_LEN 20u /* type, major, minor, reserved, from, to; IPC.md 2 */

/* The catalogue. min and max are lengths of the body in bytes. */
static const struct row {
	const char *name;
	enum ipc_direction direction;
	uint16_t min;
	uint16_t max;
	void (*body)(struct codec *, struct ipc_msg *);
} ROWS[IPC_TYPE_MAX + 1] = {
    /* type, name, direction, lengths, codec; specified in IPC.md ... */
    [IPC_NODE_HELLO] = {"NODE_HELLO", IPC_EVENT, 48, 734, body_node_hello},
    [IPC_NODE_READY] = {"NODE_READY", IPC_EVENT, 8, 8, body_node_ready},
    [IPC_NODE_BEAT] = {"NODE_BEAT", IPC_EVENT, 23, 8215, body_node_beat},
    [IPC_NODE_BYE] = {"NODE_BYE", IPC_EVENT, 1, 1, body_node_bye},
    [IPC_CONN_OPEN] = {"CONN_OPEN", IPC_EVENT, 48, 560, body_conn_open},
    [IPC_CONN_MORE] = {"CONN_MORE", IPC_EVENT, 11, 16931, body_conn_more},
    [IPC_CONN_FIN] = {"CONN_FIN", IPC_EVENT, 8, 8, body_conn_fin},
    [IPC_CONN_GONE] = {"CONN_GONE", IPC_EVENT, 17, 17, body_conn_gone},
    [IPC_PAIR_REFUSED] = {"PAIR_REFUSED", IPC_EVENT, 42, 42, body_pair_refused},
    [IPC_PAIR_ENDED] = {"PAIR_ENDED", IPC_EVENT, 65, 65, body_pair_ended},
    [IPC_PAIR_LIST] = {"PAIR_LIST", IPC_EVENT, 7, 8199, body_pair_list},
    [IPC_PAIR_HEARD] = {"PAIR_HEARD", IPC_EVENT, 40, 40, body_pair_heard},
    [IPC_WELCOME] = {"WELCOME", IPC_COMMAND, 17, 80, body_welcome},
    [IPC_CONTROL_BEAT] = {"CONTROL_BEAT", IPC_COMMAND, 0, 0, body_empty},
    [IPC_RELEASE_ACK] = {"RELEASE_ACK", IPC_COMMAND, 8, 8, body_release_ack},
    [IPC_BYE_ACK] = {"BYE_ACK", IPC_COMMAND, 0, 0, body_empty},
    [IPC_DRAIN] = {"DRAIN", IPC_COMMAND, 4, 4, body_drain},
    [IPC_CONN_WAIT] = {"CONN_WAIT", IPC_COMMAND, 14, 14, body_conn_wait},
    [IPC_CONN_HOLD] = {"CONN_HOLD", IPC_COMMAND, 17, 2065, body_conn_hold},
    [IPC_CONN_PAIR] = {"CONN_PAIR", IPC_COMMAND, 68, 4228, body_conn_pair},
    [IPC_CONN_DROP] = {"CONN_DROP", IPC_COMMAND, 13, 2061, body_conn_drop},
    [IPC_PAIR_LIST_ASK] = {"PAIR_LIST_ASK", IPC_COMMAND, 4, 4,
	body_pair_list_ask},
    [IPC_CONN_JOIN] = {"CONN_JOIN", IPC_COMMAND, 109, 2221, body_conn_join},
    [IPC_PAIR_ASK] = {"PAIR_ASK", IPC_COMMAND, 32, 32, body_pair_ask},
};

bool
ipc_type_is_known(unsigned type)
{
	return type <= IPC_TYPE_MAX && ROWS[type].name != NULL;
}

const char *
ipc_type_name(unsigned type)
{
	return ipc_type_is_known(type) ? ROWS[type].name : "unknown";
}

size_t
ipc_type_min_len(unsigned type)
{
	return ipc_type_is_known(type) ? HEADER_LEN + ROWS[type].min : 0;
}

size_t
ipc_type_max_len(unsigned type)
{
	return ipc_type_is_known(type) ? HEADER_LEN + ROWS[type].max : 0;
}

enum ipc_direction
ipc_type_direction(unsigned type)
{
	return ROWS[type].direction;
}

bool
ipc_name_is_valid(const char *name)
{
	static const char ALNUM[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char ALL[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	return len >= 1 && len <= IPC_NAME_MAX &&
	       strchr(ALNUM, name[0]) != NULL && strspn(name, ALL) == len;
}

/* Everybody has an epoch; before its hello is answered a node knows no other
 * (IPC.md 2). */
static bool
epochs_are_valid(unsigned type, uint64_t from, uint64_t to)
{
	return from != 0 && (to == 0) == (type == IPC_NODE_HELLO);
}

static enum parse_result
get_header(struct wire_reader *r, struct ipc_header *h, uint8_t *reserved)
{
	uint8_t major;

	h->type = wire_get_u8(r);
	major = wire_get_u8(r);
	h->minor = wire_get_u8(r);
	*reserved = wire_get_u8(r);
	h->from = wire_get_u64(r);
	h->to = wire_get_u64(r);
	return !r->bad && major == IPC_MAJOR ? PARSE_OK : PARSE_BAD;
}

enum parse_result
ipc_decode_header(struct ipc_header *h, const void *buf, size_t len)
{
	struct wire_reader r;
	struct ipc_header out;
	uint8_t reserved;

	wire_reader_init(&r, buf, len);
	if (get_header(&r, &out, &reserved) != PARSE_OK)
		return PARSE_BAD;
	*h = out;
	return PARSE_OK;
}

/* Whether a body may follow; len is how long it is. A newer minor version may
 * have more behind what is known. */
static bool
header_is_valid(
    const struct ipc_header *h, enum ipc_direction direction, size_t len)
{
	if (!ipc_type_is_known(h->type) || ROWS[h->type].direction != direction)
		return false;
	return epochs_are_valid(h->type, h->from, h->to) &&
	       len >= ROWS[h->type].min &&
	       (len <= ROWS[h->type].max || h->minor > IPC_MINOR);
}

enum parse_result
ipc_decode(struct ipc_msg *m, const void *buf, size_t len,
    enum ipc_direction direction)
{
	struct wire_reader r;
	struct codec c = {.r = &r};
	struct ipc_header h;
	struct ipc_msg out;
	uint8_t reserved;

	memset(&out, 0, sizeof out);
	wire_reader_init(&r, buf, len);
	if (get_header(&r, &h, &reserved) != PARSE_OK || reserved != 0 ||
	    !header_is_valid(&h, direction, r.left))
		return PARSE_BAD;
	out.type = (enum ipc_type)h.type;
	out.from = h.from;
	out.to = h.to;
	ROWS[h.type].body(&c, &out);
	if (!wire_done(&r) && (r.bad || h.minor <= IPC_MINOR))
		return PARSE_BAD;
	*m = out;
	return PARSE_OK;
}

size_t
ipc_encode(const struct ipc_msg *m, void *buf, size_t cap)
{
	struct wire_writer w;
	struct codec c = {.w = &w};
	struct ipc_msg copy = *m; /* the codec takes no const; see field_* */

	wire_writer_init(&w, buf, cap);
	wire_put_u8(&w, (uint8_t)m->type);
	wire_put_u8(&w, IPC_MAJOR);
	wire_put_u8(&w, IPC_MINOR);
	wire_put_u8(&w, 0);
	wire_put_u64(&w, m->from);
	wire_put_u64(&w, m->to);
	if (!epochs_are_valid(m->type, m->from, m->to))
		return 0;
	ROWS[m->type].body(&c, &copy);
	return w.bad ? 0 : w.len;
}
