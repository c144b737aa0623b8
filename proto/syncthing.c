#include "proto/syncthing.h"

#include <stdio.h>
#include <string.h>

/* RFC 4506, 4.10: the length, the bytes, zeros up to a multiple of four. */
static size_t
padding(size_t len)
{
	return (4 - len % 4) % 4;
}

static struct syncthing_bytes
get_opaque(struct wire_reader *r, size_t max)
{
	struct syncthing_bytes b;

	b.len = wire_get_u32(r);
	if (b.len > max)
		r->bad = true;
	b.p = wire_get_view(r, b.len);
	if (b.p == NULL)
		b.len = 0;
	(void)wire_get_view(r, padding(b.len));
	return b;
}

static void
put_opaque(struct wire_writer *w, const struct syncthing_bytes *b, size_t max)
{
	static const uint8_t ZEROS[4];

	if (b->len > max)
		w->bad = true;
	wire_put_u32(w, (uint32_t)b->len);
	wire_put_bytes(w, b->p, b->len);
	wire_put_bytes(w, ZEROS, padding(b->len));
}

enum parse_result
syncthing_measure(const void *p, size_t len, size_t *total)
{
	uint8_t magic[4];
	struct wire_writer w;
	struct wire_reader r;
	uint32_t type, payload_len;

	wire_writer_init(&w, magic, sizeof magic);
	wire_put_u32(&w, SYNCTHING_MAGIC);
	if (memcmp(p, magic, len < sizeof magic ? len : sizeof magic) != 0)
		return PARSE_BAD;
	if (len < SYNCTHING_HEADER_LEN)
		return PARSE_MORE;
	wire_reader_init(&r, p, SYNCTHING_HEADER_LEN);
	(void)wire_get_u32(&r);
	type = wire_get_u32(&r);
	payload_len = wire_get_u32(&r);
	if (type > SYNCTHING_TYPE_MAX || payload_len > SYNCTHING_PAYLOAD_MAX)
		return PARSE_BAD;
	*total = SYNCTHING_HEADER_LEN + payload_len;
	return PARSE_OK;
}

static void
get_response(struct wire_reader *r, struct syncthing_response *response)
{
	response->code = (int32_t)wire_get_u32(r);
	response->text = get_opaque(r, SYNCTHING_TEXT_MAX);
}

/* Of a port the low half counts, of a bool the last byte. */
static void
get_invitation(struct wire_reader *r, struct syncthing_invitation *i)
{
	i->from = get_opaque(r, SYNCTHING_FIELD_MAX);
	i->key = get_opaque(r, SYNCTHING_FIELD_MAX);
	i->address = get_opaque(r, SYNCTHING_FIELD_MAX);
	i->port = (uint16_t)wire_get_u32(r);
	i->server_socket = (wire_get_u32(r) & 0xff) != 0;
}

static void
get_payload(struct wire_reader *r, struct syncthing_msg *m)
{
	switch (m->type) {
	case SYNCTHING_PING:
	case SYNCTHING_PONG:
	case SYNCTHING_RELAY_FULL:
		break;
	case SYNCTHING_JOIN_RELAY_REQUEST:
		if (r->left > 0) /* before 1.22.1 there was no token */
			m->u.token = get_opaque(r, SYNCTHING_TEXT_MAX);
		break;
	case SYNCTHING_JOIN_SESSION_REQUEST:
		m->u.key = get_opaque(r, SYNCTHING_FIELD_MAX);
		break;
	case SYNCTHING_RESPONSE:
		get_response(r, &m->u.response);
		break;
	case SYNCTHING_CONNECT_REQUEST:
		m->u.id = get_opaque(r, SYNCTHING_FIELD_MAX);
		break;
	case SYNCTHING_SESSION_INVITATION:
		get_invitation(r, &m->u.invitation);
		break;
	}
}

enum parse_result
syncthing_decode(
    struct syncthing_msg *m, const void *p, size_t len, size_t *used)
{
	struct syncthing_msg got = {.type = SYNCTHING_PING};
	struct wire_reader r;
	size_t total;
	enum parse_result answer = syncthing_measure(p, len, &total);

