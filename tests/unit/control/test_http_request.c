#include "control/http_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

/* On the heap, so that a sanitizer sees a byte too far. */
static enum parse_result
parse(struct http_request *r, const char *text, size_t len)
{
	char *exact = malloc(len > 0 ? len : 1);
	enum parse_result rc;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, text, len);
	rc = http_request_parse(r, exact, len);
	free(exact);
	return rc;
}

START_TEST(request_is_understood_at_its_end_and_no_sooner)
{
	static const char TEXT[] = "GET /metrics?a=/b HTTP/1.1\r\nA: b\r\n"
				   "hOST: \t 127.0.0.1:7445 \r\n\r\nbody";
	size_t len = strlen(TEXT) - 4;
	struct http_request r;

	for (size_t n = 0; n < len; n++)
		ck_assert_msg(parse(&r, TEXT, n) == PARSE_MORE, "%zu", n);
	for (size_t n = len; n < sizeof TEXT; n++) {
		memset(&r, 0xff, sizeof r);
		ck_assert_int_eq(parse(&r, TEXT, n), PARSE_OK);
		ck_assert_int_eq(r.method, HTTP_GET);
		ck_assert_str_eq(r.path, "/metrics");
		ck_assert_str_eq(r.host, "127.0.0.1:7445");
		ck_assert(r.has_host);
	}
}
END_TEST

START_TEST(request_may_be_short)
{
	struct http_request r;

	ck_assert_int_eq(parse(&r, "HEAD / HTTP/1.0\n\n", 17), PARSE_OK);
	ck_assert_int_eq(r.method, HTTP_HEAD);
	ck_assert_str_eq(r.path, "/");
	ck_assert(!r.has_host);
	ck_assert_int_eq(parse(&r, "PUT / HTTP/1.0\n\n", 16), PARSE_OK);
	ck_assert_int_eq(r.method, HTTP_OTHER);
}
END_TEST

START_TEST(query_is_kept_of_a_post_alone_and_has_a_bound)
{
	char text[2 * HTTP_QUERY_CAP + 32], fill[HTTP_QUERY_CAP];
	struct http_request r;

	ck_assert_int_eq(parse(&r, "POST /a HTTP/1.0\n\n", 18), PARSE_OK);
	ck_assert_int_eq(r.method, HTTP_POST);
	ck_assert_str_eq(r.query, "");
	ck_assert_int_eq(parse(&r, "POST /a?b?c HTTP/1.0\n\n", 22), PARSE_OK);
	ck_assert_str_eq(r.path, "/a");
	ck_assert_str_eq(r.query, "b?c");
	memset(fill, 'x', sizeof fill);
	for (int n = HTTP_QUERY_CAP - 2; n <= HTTP_QUERY_CAP; n++) {
		int len = snprintf(
		    text, sizeof text, "POST /?%.*s HTTP/1.1\n\n", n, fill);

		ck_assert_int_eq(parse(&r, text, (size_t)len),
		    n < HTTP_QUERY_CAP ? PARSE_OK : PARSE_BAD);
	}
	ck_assert_int_eq(
	    parse(&r,
		"GET /?" /* any length will do */
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxx HTTP/1.1\n\n",
		87),
	    PARSE_OK);
	ck_assert_str_eq(r.query, "");
}
END_TEST

START_TEST(what_is_no_request_is_refused_at_the_line_it_is_in)
{
	static const char *const BAD[] = {"\n", "\r\n", "GET\n", "GET /\n",
	    "GET / HTTP/2.0\n", "GET  / HTTP/1.1\n", "GET / HTTP/1.1 \n",
	    " / HTTP/1.1\n", "GET x HTTP/1.1\n", "GET * HTTP/1.1\n",
	    "GET http://localhost/ HTTP/1.1\n", "GET /\x01 HTTP/1.1\n",
	    "GET /\r HTTP/1.1\n", "GET / HTTP/1.1\r\r\n",
	    "GET / HTTP/1.1\nno colon\n", "GET / HTTP/1.1\n: x\n",
	    "GET / HTTP/1.1\nHost : x\n", "GET / HTTP/1.1\nA: b\n folded: x\n",
	    "GET / HTTP/1.1\nA: \x7f\n", "GET / HTTP/1.1\nA: b\rc\n",
	    "GET / HTTP/1.1\nHost: x\nhost: x\n", "\x16\x03\x01\n"};
	struct http_request r;

	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		size_t len = strlen(BAD[i]);

		ck_assert_msg(
		    parse(&r, BAD[i], len) == PARSE_BAD, "%s", BAD[i]);
		ck_assert_msg(
		    parse(&r, BAD[i], len - 1) == PARSE_MORE, "%s", BAD[i]);
	}
	ck_assert_int_eq(parse(&r, "GET /\0 HTTP/1.1\n", 16), PARSE_BAD);
}
END_TEST

START_TEST(path_and_host_have_bounds)
{
	char text[2 * HTTP_HOST_CAP], fill[HTTP_HOST_CAP];
	struct http_request r;

	memset(fill, 'x', sizeof fill);
	for (int n = HTTP_PATH_CAP - 2; n <= HTTP_PATH_CAP + 1; n++) {
		int len = snprintf(
		    text, sizeof text, "GET /%.*s HTTP/1.1\n\n", n - 1, fill);

		ck_assert_int_eq(parse(&r, text, (size_t)len),
		    n < HTTP_PATH_CAP ? PARSE_OK : PARSE_BAD);
	}
	for (int n = HTTP_HOST_CAP - 2; n <= HTTP_HOST_CAP; n++) {
		int len = snprintf(text, sizeof text,
		    "GET / HTTP/1.1\nHost: %.*s\n\n", n, fill);

		ck_assert_int_eq(parse(&r, text, (size_t)len),
		    n < HTTP_HOST_CAP ? PARSE_OK : PARSE_BAD);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("http_request");

	tcase_add_test(t, request_is_understood_at_its_end_and_no_sooner);
	tcase_add_test(t, request_may_be_short);
	tcase_add_test(t, query_is_kept_of_a_post_alone_and_has_a_bound);
	tcase_add_test(t, what_is_no_request_is_refused_at_the_line_it_is_in);
	tcase_add_test(t, path_and_host_have_bounds);
	return suite_run("http_request", (TCase *[]){t, NULL});
}
