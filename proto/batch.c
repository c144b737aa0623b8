#include "proto/batch.h"

bool
batch_has_room(size_t batch_len, size_t n_msgs, size_t len)
{
	return n_msgs < BATCH_MSGS_MAX &&
	       len + BATCH_HEAD_LEN <= BATCH_CAP - batch_len;
}

static enum parse_result
check_one(struct wire_reader *r, size_t msg_max)
{
	size_t len = wire_get_u16(r);

	if (r->bad)
		return PARSE_MORE;
	if (len == 0 || len > msg_max)
		return PARSE_BAD;
	return wire_get_view(r, len) == NULL ? PARSE_MORE : PARSE_OK;
}

enum parse_result
batch_check(const void *buf, size_t len, size_t msg_max)
{
	enum parse_result result;
	struct wire_reader r;
	size_t n = 0;

	if (len > BATCH_CAP)
		return PARSE_BAD;
	wire_reader_init(&r, buf, len);
	do {
		if (n++ == BATCH_MSGS_MAX)
			return PARSE_BAD;
		result = check_one(&r, msg_max);
	} while (result == PARSE_OK && !wire_done(&r));
	return result;
}
