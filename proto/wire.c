#include "proto/wire.h"

#include <string.h>

void
wire_reader_init(struct wire_reader *r, const void *p, size_t len)
{
	r->p = p;
	r->left = len;
	r->bad = false;
}

const uint8_t *
wire_get_view(struct wire_reader *r, size_t len)
{
	const uint8_t *view = r->p;

	if (r->bad || len > r->left) {
		r->bad = true;
		return NULL;
	}
	r->p += len;
	r->left -= len;
	return view;
}

static uint64_t
get_be(struct wire_reader *r, size_t len)
{
	const uint8_t *p = wire_get_view(r, len);
	uint64_t v = 0;

	for (size_t i = 0; p != NULL && i < len; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
wire_get_u8(struct wire_reader *r)
{
	return (uint8_t)get_be(r, 1);
}

uint16_t
wire_get_u16(struct wire_reader *r)
{
	return (uint16_t)get_be(r, 2);
}

uint32_t
wire_get_u32(struct wire_reader *r)
{
	return (uint32_t)get_be(r, 4);
}

uint64_t
wire_get_u64(struct wire_reader *r)
{
	return get_be(r, 8);
}

void
wire_get_bytes(struct wire_reader *r, void *dst, size_t len)
{
	const uint8_t *p = wire_get_view(r, len);

	if (p == NULL)
		memset(dst, 0, len);
	else
		memcpy(dst, p, len);
}

const uint8_t *
wire_get_vec(struct wire_reader *r, size_t max_len, size_t *len)
{
	const uint8_t *view;

	*len = wire_get_u16(r);
	if (*len > max_len)
		r->bad = true;
	view = wire_get_view(r, *len);
	if (view == NULL)
		*len = 0;
	return view;
}

void
wire_get_str(struct wire_reader *r, char *dst, size_t dst_cap)
{
	size_t len = wire_get_u8(r);
	const uint8_t *p;

	if (len >= dst_cap)
		r->bad = true;
	p = wire_get_view(r, len);
	if (p == NULL || memchr(p, '\0', len) != NULL) {
		r->bad = true;
		dst[0] = '\0';
		return;
	}
	memcpy(dst, p, len);
	dst[len] = '\0';
}

bool
wire_done(const struct wire_reader *r)
{
	return !r->bad && r->left == 0;
}

void
wire_writer_init(struct wire_writer *w, void *p, size_t cap)
{
	w->p = p;
	w->len = 0;
	w->cap = cap;
	w->bad = false;
}

void
wire_put_bytes(struct wire_writer *w, const void *src, size_t len)
{
	if (w->bad || len > w->cap - w->len) {
		w->bad = true;
		return;
	}
	if (len > 0)
		memcpy(w->p + w->len, src, len);
	w->len += len;
}

static void
put_be(struct wire_writer *w, uint64_t v, size_t len)
{
	uint8_t b[8];

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
	wire_put_bytes(w, b, len);
}

void
wire_put_u8(struct wire_writer *w, uint8_t v)
{
	put_be(w, v, 1);
}

void
wire_put_u16(struct wire_writer *w, uint16_t v)
{
	put_be(w, v, 2);
}

void
wire_put_u32(struct wire_writer *w, uint32_t v)
{
	put_be(w, v, 4);
}

void
wire_put_u64(struct wire_writer *w, uint64_t v)
{
	put_be(w, v, 8);
}

void
wire_put_vec(struct wire_writer *w, const void *src, size_t len)
{
	if (len > UINT16_MAX) {
		w->bad = true;
		return;
	}
	wire_put_u16(w, (uint16_t)len);
	wire_put_bytes(w, src, len);
}

void
wire_put_str(struct wire_writer *w, const char *s)
{
	size_t len = strlen(s);

	if (len > UINT8_MAX) {
		w->bad = true;
		return;
	}
	wire_put_u8(w, (uint8_t)len);
	wire_put_bytes(w, s, len);
}
