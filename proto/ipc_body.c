#include "proto/ipc_body.h"

void
ipc_body_node_hello(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_node_hello *b = &m->u.node_hello;

	ipc_field_str(c, b->name, sizeof b->name);
	ipc_field_addr(c, &b->commands);
	if (!ipc_name_is_valid(b->name))
		ipc_codec_refuse(c);
}

void
ipc_body_node_ready(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_node_ready *b = &m->u.node_ready;

	ipc_field_u64(c, &b->first_seq);
	ipc_field_str(c, b->build, sizeof b->build);
	ipc_field_u64(c, &b->features);
	ipc_field_addr(c, &b->accept);
	ipc_field_u8(c, &b->n_listeners, 0, IPC_LISTEN_MAX);
	for (size_t i = 0; i < b->n_listeners && i < IPC_LISTEN_MAX; i++)
		ipc_field_addr(c, &b->listeners[i]);
}

void
ipc_body_node_beat(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_node_beat *b = &m->u.node_beat;

	ipc_field_u32(c, &b->n_pending, 0, UINT32_MAX);
	ipc_field_u32(c, &b->n_pairs, 0, UINT32_MAX);
	ipc_field_u64(c, &b->last_seq);
	ipc_field_u8(c, &b->flags, 0, IPC_NODE_DRAINS);
	ipc_field_u32(c, &b->drain_ms, 0, IPC_DRAIN_MAX_MS);
	ipc_field_u16(c, &b->n_figures, 0, 1024);
	for (size_t i = 0; i < b->n_figures; i++) {
		uint64_t beyond = 0; /* a newer node counts more than we know */

		ipc_field_u64(
		    c, i < FIGURE_WIRE_COUNT ? &b->figures[i] : &beyond);
	}
	if (b->n_figures > FIGURE_WIRE_COUNT)
		b->n_figures = FIGURE_WIRE_COUNT;
}

void
ipc_body_node_bye(struct ipc_codec *c, struct ipc_msg *m)
{
	ipc_field_reason(c, &m->u.node_bye.reason);
}

void
ipc_body_conn_open(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_open *b = &m->u.conn_open;

	ipc_field_u64(c, &b->conn);
	ipc_field_u8(c, &b->flags, 0, IPC_CONN_LOCAL | IPC_CONN_FINISHED);
	ipc_field_u8(c, &b->listener, 0, UINT8_MAX);
	ipc_field_addr(c, &b->remote);
	ipc_field_addr(c, &b->local);
	ipc_field_bytes(c, &b->first, IPC_FIRST_MAX);
}

void
ipc_body_conn_more(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_more *b = &m->u.conn_more;

	ipc_field_u64(c, &b->conn);
	ipc_field_u8(c, &b->flags, 0, IPC_CONN_LOCAL | IPC_CONN_FINISHED);
	ipc_field_bytes(c, &b->bytes, IPC_MORE_MAX);
}

void
ipc_body_conn_fin(struct ipc_codec *c, struct ipc_msg *m)
{
	ipc_field_u64(c, &m->u.conn_fin.conn);
}

void
ipc_body_conn_gone(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_gone *b = &m->u.conn_gone;

	ipc_field_u64(c, &b->seq);
	ipc_field_u64(c, &b->conn);
	ipc_field_reason(c, &b->reason);
}

void
ipc_body_pair_refused(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_pair_refused *b = &m->u.pair_refused;

	ipc_field_u64(c, &b->seq);
	ipc_field_tag(c, b->tag);
	ipc_field_reason(c, &b->reason);
	ipc_field_u8(c, &b->gone, IPC_GONE_A, IPC_GONE_A | IPC_GONE_B);
}

void
ipc_body_pair_ended(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_pair_ended *b = &m->u.pair_ended;

	ipc_field_u64(c, &b->seq);
	ipc_field_tag(c, b->tag);
	ipc_field_u64(c, &b->bytes_ab);
	ipc_field_u64(c, &b->bytes_ba);
	ipc_field_u64(c, &b->ms);
	ipc_field_reason(c, &b->reason);
}

void
ipc_body_pair_list(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_pair_list *b = &m->u.pair_list;
	size_t len;

	ipc_field_u32(c, &b->ask, 0, UINT32_MAX);
	ipc_field_u8(c, &b->flags, 0, IPC_PAIR_LIST_LAST);
	ipc_field_u16(c, &b->n_tags, 0, IPC_LIST_MAX);
	len = (size_t)b->n_tags * IPC_TAG_LEN;
	if (c->r != NULL)
		b->tags = wire_get_view(c->r, len);
	else
		wire_put_bytes(c->w, b->tags, len);
}

