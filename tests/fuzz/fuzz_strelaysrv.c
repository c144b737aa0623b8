/* Any lines as a command line of strelaysrv: read, or one of them is named. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "control/strelaysrv_flags.h"

enum { ARGS_MAX = 64 };

static void
check(const struct strelaysrv_flags *f)
{
	if (f->keys == NULL || f->listen == NULL || f->ext_address == NULL ||
	    f->protocol == NULL || f->status_srv == NULL || f->pools == NULL ||
	    f->provided_by == NULL || f->token == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strelaysrv_flags f;
	const char *what = NULL, *why = NULL;
	char *text = malloc(size + 1), *argv[ARGS_MAX + 1], *rest = text;
	size_t n = 0;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	while (n < ARGS_MAX && rest != NULL)
		argv[n++] = strsep(&rest, "\n");
	if (strelaysrv_flags_parse(&f, n, argv, &what, &why) == 0)
		check(&f);
	else if (what == NULL || why == NULL)
		abort();
	free(text);
	return 0;
}
