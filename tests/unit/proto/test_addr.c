#include "proto/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "tests/unit/suite.h"

static const char *const GOOD[] = {"0.0.0.0:0", "127.0.0.1:7443",
    "255.255.255.255:65535", "[::]:7443", "[::1]:1", "[2001:db8::7]:443",
    "[fe80::1]:65535"};

static const char *const BAD[] = {"", ":", "1.2.3.4", "1.2.3.4:", ":7443",
    "1.2.3.4:65536", "1.2.3.4:100000", "1.2.3.4:07", "1.2.3.4:+7", "1.2.3.4:-1",
    "1.2.3.4:7 ", " 1.2.3.4:7", "1.2.3.4:7x", "1.2.3:7", "1.2.3.4.5:7",
    "256.1.1.1:7", "::1:7443", "::1", "[::1]", "[::1]7", "[::1]:", "[::1:7",
    "[]:7", "[1.2.3.4]:7", "[::1%lo]:7", "localhost:7", "[::1]:7:8",
    "1.2.3.4:7:8",
    "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb]:1"};

static struct addr
parsed(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text), 0);
	return a;
}

START_TEST(what_format_writes_parse_reads)
{
	const char *text = GOOD[_i];
	struct addr a = parsed(text);
	char buf[ADDR_TEXT_CAP];

	ck_assert_str_eq(addr_format(&a, buf), text);
}
END_TEST

START_TEST(other_text_is_refused_and_nothing_written)
{
	struct addr a = {.port = 77};

	ck_assert_msg(addr_parse(&a, BAD[_i]) == -1, "%s", BAD[_i]);
	ck_assert_uint_eq(a.port, 77);
}
END_TEST

START_TEST(mapped_text_is_the_ipv4_address)
{
	struct addr mapped = parsed("[::ffff:192.0.2.1]:80");
	struct addr plain = parsed("192.0.2.1:80");
	char buf[ADDR_TEXT_CAP];

	ck_assert(addr_equal(&mapped, &plain));
	ck_assert(addr_is_v4(&mapped));
	ck_assert_str_eq(addr_format(&mapped, buf), "192.0.2.1:80");
	ck_assert_str_eq(addr_format_ip(&mapped, buf), "192.0.2.1");
}
END_TEST

START_TEST(addresses_are_equal_with_their_port_alone)
{
	struct addr a = parsed("[::1]:1"), b = parsed("[::1]:2"),
		    c = parsed("[::2]:1");

	ck_assert(addr_equal(&a, &a));
	ck_assert(!addr_equal(&a, &b));
	ck_assert(!addr_equal(&a, &c));
}
END_TEST

START_TEST(loopback_and_unspecified_are_known_in_both_families)
{
	struct addr a;

	a = parsed("0.0.0.0:1");
	ck_assert(addr_is_unspecified(&a) && !addr_is_loopback(&a));
	a = parsed("[::]:1");
	ck_assert(addr_is_unspecified(&a) && !addr_is_loopback(&a));
	a = parsed("127.200.0.1:1");
	ck_assert(addr_is_loopback(&a) && !addr_is_unspecified(&a));
	a = parsed("[::1]:1");
	ck_assert(addr_is_loopback(&a) && !addr_is_unspecified(&a));
	a = parsed("[::1:1]:1");
	ck_assert(!addr_is_loopback(&a) && !addr_is_unspecified(&a));
	a = parsed("128.0.0.1:1");
	ck_assert(!addr_is_loopback(&a) && !addr_is_unspecified(&a));
}
END_TEST

START_TEST(private_networks_are_known_in_both_families)
{
	static const char *const YES[] = {"10.0.0.0:1", "10.255.255.255:1",
	    "172.16.0.0:1", "172.31.255.255:1", "192.168.0.0:1",
	    "192.168.255.255:1", "100.64.0.0:1", "100.127.255.255:1",
	    "[fc00::]:1", "[fdff::1]:1"};
	static const char *const NO[] = {"9.255.255.255:1", "11.0.0.0:1",
	    "172.15.255.255:1", "172.32.0.0:1", "192.167.255.255:1",
	    "192.169.0.0:1", "100.63.255.255:1", "100.128.0.0:1", "127.0.0.1:1",
	    "[fbff::]:1", "[fe00::]:1", "[::1]:1"};
	struct addr a;

	for (size_t i = 0; i < sizeof YES / sizeof *YES; i++) {
		ck_assert_int_eq(addr_parse(&a, YES[i]), 0);
		ck_assert_msg(addr_is_private(&a), "%s", YES[i]);
	}
	for (size_t i = 0; i < sizeof NO / sizeof *NO; i++) {
		ck_assert_int_eq(addr_parse(&a, NO[i]), 0);
		ck_assert_msg(!addr_is_private(&a), "%s", NO[i]);
	}
}
END_TEST

