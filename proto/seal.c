#include "proto/seal.h"

#include <string.h>

/* A type belongs to one form: what could be replayed in another's place is
 * refused before any key is looked for. */
static bool
form_carries(enum seal_form form, uint8_t type)
{
	switch (form) {
	case SEAL_HELLO:
		return type == IPC_NODE_HELLO;
	case SEAL_WELCOME:
		return type == IPC_WELCOME;
	case SEAL_EVENT:
		return ipc_type_is_known(type) && type != IPC_NODE_HELLO &&
		       ipc_type_direction(type) == IPC_EVENT;
	case SEAL_COMMAND:
		return ipc_type_is_known(type) && type != IPC_WELCOME &&
		       ipc_type_direction(type) == IPC_COMMAND;
	}
	return false;
}

static void
get_session(struct wire_reader *r, struct seal_head *h)
{
	h->from = wire_get_u64(r);
	h->to = wire_get_u64(r);
	h->counter = wire_get_u64(r);
}

static void
get_fields(struct wire_reader *r, struct seal_head *h)
{
	switch (h->form) {
	case SEAL_HELLO:
		wire_get_str(r, h->name, sizeof h->name);
		wire_get_bytes(r, h->phase, sizeof h->phase);
		wire_get_bytes(r, h->nonce, sizeof h->nonce);
		break;
	case SEAL_WELCOME:
		wire_get_bytes(r, h->nonce, sizeof h->nonce);
		break;
	case SEAL_EVENT:
	case SEAL_COMMAND:
		get_session(r, h);
		break;
	}
}

static bool
head_is_valid(const struct seal_head *h)
{
	if (!form_carries(h->form, h->type))
		return false;
	if (h->form == SEAL_HELLO)
		return ipc_name_is_valid(h->name);
	return h->form == SEAL_WELCOME ||
	       (h->from != 0 && h->to != 0 && h->counter != 0);
}

/* As much of a hello's name as is there: its length stands at p. */
static bool
name_begins_well(const uint8_t *p, size_t len)
{
	char name[IPC_NAME_CAP] = "";
	size_t n = p[0];

	if (n == 0 || n > IPC_NAME_MAX)
		return false;
	if (n > len - 1)
		n = len - 1;
	memcpy(name, p + 1, n);
	return n == 0 || (ipc_name_is_valid(name) && strlen(name) == n);
}

/* What can be told from the first bytes, however few they are. */
static bool
begins_well(const uint8_t *p, size_t len)
{
	if (len > 0 && (p[0] < SEAL_HELLO || p[0] > SEAL_COMMAND))
		return false;
	if (len > 1 && !form_carries((enum seal_form)p[0], p[1]))
		return false;
	return len <= 2 || p[0] != SEAL_HELLO ||
	       name_begins_well(p + 2, len - 2);
}

enum parse_result
seal_parse(struct seal_parts *parts, const void *buf, size_t len)
{
	struct seal_parts out = {.clear = buf};
	struct wire_reader r;

	if (len > SEAL_MSG_CAP || !begins_well(buf, len))
		return PARSE_BAD;
	wire_reader_init(&r, buf, len);
	out.head.form = (enum seal_form)wire_get_u8(&r);
	out.head.type = wire_get_u8(&r);
	get_fields(&r, &out.head);
	if (r.bad || r.left < SEAL_TAG_LEN)
		return PARSE_MORE;
	if (!head_is_valid(&out.head) || r.left > SEAL_TAG_LEN + IPC_MSG_CAP)
		return PARSE_BAD;
	out.clear_len = len - r.left;
	out.sealed = r.p;
	out.sealed_len = r.left;
	*parts = out;
	return PARSE_OK;
}

static void
put_fields(struct wire_writer *w, const struct seal_head *h)
{
	switch (h->form) {
	case SEAL_HELLO:
		wire_put_str(w, h->name);
		wire_put_bytes(w, h->phase, sizeof h->phase);
		wire_put_bytes(w, h->nonce, sizeof h->nonce);
		break;
	case SEAL_WELCOME:
		wire_put_bytes(w, h->nonce, sizeof h->nonce);
		break;
	case SEAL_EVENT:
	case SEAL_COMMAND:
		wire_put_u64(w, h->from);
		wire_put_u64(w, h->to);
		wire_put_u64(w, h->counter);
		break;
	}
}

size_t
seal_put_head(const struct seal_head *head, void *buf)
{
	struct wire_writer w;

	if (!head_is_valid(head))
		return 0;
	wire_writer_init(&w, buf, SEAL_HEAD_MAX);
	wire_put_u8(&w, (uint8_t)head->form);
	wire_put_u8(&w, head->type);
	put_fields(&w, head);
	return w.bad ? 0 : w.len;
}

bool
seal_head_is_of(const struct seal_head *head, const void *msg, size_t len)
{
	struct ipc_header h;

	if (ipc_decode_header(&h, msg, len) != PARSE_OK || h.type != head->type)
		return false;
	return head->form == SEAL_HELLO || head->form == SEAL_WELCOME ||
	       (h.from == head->from && h.to == head->to);
}
