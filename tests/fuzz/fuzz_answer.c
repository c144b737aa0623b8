/* Any bytes as the admin interface's answer: the body that is found lies
 * inside it, behind its head. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "client/admin.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *answer = malloc(size + 1);
	unsigned status = 0;
	const char *body;

	if (answer == NULL)
		abort();
	memcpy(answer, data, size);
	answer[size] = '\0';
	body = admin_body(answer, size, &status);
	if (body != NULL && (body < answer + 4 || body > answer + size ||
				memcmp(body - 4, "\r\n\r\n", 4) != 0))
		abort();
	free(answer);
	return 0;
}
