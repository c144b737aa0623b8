/* What parses formats to a text that parses to the same. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proto/url.h"

static void
check(const struct url *u, enum url_spelling spelling)
{
	struct url again[1];
	char text[URL_TEXT_CAP];
	const char *why;

	url_format(u, spelling, text);
	if (url_parse(again, 1, text, &why) != 1 || again->kind != u->kind ||
	    again->port != u->port || strcmp(again->host, u->host) != 0 ||
	    memcmp(again->digest, u->digest, DIGEST_LEN) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct url urls[URL_STACKS_MAX];
	const char *why = NULL;
	char *text = malloc(size + 1);
	int n;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	n = url_parse(urls, URL_STACKS_MAX, text, &why);
	if (n == -1 && why == NULL)
		abort();
	for (int i = 0; i < n; i++) {
		check(&urls[i], URL_SCHEME);
		check(&urls[i], URL_STACK);
	}
	free(text);
	return 0;
}
