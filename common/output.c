#include "common/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/exitcode.h"

int
output_finish(const char *who, int code)
{
	const char *why = "not all was written";

	if (fflush(stdout) == EOF)
		why = strerror(errno);
	else if (!ferror(stdout))
		return code;
	(void)fprintf(stderr, "%s: standard output failed: %s\n", who, why);
	return code == EXITCODE_OK ? EXITCODE_TRY_AGAIN : code;
}