START_TEST(link_local_is_known_in_both_families)
{
	static const char *const YES[] = {"169.254.0.0:1", "169.254.255.255:1",
	    "[fe80::]:1", "[febf:ffff::1]:1", "[::ffff:169.254.1.1]:1"};
	static const char *const NO[] = {"169.253.0.1:1", "169.255.0.1:1",
	    "[fe7f::1]:1", "[fec0::1]:1", "10.0.0.1:1", "[::1]:1"};
	struct addr a;

	for (size_t i = 0; i < sizeof YES / sizeof *YES; i++) {
		a = parsed(YES[i]);
		ck_assert_msg(addr_is_link_local(&a), "%s", YES[i]);
	}
	for (size_t i = 0; i < sizeof NO / sizeof *NO; i++) {
		a = parsed(NO[i]);
		ck_assert_msg(!addr_is_link_local(&a), "%s", NO[i]);
	}
}
END_TEST

START_TEST(a_socket_address_comes_back_as_it_was)
{
	struct addr a = parsed(GOOD[_i]), back;
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&a, &ss);

	ck_assert_uint_eq(len, addr_is_v4(&a) ? sizeof(struct sockaddr_in)
					      : sizeof(struct sockaddr_in6));
	ck_assert_int_eq(
	    addr_from_sockaddr(&back, (const struct sockaddr *)&ss), 0);
	ck_assert(addr_equal(&a, &back));
}
END_TEST

START_TEST(a_mapped_socket_address_becomes_ipv4)
{
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons(9)};
	struct addr a, plain = parsed("192.0.2.9:9");

	ck_assert_int_eq(
	    inet_pton(AF_INET6, "::ffff:192.0.2.9", &in6.sin6_addr), 1);
	ck_assert_int_eq(
	    addr_from_sockaddr(&a, (const struct sockaddr *)&in6), 0);
	ck_assert(addr_equal(&a, &plain));
}
END_TEST

START_TEST(a_unix_socket_has_no_address)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct addr a = {.port = 5}, zero = {0};

	ck_assert_int_eq(
	    addr_from_sockaddr(&a, (const struct sockaddr *)&un), -1);
	ck_assert(addr_equal(&a, &zero));
}
END_TEST

START_TEST(a_source_is_an_ipv4_address_or_64_bits_of_ipv6)
{
	struct addr a = parsed("192.0.2.9:9"), b = parsed("192.0.2.9:10");
	struct addr c = parsed("[2001:db8:1:2:3:4:5:6]:7"),
		    d = parsed("[2001:db8:1:2:ffff::]:8"),
		    e = parsed("[2001:db8:1:3::]:7");
	struct addr sa = addr_source(&a), sb = addr_source(&b);
	struct addr sc = addr_source(&c), sd = addr_source(&d),
		    se = addr_source(&e);

	ck_assert(addr_equal(&sa, &sb));
	ck_assert_uint_eq(sa.port, 0);
	ck_assert(addr_is_v4(&sa));
	ck_assert(addr_equal(&sc, &sd));
	ck_assert(!addr_equal(&sc, &se));
}
END_TEST

START_TEST(the_wire_form_is_18_bytes)
{
	static const uint8_t bytes[18] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1, 0x1d, 0x13};
	struct addr a = parsed("192.0.2.1:7443"), back;
	uint8_t buf[18];
	struct wire_writer w;
	struct wire_reader r;

	wire_writer_init(&w, buf, sizeof buf);
	addr_put(&w, &a);
	ck_assert(!w.bad);
	ck_assert_uint_eq(w.len, sizeof buf);
	ck_assert_mem_eq(buf, bytes, sizeof buf);
	wire_reader_init(&r, buf, sizeof buf);
	addr_get(&r, &back);
	ck_assert(wire_done(&r));
	ck_assert(addr_equal(&a, &back));
}
END_TEST

