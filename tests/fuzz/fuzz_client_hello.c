/* A look at a ClientHello says how far to read on, or what it found for good. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "control/client_hello.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct client_hello_reader *reader;
	size_t want = 0;

	if (reader == NULL)
		reader = client_hello_reader_new();
	if (reader == NULL || size > 20000)
		return 0;
	if (client_hello_offers(reader, "bep-relay", data, size, &want) ==
		PARSE_MORE &&
	    want <= size)
		abort();
	return 0;
}
