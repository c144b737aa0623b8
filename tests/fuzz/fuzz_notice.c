/* What decodes as a notice encodes to the same bytes. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/tx3.h"

static void
check(enum tx3_dialect dialect, const uint8_t *data, size_t size)
{
	uint8_t again[TX3_NOTICE_MAX];
	struct tx3_notice n;
	enum parse_result answer = tx3_notice_decode(dialect, &n, data, size);
	size_t len = tx3_notice_len(dialect);

	if ((answer == PARSE_OK) != (size >= len))
		abort();
	if (answer != PARSE_OK)
		return;
	if (tx3_notice_encode(dialect, &n, again) != len ||
	    memcmp(again, data, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(TX3_NOTICE32, data, size);
	check(TX3_NOTICE50, data, size);
	return 0;
}
