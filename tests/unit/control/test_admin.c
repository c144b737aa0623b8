#include <check.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "control/admin.h"
#include "control/http_request.h"
#include "control/metrics.h"
#include "control/status.h"
#include "control/frontend_tx3.h"
#include "tests/unit/control/fake.h"

static struct control *c;
static struct fake_node a;

static void
set_up(void)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	fake_ready(c, &a);
	m.u.node_beat.n_figures = FIGURE_WIRE_COUNT;
	m.u.node_beat.figures[FIGURE_BYTES_SPLICED] = 12345;
	m.u.node_beat.figures[FIGURE_PAIRS_ENDED + REASON_RESET] = 6;
	fake_send(c, &a, m);
	(void)fake_client(c, &a, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	fake_open(c, &a, 2, 1, fake_digest(0x55));
}

static void
tear_down(void)
{
	fake_free(c);
}

static char *
metrics(void)
{
	struct evbuffer *out = evbuffer_new();
	char *text;
	size_t len;

	ck_assert_int_eq(metrics_write(c, out), 0);
	len = evbuffer_get_length(out);
	text = calloc(1, len + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(evbuffer_remove(out, text, len), (int)len);
	evbuffer_free(out);
	return text;
}

/* One sample: "name{label="value",…} number". */
static void
check_sample(const char *line, const char *family)
{
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
	const char *rest = line + name;

	ck_assert_msg(
	    strlen(family) == name && strncmp(line, family, name) == 0,
	    "%s is in the family %s", line, family);
	if (*rest == '{') {
		rest = strchr(rest, '}');
		ck_assert_ptr_nonnull(rest);
		rest++;
	}
	ck_assert_int_eq(rest[0], ' ');
	ck_assert_uint_gt(strspn(rest + 1, "0123456789"), 0);
	ck_assert_int_eq(rest[1 + strspn(rest + 1, "0123456789")], '\0');
}

START_TEST(every_metric_stands_behind_its_help_and_type)
{
	char *text = metrics(), *rest = NULL, *line;
	char family[128] = "", helped[128] = "";

	for (line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char type[16];

		if (sscanf(line, "# HELP %127s %*c", helped) == 1)
			continue;
		if (sscanf(line, "# TYPE %127s %15s", family, type) == 2) {
			ck_assert_str_eq(family, helped);
			ck_assert(strcmp(type, "counter") == 0 ||
				  strcmp(type, "gauge") == 0);
			ck_assert_int_eq(strncmp(family, "carrick_", 8), 0);
			continue;
		}
		check_sample(line, family);
	}
	free(text);
}
END_TEST

START_TEST(no_family_comes_twice)
{
	char *text = metrics();

	for (char *p = strstr(text, "# TYPE "); p != NULL;
	     p = strstr(p + 1, "# TYPE ")) {
		char wanted[160];
		size_t len = strcspn(p + 7, " ") + 8;

		ck_assert_uint_lt(len + 7, sizeof wanted);
		memcpy(wanted, p, 7 + len);
		wanted[7 + len] = '\0';
		ck_assert_ptr_null(strstr(p + 1, wanted));
	}
	free(text);
}
END_TEST

START_TEST(figures_of_nodes_carry_their_names)
{
	char *text = metrics();

	ck_assert_ptr_nonnull(strstr(
	    text, "\ncarrick_splice_bytes_spliced_total{node=\"a\"} 12345\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_splice_pairs_ended_total{node=\"a\","
			 "reason=\"reset\"} 6\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_refused_total{reason=\"nobody\"} 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_calls{state=\"waiting\"} 0\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_calls{state=\"pending\"} 1\n"));
	free(text);
}
END_TEST

START_TEST(status_has_what_its_schema_says)
{
	const char *name, *state, *build, *digest, *source, *dialect;
	int retiring, schema, registered, pairs, calls, waiting, bytes;
	json_t *status = status_new(c);
	json_error_t e;

	ck_assert_ptr_nonnull(status);
	ck_assert_msg(
	    json_unpack_ex(status, &e, 0,
		"{s:i, s:s, s:i, s:[{s:s, s:s, s:b, s:[s]}], s:o, s:o}",
		"schema", &schema, "version", &name, "uptime_s", &bytes,
		"identities", "digest", &digest, "dialect", &dialect,
		"retiring", &retiring, "urls", &source, "limits",
		&(json_t *){0}, "counters", &(json_t *){0}) == 0,
	    "%s", e.text);
	ck_assert_int_eq(schema, 1);
	ck_assert_str_eq(dialect, "notice32");
	ck_assert_int_eq(retiring, 0);
	ck_assert_int_eq(
	    strncmp(source, "tx3-rst://relay.example:7443/", 29), 0);
	ck_assert_msg(
	    json_unpack_ex(status, &e, 0,
		"{s:[{s:s, s:s, s:s, s:i, s:[s], s:i, s:i, s:i, s:o}]}",
		"nodes", "name", &name, "state", &state, "build", &build,
		"session_s", &bytes, "listeners", &source, "pending", &calls,
		"pairs", &pairs, "unknown", &waiting, "figures",
		&(json_t *){0}) == 0,
	    "%s", e.text);
	ck_assert_str_eq(name, "a");
	ck_assert_str_eq(state, "ready");
	ck_assert_int_eq(pairs, 1);
	ck_assert_msg(
	    json_unpack_ex(status, &e, 0,
		"{s:[{s:s, s:b, s:i, s:s, s:i, s:i, s:i, s:i}]}", "clients",
		"digest", &digest, "registered", &registered, "since_s", &bytes,
		"source", &source, "waiting", &waiting, "pending", &calls,
		"pairs", &pairs, "bytes", &bytes) == 0,
	    "%s", e.text);
	ck_assert_int_eq(registered, 1);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(waiting, 0);
	ck_assert_str_eq(source, "192.0.3.7:40000");
	json_decref(status);
}
END_TEST

START_TEST(text_from_a_node_is_escaped_in_status)
{
	json_t *status, *back;
	char *text;

	strcpy(c->nodes.first->build, "\"},{\x01");
	status = status_new(c);
	ck_assert_ptr_nonnull(status);
	text = json_dumps(status, 0);
	ck_assert_ptr_nonnull(text);
	back = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(back);
	ck_assert(json_equal(status, back));
	json_decref(back);
	json_decref(status);
	free(text);
}
END_TEST

START_TEST(build_that_is_no_utf8_does_not_take_the_status_away)
{
	json_t *status;

	strcpy(c->nodes.first->build, "\xff\xfe");
	status = status_new(c);
	ck_assert_ptr_nonnull(status);
	ck_assert_uint_eq(json_array_size(json_object_get(status, "nodes")), 1);
	json_decref(status);
}
END_TEST

START_TEST(host_must_be_localhost_or_an_address)
{
	static const char *const GOOD[] = {"localhost", "LocalHost:7445",
	    "localhost.", "localhost.:7445", "127.0.0.1", "127.0.0.1:80",
	    "[::1]", "[::1]:7445", "192.0.2.7", "192.0.2.7:7445", "0.0.0.0:1",
	    "[2001:db8::1]:7445"};
	static const char *const BAD[] = {"", "evil.example", "localhost..",
	    "localhost.evil.example", "127.0.0.1.evil.example", "[::1", "::1",
	    "127.0.0.1:80x", "localhost:80:80", "localhost@evil",
	    "127.0.0.1:", ":80", "[::1]x", "127.0.0.1.", "2130706433",
	    "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc]"};

	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
		ck_assert_msg(admin_host_is_allowed(GOOD[i]), "%s", GOOD[i]);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		ck_assert_msg(!admin_host_is_allowed(BAD[i]), "%s", BAD[i]);
	ck_assert(!admin_host_is_allowed(NULL));
}
END_TEST

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

static int
select_alpn(const char *list, unsigned len)
{
	const unsigned char *out = NULL;
	unsigned char out_len = 0;

	return frontend_tx3_select_alpn(
	    NULL, &out, &out_len, (const unsigned char *)list, len, NULL);
}

START_TEST(alpn_of_ours_that_is_unknown_is_refused_and_no_other)
{
	ck_assert_int_eq(select_alpn("\x02h2", 3), SSL_TLSEXT_ERR_NOACK);
	ck_assert_int_eq(select_alpn("\x07"
				     "carrick",
			     8),
	    SSL_TLSEXT_ERR_NOACK);
	ck_assert_int_eq(select_alpn("\x09"
				     "carrick/1",
			     10),
	    SSL_TLSEXT_ERR_OK);
	ck_assert_int_eq(select_alpn("\x09"
				     "carrick/2"
				     "\x09"
				     "carrick/1",
			     20),
	    SSL_TLSEXT_ERR_OK);
	ck_assert_int_eq(select_alpn("\x0a"
				     "carrick/10",
			     11),
	    SSL_TLSEXT_ERR_ALERT_FATAL);
	ck_assert_int_eq(select_alpn("\x02h2\x09"
				     "carrick/2",
			     13),
	    SSL_TLSEXT_ERR_ALERT_FATAL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("admin");
	TCase *t = tcase_create("admin");
	SRunner *runner = srunner_create(s);
	int failures;

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, every_metric_stands_behind_its_help_and_type);
	tcase_add_test(t, no_family_comes_twice);
	tcase_add_test(t, figures_of_nodes_carry_their_names);
	tcase_add_test(t, status_has_what_its_schema_says);
	tcase_add_test(t, text_from_a_node_is_escaped_in_status);
	tcase_add_test(t, build_that_is_no_utf8_does_not_take_the_status_away);
	tcase_add_test(t, host_must_be_localhost_or_an_address);
	tcase_add_test(t, request_is_understood_at_its_end_and_no_sooner);
	tcase_add_test(t, request_may_be_short);
	tcase_add_test(t, query_is_kept_of_a_post_alone_and_has_a_bound);
	tcase_add_test(t, what_is_no_request_is_refused_at_the_line_it_is_in);
	tcase_add_test(t, path_and_host_have_bounds);
	tcase_add_test(t, alpn_of_ours_that_is_unknown_is_refused_and_no_other);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
