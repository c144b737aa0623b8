#include "proto/url.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool
skip_prefix(const char **text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*text, prefix, len) != 0)
		return false;
	*text += len;
	return true;
}

/* HOST:PORT up to the next slash, which is consumed. */
static const char *
parse_host(struct url *u, const char **text)
{
	const char *slash = strchr(*text, '/');

	if (slash == NULL)
		return "a / is missing behind HOST:PORT";
	if (addr_split_host(
		*text, (size_t)(slash - *text), u->host, &u->port) == -1)
		return "HOST:PORT is malformed (IPv6 goes in brackets, "
		       "ports are 1 to 65535)";
	*text = slash + 1;
	return NULL;
}

static int
parse_scheme(struct url *u, const char *text, const char **why)
{
	*why = parse_host(u, &text);
	if (*why != NULL)
		return -1;
	if (digest_parse(u->digest, text, strlen(text)) == -1) {
		*why = "the digest behind the / must be exactly 43 "
		       "characters of base64url";
		return -1;
	}
	return 1;
}

static const char *
parse_kind(enum url_kind *kind, const char **text)
{
	if (skip_prefix(text, "rst/"))
		*kind = URL_RELAYED;
	else if (skip_prefix(text, "st/"))
		*kind = URL_DIRECT;
	else
		return "behind the digest comes rst/HOST:PORT/ or "
		       "st/HOST:PORT/";
	return NULL;
}

static int
parse_stack(struct url *urls, size_t max, const char *text, const char **why)
{
	const char *slash = strchr(text, '/');
	uint8_t digest[DIGEST_LEN];
	size_t n = 0;

	if (slash == NULL ||
	    digest_parse(digest, text, (size_t)(slash - text)) == -1) {
		*why = "the digest behind tx3: must be exactly 43 "
		       "characters of base64url";
		return -1;
	}
	text = slash + 1;
	do {
		if (n == max) {
			*why = "it names too many ways";
			return -1;
		}
		*why = parse_kind(&urls[n].kind, &text);
		if (*why == NULL)
			*why = parse_host(&urls[n], &text);
		if (*why != NULL)
			return -1;
		memcpy(urls[n].digest, digest, DIGEST_LEN);
		n++;
	} while (*text != '\0');
	return (int)n;
}

int
url_parse(struct url *urls, size_t max, const char *text, const char **why)
{
	struct url out[URL_STACKS_MAX];
	int n;

	memset(out, 0, sizeof out);
	if (max > URL_STACKS_MAX)
		max = URL_STACKS_MAX;
	if (skip_prefix(&text, "tx3-rst://")) {
		out[0].kind = URL_RELAYED;
		n = parse_scheme(&out[0], text, why);
	} else if (skip_prefix(&text, "tx3-st://")) {
		out[0].kind = URL_DIRECT;
		n = parse_scheme(&out[0], text, why);
	} else if (skip_prefix(&text, "tx3:")) {
		n = parse_stack(out, max, text, why);
	} else {
		*why = "it begins with tx3-rst://, tx3-st:// or tx3:";
		n = -1;
	}
	if (n > 0)
		memcpy(urls, out, (size_t)n * sizeof *out);
	return n;
}

const char *
url_format(const struct url *u, enum url_spelling spelling, char *buf)
{
	const char *kind = u->kind == URL_RELAYED ? "rst" : "st";
	char host[ADDR_JOINED_CAP], digest[DIGEST_TEXT_CAP];

	addr_join_host(u->host, u->port, host);
	digest_format(u->digest, digest);
	switch (spelling) {
	case URL_SCHEME:
		(void)snprintf(
		    buf, URL_TEXT_CAP, "tx3-%s://%s/%s", kind, host, digest);
		break;
	case URL_STACK:
		(void)snprintf(
		    buf, URL_TEXT_CAP, "tx3:%s/%s/%s/", digest, kind, host);
		break;
	}
	return buf;
}
