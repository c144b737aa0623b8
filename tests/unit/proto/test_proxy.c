#include <stdlib.h>
#include <string.h>

#include "proto/proxy.h"
#include "proto/proxy2.h"
#include "tests/unit/suite.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4	  "\xc0\0\2\7\x7f\0\0\1\x04\xd2\0\x16"
#define V6_SRC	  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
#define V6_DST	  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
#define MAPPED	  "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\7"
#define ONES_V6	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

/* What a header says; NULL: nothing of anybody. */
struct vector {
	const char *bytes;
	size_t len;
	const char *source;
	const char *destination;
};

#define VECTOR(bytes, source, destination)                    \
	{                                                     \
		bytes, sizeof(bytes) - 1, source, destination \
	}

static const struct vector GOOD[] = {
    VECTOR("PROXY TCP4 192.0.2.7 127.0.0.1 1234 22\r\n", "192.0.2.7:1234",
	"127.0.0.1:22"),
    VECTOR("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0:0", "0.0.0.0:0"),
    VECTOR("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
	"255.255.255.255:65535", "255.255.255.255:65535"),
    VECTOR("PROXY TCP6 2001:db8::7 ::1 65535 80\r\n", "[2001:db8::7]:65535",
	"[::1]:80"),
    VECTOR("PROXY TCP6 :: :: 0 0\r\n", "[::]:0", "[::]:0"),
    VECTOR("PROXY TCP6 ::FFFF:192.0.2.7 2001:DB8::7 1 2\r\n", "192.0.2.7:1",
	"[2001:db8::7]:2"),
    VECTOR("PROXY TCP6 " ONES_V6 " " ONES_V6 " 65535 65535\r\n",
	"[" ONES_V6 "]:65535", "[" ONES_V6 "]:65535"),
    VECTOR("PROXY UNKNOWN\r\n", NULL, NULL),
    VECTOR("PROXY UNKNOWN " ONES_V6 " " ONES_V6 " 65535 65535\r\n", NULL, NULL),
    VECTOR("PROXY UNKNOWN \r \n \0\r\n", NULL, NULL),
    VECTOR(SIGNATURE "\x21\x11\0\x0c" V4, "192.0.2.7:1234", "127.0.0.1:22"),
    VECTOR(SIGNATURE "\x21\x11\0\x10" V4 "\x04\0\1x", "192.0.2.7:1234",
	"127.0.0.1:22"),
    VECTOR(SIGNATURE "\x21\x21\0\x24" V6_SRC V6_DST "\xff\xff\0\x50",
	"[2001:db8::7]:65535", "[::1]:80"),
    VECTOR(SIGNATURE "\x21\x21\0\x24" MAPPED V6_DST "\0\1\0\2", "192.0.2.7:1",
	"[::1]:2"),
    VECTOR(SIGNATURE "\x21\0\0\0", NULL, NULL),
    VECTOR(SIGNATURE "\x21\0\0\5tlvs.", NULL, NULL),
    VECTOR(SIGNATURE "\x20\0\0\0", NULL, NULL),
    VECTOR(SIGNATURE "\x20\x11\0\x0c" V4, NULL, NULL),
    VECTOR(SIGNATURE "\x20\x31\0\1x", NULL, NULL),
};
enum { N_GOOD = sizeof GOOD / sizeof GOOD[0] };

#define BYTES(bytes)                                 \
	{                                            \
		bytes, sizeof(bytes) - 1, NULL, NULL \
	}