static const struct {
	const char *text;
	const char *host;
	unsigned port;
} HOSTS[] = {
    {"relay.example:7443", "relay.example", 7443},
    {"a:1", "a", 1},
    {"_x-y.example:65535", "_x-y.example", 65535},
    {"192.0.2.1:80", "192.0.2.1", 80},
    {"[2001:db8::1]:443", "2001:db8::1", 443},
};

START_TEST(split_takes_names_and_literals_and_join_gives_them_back)
{
	const char *text = HOSTS[_i].text;
	char host[ADDR_HOST_CAP], joined[ADDR_JOINED_CAP];
	uint16_t port;

	ck_assert_int_eq(addr_split_host(text, strlen(text), host, &port), 0);
	ck_assert_str_eq(host, HOSTS[_i].host);
	ck_assert_uint_eq(port, HOSTS[_i].port);
	ck_assert_str_eq(addr_join_host(host, port, joined), text);
}
END_TEST

static const char *const BAD_HOSTS[] = {"", ":", ":1", "a", "a:", "a:0",
    "a:65536", "a:01", "a:+1", "a:1x", "a b:1", "a/b:1", "a@b:1", "[a]:1",
    "[]:1", "[::1]", "[::1:1", "::1:1", "[::1]x:1", "\xc3\xa4:1"};

START_TEST(split_refuses_other_text_and_writes_nothing)
{
	const char *text = BAD_HOSTS[_i];
	char host[ADDR_HOST_CAP] = "as it was";
	uint16_t port = 77;

	ck_assert_msg(
	    addr_split_host(text, strlen(text), host, &port) == -1, "%s", text);
	ck_assert_str_eq(host, "as it was");
	ck_assert_uint_eq(port, 77);
}
END_TEST

START_TEST(a_host_has_at_most_253_bytes)
{
	char text[300], host[ADDR_HOST_CAP];
	uint16_t port;

	memset(text, 'a', sizeof text);
	memcpy(text + ADDR_HOST_MAX, ":1", 3);
	ck_assert_int_eq(addr_split_host(text, strlen(text), host, &port), 0);
	ck_assert_uint_eq(strlen(host), ADDR_HOST_MAX);
	memcpy(text + ADDR_HOST_MAX, "a:1", 4);
	ck_assert_int_eq(addr_split_host(text, strlen(text), host, &port), -1);
}
END_TEST

START_TEST(split_looks_at_no_byte_behind_its_length)
{
	static const char text[] = "host:12";
	char host[ADDR_HOST_CAP];
	uint16_t port;

	ck_assert_int_eq(addr_split_host(text, 6, host, &port), 0);
	ck_assert_uint_eq(port, 1);
	for (size_t cut = 0; cut < 6; cut++)
		ck_assert_int_eq(addr_split_host(text, cut, host, &port), -1);
}
END_TEST

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

int
main(void)
{
	TCase *tc = tcase_create("addr");

	tcase_add_loop_test(tc, what_format_writes_parse_reads, 0, N(GOOD));
	tcase_add_loop_test(
	    tc, other_text_is_refused_and_nothing_written, 0, N(BAD));
	tcase_add_test(tc, mapped_text_is_the_ipv4_address);
	tcase_add_test(tc, addresses_are_equal_with_their_port_alone);
	tcase_add_test(tc, loopback_and_unspecified_are_known_in_both_families);
	tcase_add_test(tc, private_networks_are_known_in_both_families);
	tcase_add_test(tc, link_local_is_known_in_both_families);
	tcase_add_loop_test(
	    tc, a_socket_address_comes_back_as_it_was, 0, N(GOOD));
	tcase_add_test(tc, a_mapped_socket_address_becomes_ipv4);
	tcase_add_test(tc, a_unix_socket_has_no_address);
	tcase_add_test(tc, a_source_is_an_ipv4_address_or_64_bits_of_ipv6);
	tcase_add_test(tc, the_wire_form_is_18_bytes);
	tcase_add_loop_test(tc,
	    split_takes_names_and_literals_and_join_gives_them_back, 0,
	    N(HOSTS));
	tcase_add_loop_test(
	    tc, split_refuses_other_text_and_writes_nothing, 0, N(BAD_HOSTS));
	tcase_add_test(tc, a_host_has_at_most_253_bytes);
	tcase_add_test(tc, split_looks_at_no_byte_behind_its_length);
	return suite_run("addr", (TCase *[]){tc, NULL});
}