	if (answer != PARSE_OK)
		return answer;
	if (len < total)
		return PARSE_MORE;
	wire_reader_init(&r, p, total);
	(void)wire_get_u32(&r);
	got.type = (enum syncthing_type)wire_get_u32(&r);
	(void)wire_get_u32(&r);
	get_payload(&r, &got);
	if (r.bad)
		return PARSE_BAD;
	*m = got;
	*used = total;
	return PARSE_OK;
}

static void
put_response(struct wire_writer *w, const struct syncthing_response *response)
{
	wire_put_u32(w, (uint32_t)response->code);
	put_opaque(w, &response->text, SYNCTHING_TEXT_MAX);
}

static void
put_invitation(struct wire_writer *w, const struct syncthing_invitation *i)
{
	put_opaque(w, &i->from, SYNCTHING_FIELD_MAX);
	put_opaque(w, &i->key, SYNCTHING_FIELD_MAX);
	put_opaque(w, &i->address, SYNCTHING_FIELD_MAX);
	wire_put_u32(w, i->port);
	wire_put_u32(w, i->server_socket);
}

static void
put_payload(struct wire_writer *w, const struct syncthing_msg *m)
{
	switch (m->type) {
	case SYNCTHING_PING:
	case SYNCTHING_PONG:
	case SYNCTHING_RELAY_FULL:
		break;
	case SYNCTHING_JOIN_RELAY_REQUEST:
		put_opaque(w, &m->u.token, SYNCTHING_TEXT_MAX);
		break;
	case SYNCTHING_JOIN_SESSION_REQUEST:
		put_opaque(w, &m->u.key, SYNCTHING_FIELD_MAX);
		break;
	case SYNCTHING_RESPONSE:
		put_response(w, &m->u.response);
		break;
	case SYNCTHING_CONNECT_REQUEST:
		put_opaque(w, &m->u.id, SYNCTHING_FIELD_MAX);
		break;
	case SYNCTHING_SESSION_INVITATION:
		put_invitation(w, &m->u.invitation);
		break;
	}
}

size_t
syncthing_encode(const struct syncthing_msg *m, void *buf, size_t cap)
{
	uint8_t payload[SYNCTHING_PAYLOAD_MAX];
	struct wire_writer inner, w;

	wire_writer_init(&inner, payload, sizeof payload);
	put_payload(&inner, m);
	wire_writer_init(&w, buf, cap);
	wire_put_u32(&w, SYNCTHING_MAGIC);
	wire_put_u32(&w, m->type);
	wire_put_u32(&w, (uint32_t)inner.len);
	wire_put_bytes(&w, payload, inner.len);
	return inner.bad || w.bad ? 0 : w.len;
}

static const char *
words_of(enum syncthing_code code)
{
	switch (code) {
	case SYNCTHING_SUCCESS:
		return "success";
	case SYNCTHING_NOT_FOUND:
		return "not found";
	case SYNCTHING_ALREADY_CONNECTED:
		return "already connected";
	case SYNCTHING_WRONG_TOKEN:
		return "wrong token";
	case SYNCTHING_UNEXPECTED_MESSAGE:
		return "unexpected message";
	}
	return "";
}

struct syncthing_msg
syncthing_response(enum syncthing_code code)
{
	const char *words = words_of(code);
	struct syncthing_msg m = {.type = SYNCTHING_RESPONSE};

	m.u.response.code = (int32_t)code;
	m.u.response.text = (struct syncthing_bytes){
	    .p = (const uint8_t *)words,
	    .len = strlen(words),
	};
	return m;
}

struct syncthing_bytes
syncthing_address(const struct addr *a)
{
	size_t skip = addr_is_v4(a) ? 12 : 0;

	return (struct syncthing_bytes){a->ip + skip, sizeof a->ip - skip};
}

const char *
syncthing_url_format(const char *host, uint16_t port,
    const uint8_t digest[DIGEST_LEN], char *buf)
{
	char at[ADDR_JOINED_CAP], id[DEVICEID_TEXT_CAP];

	(void)snprintf(buf, SYNCTHING_URL_CAP, "relay://%s/?id=%s",
	    addr_join_host(host, port, at), deviceid_format(digest, id));
	return buf;
}

const struct cert_form SYNCTHING_CERT_FORM = {
    .cn_prefix = "",
    .san_prefix = "carrick-relay",
    .not_before = "19750101000000Z",
    .not_after = "40960101000000Z",
};
