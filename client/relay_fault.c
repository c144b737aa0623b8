#include "client/relay_fault.h"

void
relay_fault_key(struct fault *fault, const uint8_t found[DIGEST_LEN])
{
	char text[DIGEST_TEXT_CAP];

	(void)fault_set(fault, EXITCODE_RELAY_KEY,
	    "the relay's key is not its address's: it has %s; has it lost its "
	    "identity, or is somebody in between?",
	    digest_format(found, text));
}
