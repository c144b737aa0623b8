/* A head that is understood stays so whatever follows it, and what is no
 * beginning of one stays none. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "control/http_request.h"

static enum parse_result
parse_exactly(const uint8_t *data, size_t size)
{
	struct http_request r;
	char *exact = malloc(size > 0 ? size : 1);
	enum parse_result rc;

	if (exact == NULL)
		abort();
	memcpy(exact, data, size);
	rc = http_request_parse(&r, exact, size);
	if (rc == PARSE_OK &&
	    (r.path[0] != '/' || strlen(r.path) >= sizeof r.path ||
		strlen(r.host) >= sizeof r.host))
		abort();
	free(exact);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum parse_result whole = parse_exactly(data, size);

	for (size_t n = size > 64 ? size - 64 : 0; n < size; n++) {
		enum parse_result part = parse_exactly(data, n);

		if (part != PARSE_MORE && part != whole)
			abort();
	}
	return 0;
}
