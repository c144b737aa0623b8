/* A PROXY header of any bytes: one that is understood is the same with other
 * bytes behind it, and a beginning wants bytes that it does not have. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/proxy.h"

static void
check_alone(const struct proxy_header *h, const uint8_t *data)
{
	struct proxy_header alone;
	size_t want;

	if (proxy_parse(&alone, data, h->len, &want) != PARSE_OK ||
	    alone.len != h->len || alone.is_known != h->is_known ||
	    !addr_equal(&alone.source, &h->source))
		abort();
	if (proxy_parse(&alone, data, h->len - 1, &want) != PARSE_MORE ||
	    want != h->len)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_header h;
	size_t want = 0;

	switch (proxy_parse(&h, data, size, &want)) {
	case PARSE_OK:
		if (h.len > size || !proxy_is_begun(data, size))
			abort();
		check_alone(&h, data);
		break;
	case PARSE_MORE:
		if (want <= size || want > PROXY_MAX)
			abort();
		break;
	case PARSE_BAD:
		break;
	}
	return 0;
}