void
ipc_body_pair_heard(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_pair_heard *b = &m->u.pair_heard;

	ipc_field_tag(c, b->tag);
	ipc_field_u32(c, &b->a_ms, 0, UINT32_MAX);
	ipc_field_u32(c, &b->b_ms, 0, UINT32_MAX);
}

void
ipc_body_welcome(struct ipc_codec *c, struct ipc_msg *m)
{
	ipc_field_str(c, m->u.welcome.build, sizeof m->u.welcome.build);
	ipc_field_u64(c, &m->u.welcome.features);
	ipc_field_u64(c, &m->u.welcome.start);
}

void
ipc_body_empty(struct ipc_codec *c, struct ipc_msg *m)
{
	(void)c;
	(void)m;
}

void
ipc_body_release_ack(struct ipc_codec *c, struct ipc_msg *m)
{
	ipc_field_u64(c, &m->u.release_ack.seq);
}

void
ipc_body_conn_wait(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_wait *b = &m->u.conn_wait;

	ipc_field_u64(c, &b->conn);
	ipc_field_u16(c, &b->n, 1, IPC_MORE_MAX);
	ipc_field_ttl(c, &b->ttl_ms);
}

void
ipc_body_conn_hold(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_hold *b = &m->u.conn_hold;

	ipc_field_u64(c, &b->conn);
	ipc_field_ttl(c, &b->ttl_ms);
	ipc_field_u16(c, &b->skip, 0, IPC_MORE_MAX);
	ipc_field_u8(c, &b->on_fin, IPC_FIN_DROPS, IPC_FIN_KEEPS);
	ipc_field_bytes(c, &b->say, IPC_SAY_MAX);
}

void
ipc_body_conn_pair(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_pair *b = &m->u.conn_pair;

	ipc_field_u64(c, &b->a);
	ipc_field_u64(c, &b->b);
	ipc_field_u16(c, &b->skip_a, 0, IPC_MORE_MAX);
	ipc_field_u16(c, &b->skip_b, 0, IPC_MORE_MAX);
	ipc_field_tag(c, b->tag);
	ipc_field_u8(c, &b->on_refused, IPC_REFUSED_DROPS, IPC_REFUSED_KEEPS);
	ipc_field_limits(c, &b->limits);
	ipc_field_bytes(c, &b->say_a, IPC_SAY_MAX);
	ipc_field_bytes(c, &b->say_b, IPC_SAY_MAX);
	if (b->a == b->b)
		ipc_codec_refuse(c);
}

void
ipc_body_conn_join(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_join *b = &m->u.conn_join;

	ipc_field_u64(c, &b->conn);
	ipc_field_u16(c, &b->skip, 0, IPC_MORE_MAX);
	ipc_field_ttl(c, &b->ttl_ms);
	ipc_field_addr(c, &b->addr);
	ipc_field_ticket(c, b->ticket);
	ipc_field_tag(c, b->tag);
	ipc_field_limits(c, &b->limits);
	ipc_field_bytes(c, &b->say, IPC_SAY_MAX);
}

void
ipc_body_conn_drop(struct ipc_codec *c, struct ipc_msg *m)
{
	struct ipc_conn_drop *b = &m->u.conn_drop;

	ipc_field_u64(c, &b->conn);
	ipc_field_u16(c, &b->skip, 0, IPC_MORE_MAX);
	ipc_field_u8(c, &b->how, IPC_DROP_ORDERLY, IPC_DROP_RESET);
	ipc_field_bytes(c, &b->say, IPC_SAY_MAX);
}

void
ipc_body_pair_list_ask(struct ipc_codec *c, struct ipc_msg *m)
{
	ipc_field_u32(c, &m->u.pair_list_ask.ask, 0, UINT32_MAX);
}

void
ipc_body_pair_ask(struct ipc_codec *c, struct ipc_msg *m)
{
	ipc_field_tag(c, m->u.pair_ask.tag);
}

void
ipc_body_drain(struct ipc_codec *c, struct ipc_msg *m)
{
	uint32_t *v = &m->u.drain.timeout_ms;

	ipc_field_u32(c, v, 0, UINT32_MAX);
	if (*v > IPC_DRAIN_MAX_MS && *v != IPC_DRAIN_OWN_MS)
		ipc_codec_refuse(c);
}
