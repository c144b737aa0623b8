#include <string.h>

#include "proto/proxy2.h"
#include "tests/unit/suite.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define MAPPED	  "\0\0\0\0\0\0\0\0\0\0\xff\xff"
#define V6_SRC	  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
#define V6_DST	  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"

static struct addr
parsed(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text), 0);
	return a;
}

/* The bytes behind buf's header must be left alone. */
static void
check_put(const struct addr *src, const struct addr *dst, const char *bytes,
    size_t len)
{
	uint8_t buf[PROXY2_CAP], rest[PROXY2_CAP];

	memset(buf, 0xaa, sizeof buf);
	memset(rest, 0xaa, sizeof rest);
	ck_assert_uint_eq(proxy2_put(src, dst, buf), len);
	ck_assert_mem_eq(buf, bytes, len);
	ck_assert_mem_eq(buf + len, rest, sizeof buf - len);
}

START_TEST(two_ipv4_addresses_are_of_the_family_inet)
{
	static const char bytes[] = SIGNATURE "\x21\x11\0\x0c"
					      "\xc0\0\2\7\x7f\0\0\1"
					      "\x04\xd2\0\x16";
	struct addr src = parsed("192.0.2.7:1234");
	struct addr dst = parsed("127.0.0.1:22");

	check_put(&src, &dst, bytes, sizeof bytes - 1);
	ck_assert_uint_eq(sizeof bytes - 1, 28);
}
END_TEST

START_TEST(two_ipv6_addresses_are_of_the_family_inet6)
{
	static const char bytes[] =
	    SIGNATURE "\x21\x21\0\x24" V6_SRC V6_DST "\xff\xff\0\x50";
	struct addr src = parsed("[2001:db8::7]:65535");
	struct addr dst = parsed("[::1]:80");

	check_put(&src, &dst, bytes, sizeof bytes - 1);
	ck_assert_uint_eq(sizeof bytes - 1, PROXY2_CAP);
}
END_TEST

START_TEST(an_ipv4_source_of_an_ipv6_service_is_mapped)
{
	static const char bytes[] = SIGNATURE
	    "\x21\x21\0\x24" MAPPED "\xc0\0\2\7" V6_DST "\x04\xd2\0\x50";
	struct addr src = parsed("192.0.2.7:1234");
	struct addr dst = parsed("[::1]:80");

	check_put(&src, &dst, bytes, sizeof bytes - 1);
}
END_TEST

START_TEST(an_ipv6_source_of_an_ipv4_service_maps_the_service)
{
	static const char bytes[] =
	    SIGNATURE "\x21\x21\0\x24" V6_SRC MAPPED "\x7f\0\0\1\xff\xff\0\x16";
	struct addr src = parsed("[2001:db8::7]:65535");
	struct addr dst = parsed("127.0.0.1:22");

	check_put(&src, &dst, bytes, sizeof bytes - 1);
}
END_TEST

START_TEST(an_unknown_source_is_local)
{
	static const char bytes[] = SIGNATURE "\x20\0\0\0";
	struct addr v4 = parsed("0.0.0.0:1"), v6 = parsed("[::]:1");
	struct addr dst = parsed("127.0.0.1:22");

	ck_assert_uint_eq(sizeof bytes - 1, PROXY2_FIXED_LEN);
	check_put(NULL, &dst, bytes, sizeof bytes - 1);
	check_put(&v4, &dst, bytes, sizeof bytes - 1);
	check_put(&v6, &dst, bytes, sizeof bytes - 1);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("proxy2");

	tcase_add_test(t, two_ipv4_addresses_are_of_the_family_inet);
	tcase_add_test(t, two_ipv6_addresses_are_of_the_family_inet6);
	tcase_add_test(t, an_ipv4_source_of_an_ipv6_service_is_mapped);
	tcase_add_test(t, an_ipv6_source_of_an_ipv4_service_maps_the_service);
	tcase_add_test(t, an_unknown_source_is_local);
	return suite_run("proxy2", (TCase *[]){t, NULL});
}