static const struct vector BAD[] = {
    BYTES("x"),
    BYTES("GET / HTTP/1.1\r\n"),
    BYTES("proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n"),
    BYTES("PROXY  TCP4"),
    BYTES("PROXY UDP4"),
    BYTES("PROXY TCP5"),
    BYTES("PROXY TCP4\r\n"),
    BYTES("PROXY TCP4 \r\n"),
    BYTES("PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n"),
    BYTES("PROXY TCP4 1.2.3.4  1.2.3.4 1 1\r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\rx"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 -1"),
    BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 +1"),
    BYTES("PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n"),
    BYTES("PROXY TCP4 1.2.3.256 1.2.3.4 1 1\r\n"),
    BYTES("PROXY TCP4 ::1"),
    BYTES("PROXY TCP4 [::1]"),
    BYTES("PROXY TCP4 1.2.3.4\0"),
    BYTES("PROXY TCP4 localhost"),
    BYTES("PROXY TCP6 1.2.3.4 ::1 1 1\r\n"),
    BYTES("PROXY TCP6 ::1 :::1 1 1\r\n"),
    BYTES("PROXY TCP6 fe80::1%"),
    BYTES("PROXY TCP6 [::1]"),
    BYTES(SIGNATURE "\x11"),
    BYTES(SIGNATURE "\x22"),
    BYTES(SIGNATURE "\x31"),
    BYTES(SIGNATURE "\x21\x01"),
    BYTES(SIGNATURE "\x21\x10"),
    BYTES(SIGNATURE "\x21\x12"),
    BYTES(SIGNATURE "\x21\x22"),
    BYTES(SIGNATURE "\x21\x31"),
    BYTES(SIGNATURE "\x21\x32"),
    BYTES(SIGNATURE "\x21\x11\0\x0b" V4),
    BYTES(SIGNATURE "\x21\x11\0\0"),
    BYTES(SIGNATURE "\x21\x21\0\x23" V6_SRC V6_DST "\xff\xff\0\x50"),
    BYTES(SIGNATURE "\x21\x11\2\x09"),
    BYTES(SIGNATURE "\x20\0\xff\xff"),
};
enum { N_BAD = sizeof BAD / sizeof BAD[0] };

/* From memory of that very size, so that a byte read too far is seen. */
static enum parse_result
parse(struct proxy_header *h, const char *bytes, size_t len, size_t *want)
{
	char *copy = malloc(len + (len == 0));
	enum parse_result answer;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	answer = proxy_parse(h, copy, len, want);
	free(copy);
	return answer;
}

static void
check_addr(const struct addr *a, const char *text)
{
	struct addr expected = {0};

	if (text != NULL)
		ck_assert_int_eq(addr_parse(&expected, text), 0);
	ck_assert_mem_eq(a, &expected, sizeof expected);
}

static void
check_good(const struct vector *v, size_t len)
{
	struct proxy_header h;
	size_t want;

	ck_assert_int_eq(parse(&h, v->bytes, len, &want), PARSE_OK);
	ck_assert_uint_eq(h.len, v->len);
	ck_assert_int_eq(h.is_known, v->source != NULL);
	check_addr(&h.source, v->source);
	check_addr(&h.destination, v->destination);
}

START_TEST(each_form_of_header_says_who_comes)
{
	check_good(&GOOD[_i], GOOD[_i].len);
}
END_TEST

START_TEST(bytes_behind_a_header_are_not_its)
{
	struct vector v = GOOD[_i];
	char bytes[PROXY_MAX + 64];

	memset(bytes, '\n', sizeof bytes);
	memcpy(bytes, v.bytes, v.len);
	v.bytes = bytes;
	check_good(&v, sizeof bytes);
}
END_TEST

START_TEST(a_header_cut_anywhere_wants_more_and_never_too_much)
{
	const struct vector *v = &GOOD[_i];

	for (size_t len = 0; len < v->len; len++) {
		struct proxy_header h = {.len = 77}, before = h;
		size_t want = 0;

		ck_assert_int_eq(parse(&h, v->bytes, len, &want), PARSE_MORE);
		ck_assert_uint_gt(want, len);
		ck_assert_uint_le(want, v->len);
		ck_assert_mem_eq(&h, &before, sizeof h);
	}
}
END_TEST

START_TEST(a_header_that_comes_as_it_is_wanted_is_there_in_the_end)
{
	const struct vector *v = &GOOD[_i];
	struct proxy_header h;
	size_t len = 1, want = 0;

	while (parse(&h, v->bytes, len, &want) == PARSE_MORE)
		len = want;
	ck_assert_uint_eq(len, v->len);
}
END_TEST

START_TEST(anything_else_is_bad_and_says_nothing)
{
	const struct vector *v = &BAD[_i];
	struct proxy_header h = {.len = 77}, before = h;
	size_t want;

	ck_assert_int_eq(parse(&h, v->bytes, v->len, &want), PARSE_BAD);
	ck_assert_mem_eq(&h, &before, sizeof h);
}
END_TEST

START_TEST(a_line_has_at_most_107_bytes)
{
	char line[PROXY1_MAX + 2];
	struct proxy_header h;
	size_t want;

	memset(line, 'x', sizeof line);
	memcpy(line, "PROXY UNKNOWN", 13);
	ck_assert_int_eq(parse(&h, line, 105, &want), PARSE_MORE);
	ck_assert_uint_eq(want, PROXY1_MAX);
	ck_assert_int_eq(parse(&h, line, 106, &want), PARSE_BAD);
	ck_assert_int_eq(parse(&h, line, sizeof line, &want), PARSE_BAD);
	memcpy(line + 105, "\r\n", 2);
	ck_assert_int_eq(parse(&h, line, sizeof line, &want), PARSE_OK);
	ck_assert_uint_eq(h.len, PROXY1_MAX);
	memcpy(line + 105, "x\r\n", 3);
	ck_assert_int_eq(parse(&h, line, sizeof line, &want), PARSE_BAD);
}
END_TEST

START_TEST(a_binary_header_has_at_most_520_bytes_behind_its_fixed_part)
{
	uint8_t bytes[PROXY_MAX + 1] = {0};
	struct proxy_header h;
	size_t want;

	memcpy(bytes, PROXY2_SIGNATURE, PROXY2_SIGNATURE_LEN);
	bytes[12] = PROXY2_PROXY;
	bytes[13] = PROXY2_TCP4;
	bytes[14] = PROXY2_BODY_MAX >> 8;
	bytes[15] = PROXY2_BODY_MAX & 0xff;
	ck_assert_int_eq(
	    proxy_parse(&h, bytes, PROXY_MAX - 1, &want), PARSE_MORE);
	ck_assert_uint_eq(want, PROXY_MAX);
	ck_assert_int_eq(proxy_parse(&h, bytes, PROXY_MAX, &want), PARSE_OK);
	ck_assert_uint_eq(h.len, PROXY_MAX);
	bytes[15]++;
	ck_assert_int_eq(
	    proxy_parse(&h, bytes, sizeof bytes, &want), PARSE_BAD);
}
END_TEST

START_TEST(what_the_writer_writes_is_read)
{
	static const char *const ADDRESSES[][2] = {
	    {"192.0.2.7:1", "127.0.0.1:2"},
	    {"[2001:db8::7]:1", "[::1]:65535"},
	    {"192.0.2.7:1", "[::1]:2"},
	    {"0.0.0.0:0", "127.0.0.1:2"},
	};
	uint8_t bytes[PROXY2_CAP];
	struct proxy_header h;
	struct addr src, dst;
	size_t len, want;

	ck_assert_int_eq(addr_parse(&src, ADDRESSES[_i][0]), 0);
	ck_assert_int_eq(addr_parse(&dst, ADDRESSES[_i][1]), 0);
	len = proxy2_put(&src, &dst, bytes);
	ck_assert_int_eq(proxy_parse(&h, bytes, len, &want), PARSE_OK);
	ck_assert_uint_eq(h.len, len);
	ck_assert_int_eq(h.is_known, !addr_is_unspecified(&src));
	if (!h.is_known)
		return;
	ck_assert(addr_equal(&h.source, &src));
	ck_assert(addr_equal(&h.destination, &dst));
}
END_TEST

START_TEST(a_header_is_known_by_its_signature_or_first_two_words)
{
	static const struct vector BEGUN[] = {
	    BYTES("PROXY TCP4 "),
	    BYTES("PROXY TCP6 what"),
	    BYTES("PROXY UNKNOWN"),
	    BYTES(SIGNATURE),
	    BYTES(SIGNATURE "\xff"),
	};
	const struct vector *v = &BEGUN[_i];
	size_t shortest = _i == 0 || _i == 1 ? 11 : _i == 2 ? 13 : 12;

	for (size_t len = 0; len <= v->len; len++)
		ck_assert_int_eq(
		    proxy_is_begun(v->bytes, len), len >= shortest);
	ck_assert(!proxy_is_begun("PROXY TCP5 1.2.3.4", 18));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("proxy");

	tcase_add_loop_test(t, each_form_of_header_says_who_comes, 0, N_GOOD);
	tcase_add_loop_test(t, bytes_behind_a_header_are_not_its, 0, N_GOOD);
	tcase_add_loop_test(
	    t, a_header_cut_anywhere_wants_more_and_never_too_much, 0, N_GOOD);
	tcase_add_loop_test(t,
	    a_header_that_comes_as_it_is_wanted_is_there_in_the_end, 0, N_GOOD);
	tcase_add_loop_test(t, anything_else_is_bad_and_says_nothing, 0, N_BAD);
	tcase_add_test(t, a_line_has_at_most_107_bytes);
	tcase_add_test(
	    t, a_binary_header_has_at_most_520_bytes_behind_its_fixed_part);
	tcase_add_loop_test(t, what_the_writer_writes_is_read, 0, 4);
	tcase_add_loop_test(
	    t, a_header_is_known_by_its_signature_or_first_two_words, 0, 5);
	return suite_run("proxy", (TCase *[]){t, NULL});
}
