/* Gives each file named on the command line to the fuzz target, cut at every
 * length too: so the seeds are tests where no fuzzer is at hand. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX 65536

static int
replay(const char *path)
{
	static uint8_t buf[SEED_MAX];
	FILE *f = fopen(path, "rb");
	size_t len;

	if (f == NULL) {
		perror(path);
		return -1;
	}
	len = fread(buf, 1, sizeof buf, f);
	(void)fclose(f);
	for (size_t cut = 0; cut <= len; cut++) {
		/* exactly cut bytes, so that reading beyond is seen */
		uint8_t *copy = malloc(cut > 0 ? cut : 1);

		if (copy == NULL)
			return -1;
		memcpy(copy, buf, cut);
		(void)LLVMFuzzerTestOneInput(copy, cut);
		free(copy);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: %s SEED...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		if (replay(argv[i]) == -1)
			return 1;
	return 0;
}
