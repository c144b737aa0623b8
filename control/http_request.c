#include "control/http_request.h"

#include <string.h>
#include <strings.h>

/* Some bytes of the head; not terminated. */
struct span {
	const char *p;
	size_t len;
};

/* The next line without its end. False: there is none yet. */
static bool
take_line(struct span *rest, struct span *line)
{
	const char *end = memchr(rest->p, '\n', rest->len);

	if (end == NULL)
		return false;
	line->p = rest->p;
	line->len = (size_t)(end - rest->p);
	rest->p += line->len + 1;
	rest->len -= line->len + 1;
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* Up to the next `end`, which is left out. False: it does not come. */
static bool
take_until(struct span *rest, char end, struct span *word)
{
	const char *at = memchr(rest->p, end, rest->len);

	if (at == NULL)
		return false;
	word->p = rest->p;
	word->len = (size_t)(at - rest->p);
	rest->p += word->len + 1;
	rest->len -= word->len + 1;
	return true;
}

static bool
equals(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

static bool
copy(struct span s, char *out, size_t cap)
{
	if (s.len >= cap)
		return false;
	memcpy(out, s.p, s.len);
	out[s.len] = '\0';
	return true;
}

static bool
has_control_bytes(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') ||
		    s.p[i] == 0x7f)
			return true;
	return false;
}

/* METHOD SP /path[?query] SP HTTP/1.x */
static bool
parse_first_line(struct http_request *r, struct span line)
{
	struct span method, target, path;

	if (!take_until(&line, ' ', &method) || method.len == 0 ||
	    !take_until(&line, ' ', &target) || target.len == 0 ||
	    target.p[0] != '/')
		return false;
	if (!equals(line, "HTTP/1.1") && !equals(line, "HTTP/1.0"))
		return false;
	r->method = equals(method, "GET")    ? HTTP_GET
		    : equals(method, "HEAD") ? HTTP_HEAD
		    : equals(method, "POST") ? HTTP_POST
					     : HTTP_OTHER;
	path = target;
	if (take_until(&target, '?', &path) && r->method == HTTP_POST &&
	    !copy(target, r->query, sizeof r->query))
		return false;
	return copy(path, r->path, sizeof r->path);
}

static struct span
trim(struct span s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool
parse_header(struct http_request *r, struct span line)
{
	struct span name;

	if (!take_until(&line, ':', &name) || name.len == 0 ||
	    memchr(name.p, ' ', name.len) != NULL ||
	    memchr(name.p, '\t', name.len) != NULL)
		return false;
	if (name.len != 4 || strncasecmp(name.p, "Host", 4) != 0)
		return true;
	if (r->has_host)
		return false;
	r->has_host = true;
	return copy(trim(line), r->host, sizeof r->host);
}

enum parse_result
http_request_parse(struct http_request *r, const char *p, size_t len)
{
	struct http_request got = {.method = HTTP_OTHER};
	struct span rest = {p, len}, line;

	for (size_t n = 0; take_line(&rest, &line); n++) {
		bool ok;

		if (n > 0 && line.len == 0) {
			*r = got;
			return PARSE_OK;
		}
		ok = n == 0 ? parse_first_line(&got, line)
			    : parse_header(&got, line);
		if (!ok || has_control_bytes(line))
			return PARSE_BAD;
	}
	return PARSE_MORE;
}
