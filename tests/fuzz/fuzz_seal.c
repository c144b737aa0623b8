/* An envelope's head, put again, is what it was read from. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/seal.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t head[SEAL_HEAD_MAX];
	struct seal_parts parts;

	if (seal_parse(&parts, data, size) != PARSE_OK)
		return 0;
	if (parts.clear_len + parts.sealed_len != size ||
	    parts.sealed_len < SEAL_TAG_LEN)
		abort();
	if (seal_put_head(&parts.head, head) != parts.clear_len ||
	    memcmp(head, data, parts.clear_len) != 0)
		abort();
	return 0;
}
