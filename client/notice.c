#include "client/notice.h"

#include <string.h>

void
notice_init(struct notice_reader *r)
{
	memset(r, 0, sizeof *r);
}

enum notice_answer
notice_next(struct notice_reader *r, const uint8_t **p, size_t *len,
    uint8_t token[TX3_TOKEN_LEN])
{
	size_t take = sizeof r->bytes - r->len;

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
	if (r->len < sizeof r->bytes)
		return NOTICE_MORE;
	memcpy(token, r->bytes, TX3_TOKEN_LEN);
	r->len = 0;
	return NOTICE_TOKEN;
}
