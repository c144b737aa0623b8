/* What reads as a device ID is written so that it reads the same. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/deviceid.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t digest[DIGEST_LEN], again[DIGEST_LEN];
	char text[DEVICEID_TEXT_CAP];

	if (deviceid_parse(digest, (const char *)data, size) != 0)
		return 0;
	deviceid_format(digest, text);
	if (strlen(text) != DEVICEID_TEXT_LEN ||
	    deviceid_parse(again, text, DEVICEID_TEXT_LEN) != 0 ||
	    memcmp(again, digest, DIGEST_LEN) != 0)
		abort();
	return 0;
}
