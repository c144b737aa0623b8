#include "proto/ipc.h"

#include <string.h>

#include "proto/ipc_body.h"

#define HEADER_LEN 20u /* type, major, minor, reserved, from, to; IPC.md 2 */

/* The catalogue. min and max are lengths of the body in bytes. */
static const struct row {
	const char *name;
	enum ipc_direction direction;
	uint16_t min;
	uint16_t max;
	ipc_body_fn *body;
} ROWS[IPC_TYPE_MAX + 1] = {
    /* type, name, direction, lengths, codec; specified in IPC.md ... */
    [IPC_NODE_HELLO] = {"NODE_HELLO", IPC_EVENT, 20, 67, ipc_body_node_hello},
    [IPC_NODE_READY] = {"NODE_READY", IPC_EVENT, 36, 675, ipc_body_node_ready},
    [IPC_NODE_BEAT] = {"NODE_BEAT", IPC_EVENT, 23, 8215, ipc_body_node_beat},
    [IPC_NODE_BYE] = {"NODE_BYE", IPC_EVENT, 1, 1, ipc_body_node_bye},
    [IPC_CONN_OPEN] = {"CONN_OPEN", IPC_EVENT, 48, 560, ipc_body_conn_open},
    [IPC_CONN_MORE] = {"CONN_MORE", IPC_EVENT, 11, 16931, ipc_body_conn_more},
    [IPC_CONN_FIN] = {"CONN_FIN", IPC_EVENT, 8, 8, ipc_body_conn_fin},
    [IPC_CONN_GONE] = {"CONN_GONE", IPC_EVENT, 17, 17, ipc_body_conn_gone},
    [IPC_PAIR_REFUSED] = {"PAIR_REFUSED", IPC_EVENT, 42, 42,
	ipc_body_pair_refused},
    [IPC_PAIR_ENDED] = {"PAIR_ENDED", IPC_EVENT, 65, 65, ipc_body_pair_ended},
    [IPC_PAIR_LIST] = {"PAIR_LIST", IPC_EVENT, 7, 8199, ipc_body_pair_list},
    [IPC_PAIR_HEARD] = {"PAIR_HEARD", IPC_EVENT, 40, 40, ipc_body_pair_heard},
    [IPC_WELCOME] = {"WELCOME", IPC_COMMAND, 17, 80, ipc_body_welcome},
    [IPC_CONTROL_BEAT] = {"CONTROL_BEAT", IPC_COMMAND, 0, 0, ipc_body_empty},
    [IPC_RELEASE_ACK] = {"RELEASE_ACK", IPC_COMMAND, 8, 8,
	ipc_body_release_ack},
    [IPC_BYE_ACK] = {"BYE_ACK", IPC_COMMAND, 0, 0, ipc_body_empty},
    [IPC_DRAIN] = {"DRAIN", IPC_COMMAND, 4, 4, ipc_body_drain},
    [IPC_CONN_WAIT] = {"CONN_WAIT", IPC_COMMAND, 14, 14, ipc_body_conn_wait},
    [IPC_CONN_HOLD] = {"CONN_HOLD", IPC_COMMAND, 17, 2065, ipc_body_conn_hold},
    [IPC_CONN_PAIR] = {"CONN_PAIR", IPC_COMMAND, 68, 4228, ipc_body_conn_pair},
    [IPC_CONN_DROP] = {"CONN_DROP", IPC_COMMAND, 13, 2061, ipc_body_conn_drop},
    [IPC_PAIR_LIST_ASK] = {"PAIR_LIST_ASK", IPC_COMMAND, 4, 4,
	ipc_body_pair_list_ask},
    [IPC_CONN_JOIN] = {"CONN_JOIN", IPC_COMMAND, 109, 2221, ipc_body_conn_join},
    [IPC_PAIR_ASK] = {"PAIR_ASK", IPC_COMMAND, 32, 32, ipc_body_pair_ask},
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
	struct ipc_codec c = {.r = &r};
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
	struct ipc_codec c = {.w = &w};
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
