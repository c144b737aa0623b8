#include "client/notice.h"

#include <string.h>

#include "common/secret.h"

void
notice_init(struct notice_reader *r, enum tx3_dialect dialect)
{
	memset(r, 0, sizeof *r);
	r->dialect = dialect;
}

enum notice_answer
notice_next(struct notice_reader *r, const uint8_t **p, size_t *len,
    struct tx3_notice *notice)
{
	size_t take = tx3_notice_len(r->dialect) - r->len;

	if (*len == 0)
		return NOTICE_MORE;
	if (!r->clear) {
		if (**p != TX3_ALL_CLEAR)
			return NOTICE_BAD;
		r->clear = true;
		(*p)++;
		(*len)--;
		return NOTICE_CLEAR;
	}
	if (take > *len)
		take = *len;
	memcpy(r->bytes + r->len, *p, take);
	r->len += take;
	*p += take;
	*len -= take;
	if (tx3_notice_decode(r->dialect, notice, r->bytes, r->len) != PARSE_OK)
		return NOTICE_MORE;
	secret_wipe(r->bytes, sizeof r->bytes);
	r->len = 0;
	return NOTICE_PEER;
}
