/* What decodes encodes again to the same message. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/ipc.h"

static void
check(const uint8_t *data, size_t size, enum ipc_direction direction)
{
	uint8_t buf[IPC_MSG_CAP], again[IPC_MSG_CAP];
	struct ipc_msg m, m2;
	size_t len, len2;

	if (ipc_decode(&m, data, size, direction) != PARSE_OK)
		return;
	len = ipc_encode(&m, buf, sizeof buf);
	if (len == 0 || ipc_decode(&m2, buf, len, direction) != PARSE_OK)
		abort();
	len2 = ipc_encode(&m2, again, sizeof again);
	if (len2 != len || memcmp(buf, again, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(data, size, IPC_EVENT);
	check(data, size, IPC_COMMAND);
	return 0;
}
