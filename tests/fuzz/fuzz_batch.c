/* What can be taken apart gives the same bytes when it is put together. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/batch.h"

static void
check(const uint8_t *data, size_t size, size_t msg_max)
{
	static uint8_t again[BATCH_CAP];
	struct wire_reader r;
	struct wire_writer w;
	size_t n = 0, len;

	wire_reader_init(&r, data, size);
	wire_writer_init(&w, again, sizeof again);
	do {
		const uint8_t *msg = wire_get_vec(&r, msg_max, &len);

		if (msg == NULL || len == 0 || len > msg_max ||
		    !batch_has_room(w.len, n++, len))
			abort();
		wire_put_vec(&w, msg, len);
	} while (!wire_done(&r));
	if (w.bad || w.len != size || memcmp(again, data, size) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t maxima[] = {1, 20, BATCH_MSG_MAX};

	for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++)
		if (batch_check(data, size, maxima[i]) == PARSE_OK)
			check(data, size, maxima[i]);
	return 0;
}
