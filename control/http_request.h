/*
 * http_request - the head of an HTTP/1 request, as far as operators' pages
 * need it. A body is nobody's concern, a POST's neither: each connection gets
 * one answer.
 */
#ifndef CONTROL_HTTP_REQUEST_H
#define CONTROL_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/wire.h"

#define HTTP_PATH_CAP  128
#define HTTP_QUERY_CAP 64
#define HTTP_HOST_CAP  280 /* a DNS name, a port, and room */

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OTHER };

struct http_request {
	enum http_method method;
	char path[HTTP_PATH_CAP];   /* as it came; without the query */
	char query[HTTP_QUERY_CAP]; /* without its '?'; of a POST alone */
	bool has_host;
	char host[HTTP_HOST_CAP];
};

/*
 * http_request_parse - understand a request's head.
 *
 * r        out; written on PARSE_OK alone.
 * p, len   what has arrived so far.
 * Returns  PARSE_OK; PARSE_MORE: it has no end yet; PARSE_BAD: it is no
 *          HTTP/1 request for a path, it has two Host headers, or path, host
 *          or a POST's query are longer than any of ours.
 * Source   RFC 9112, 2 to 5; lines may end with LF alone. Its folded lines
 *          and the target's absolute form are PARSE_BAD.
 */
enum parse_result
http_request_parse(struct http_request *r, const char *p, size_t len);

#endif
