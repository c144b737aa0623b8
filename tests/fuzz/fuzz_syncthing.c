/* What decodes as a message encodes to one that decodes the same. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/syncthing.h"

static void
check_again(const struct syncthing_msg *m)
{
	uint8_t first[SYNCTHING_MSG_MAX], second[SYNCTHING_MSG_MAX];
	struct syncthing_msg again;
	size_t len = syncthing_encode(m, first, sizeof first), used;

	if (len == 0 ||
	    syncthing_decode(&again, first, len, &used) != PARSE_OK ||
	    used != len || again.type != m->type ||
	    syncthing_encode(&again, second, sizeof second) != len ||
	    memcmp(first, second, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct syncthing_msg m;
	size_t total = 0, used = 0;
	enum parse_result length = syncthing_measure(data, size, &total);
	enum parse_result answer = syncthing_decode(&m, data, size, &used);

	if (length != PARSE_OK && answer != length)
		abort();
	if (length == PARSE_OK && (answer == PARSE_MORE) != (size < total))
		abort();
	if (answer != PARSE_OK)
		return 0;
	if (used != total || used > size)
		abort();
	check_again(&m);
	return 0;
}
