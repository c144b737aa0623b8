/* Any bytes as the original relay's configuration: read, or refused with one
 * line. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control/tx3_relay_file.h"

static FILE *
nowhere(void)
{
	static FILE *f;

	if (f == NULL && (f = fopen("/dev/null", "w")) == NULL)
		abort();
	return f;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tx3_relay_file file;
	char path[64], why[TX3_RELAY_WHY_CAP] = "";
	int fd = memfd_create("import", MFD_CLOEXEC);

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (tx3_relay_file_load(&file, path, nowhere(), why) == 0) {
		if (file.identity == NULL || file.n_binds > TX3_RELAY_BINDS_MAX)
			abort();
	} else if (why[0] == '\0' || strchr(why, '\n') != NULL) {
		abort();
	}
	tx3_relay_file_free(&file);
	(void)close(fd);
	return 0;
}
