#include "proto/ipc_field.h"

void
ipc_codec_refuse(struct ipc_codec *c)
{
	if (c->r != NULL)
		c->r->bad = true;
	else
		c->w->bad = true;
}

void
ipc_field_u8(struct ipc_codec *c, uint8_t *v, uint8_t min, uint8_t max)
{
	if (c->r != NULL)
		*v = wire_get_u8(c->r);
	else
		wire_put_u8(c->w, *v);
	if (*v < min || *v > max)
		ipc_codec_refuse(c);
}

void
ipc_field_u16(struct ipc_codec *c, uint16_t *v, uint16_t min, uint16_t max)
{
	if (c->r != NULL)
		*v = wire_get_u16(c->r);
	else
		wire_put_u16(c->w, *v);
	if (*v < min || *v > max)
		ipc_codec_refuse(c);
}

void
ipc_field_u32(struct ipc_codec *c, uint32_t *v, uint32_t min, uint32_t max)
{
	if (c->r != NULL)
		*v = wire_get_u32(c->r);
	else
		wire_put_u32(c->w, *v);
	if (*v < min || *v > max)
		ipc_codec_refuse(c);
}

void
ipc_field_u64(struct ipc_codec *c, uint64_t *v)
{
	if (c->r != NULL)
		*v = wire_get_u64(c->r);
	else
		wire_put_u64(c->w, *v);
}

void
ipc_field_ttl(struct ipc_codec *c, uint32_t *v)
{
	ipc_field_u32(c, v, IPC_TTL_MIN_MS, IPC_TTL_MAX_MS);
}

void
ipc_field_reason(struct ipc_codec *c, uint8_t *v)
{
	ipc_field_u8(c, v, 0, REASON_COUNT - 1);
}

void
ipc_field_tag(struct ipc_codec *c, uint8_t tag[IPC_TAG_LEN])
{
	if (c->r != NULL)
		wire_get_bytes(c->r, tag, IPC_TAG_LEN);
	else
		wire_put_bytes(c->w, tag, IPC_TAG_LEN);
}

void
ipc_field_ticket(struct ipc_codec *c, uint8_t ticket[IPC_TICKET_LEN])
{
	if (c->r != NULL)
		wire_get_bytes(c->r, ticket, IPC_TICKET_LEN);
	else
		wire_put_bytes(c->w, ticket, IPC_TICKET_LEN);
}

void
ipc_field_addr(struct ipc_codec *c, struct addr *a)
{
	if (c->r != NULL)
		addr_get(c->r, a);
	else
		addr_put(c->w, a);
}

void
ipc_field_str(struct ipc_codec *c, char *s, size_t cap)
{
	if (c->r != NULL)
		wire_get_str(c->r, s, cap);
	else
		wire_put_str(c->w, s);
}

void
ipc_field_bytes(struct ipc_codec *c, struct ipc_bytes *b, size_t max_len)
{
	if (b->len > max_len && c->w != NULL)
		ipc_codec_refuse(c);
	if (c->r != NULL)
		b->p = wire_get_vec(c->r, max_len, &b->len);
	else
		wire_put_vec(c->w, b->p, b->len);
}

static void
ipc_field_rate(struct ipc_codec *c, struct ipc_rate *r)
{
	ipc_field_u64(c, &r->group);
	ipc_field_u64(c, &r->bytes_per_s);
	if (r->bytes_per_s < 1 || r->bytes_per_s > IPC_RATE_MAX)
		ipc_codec_refuse(c);
}

static void
ipc_field_rates(struct ipc_codec *c, struct ipc_limits *b)
{
	ipc_field_u8(c, &b->n_rates, 0, IPC_RATES_MAX);
	for (size_t i = 0; i < b->n_rates && i < IPC_RATES_MAX; i++) {
		ipc_field_rate(c, &b->rates[i]);
		for (size_t j = 0; j < i; j++)
			if (b->rates[j].group == b->rates[i].group)
				ipc_codec_refuse(c);
	}
}

void
ipc_field_limits(struct ipc_codec *c, struct ipc_limits *b)
{
	ipc_field_u8(c, &b->on_drain, IPC_DRAIN_WAITS, IPC_DRAIN_ENDS);
	ipc_field_u32(c, &b->idle_ms, 0, UINT32_MAX);
	ipc_field_u16(c, &b->keepalive_idle_s, 0, INT16_MAX);
	ipc_field_u16(c, &b->keepalive_interval_s, 0, INT16_MAX);
	ipc_field_u8(c, &b->keepalive_count, 0, INT8_MAX);
	ipc_field_rates(c, b);
}
