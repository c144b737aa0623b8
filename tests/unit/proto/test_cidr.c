#include "proto/cidr.h"

#include <string.h>

#include "tests/unit/suite.h"

static const char *const GOOD[] = {"0.0.0.0/0", "10.0.0.0/8", "10.128.0.0/9",
    "192.0.2.0/24", "192.0.2.7/32", "192.0.2.7", "::/0", "::", "2001:db8::/32",
    "2001:db8::7", "2001:db8::7/128", "fe80::/10", "::ffff:10.0.0.0/104",
    "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128"};

static const char *const BAD[] = {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33",
    "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/ 8", "10.0.0.0/8 ",
    " 10.0.0.0/8", "10.0.0.0/8/8", "10.0.0/8", "10/8", "10.0.0.1/8",
    "10.0.0.0/4", "0.0.0.1/0", "2001:db8::/129", "2001:db8::1/32", "::1/0",
    "[2001:db8::]/32", "10.0.0.0:80", "10.0.0.0/8x", "fe80::%lo/10", "host/8",
    "10.0.0.0/1000", "::ffff:10.0.0.0/96",
    "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/8"};

static bool
has(const char *network, const char *address)
{
	struct cidr c;
	struct addr a;

	ck_assert_msg(cidr_parse(&c, network) == 0, "%s", network);
	ck_assert_msg(addr_parse(&a, address) == 0, "%s", address);
	return cidr_has(&c, &a);
}

START_TEST(what_a_network_is_is_read)
{
	struct cidr c;

	ck_assert_msg(cidr_parse(&c, GOOD[_i]) == 0, "%s", GOOD[_i]);
	ck_assert_uint_lt(strlen(GOOD[_i]), CIDR_TEXT_CAP);
}
END_TEST

START_TEST(other_text_is_refused_and_nothing_written)
{
	struct cidr c = {.n_bits = 77};

	ck_assert_msg(cidr_parse(&c, BAD[_i]) == -1, "%s", BAD[_i]);
	ck_assert_uint_eq(c.n_bits, 77);
}
END_TEST

START_TEST(a_text_cut_short_is_refused_or_another_network)
{
	static const char TEXT[] = "192.0.2.0/24";
	char cut[sizeof TEXT];
	struct cidr c;

	for (size_t len = 0; len < sizeof TEXT - 1; len++) {
		memcpy(cut, TEXT, len);
		cut[len] = '\0';
		if (cidr_parse(&c, cut) == 0)
			ck_assert_str_eq(cut, "192.0.2.0");
	}
}
END_TEST

START_TEST(an_address_lies_in_its_network_whatever_its_port)
{
	ck_assert(has("10.0.0.0/8", "10.0.0.0:0"));
	ck_assert(has("10.0.0.0/8", "10.255.255.255:65535"));
	ck_assert(!has("10.0.0.0/8", "9.255.255.255:1"));
	ck_assert(!has("10.0.0.0/8", "11.0.0.0:1"));
	ck_assert(has("10.128.0.0/9", "10.128.0.1:1"));
	ck_assert(!has("10.128.0.0/9", "10.127.255.255:1"));
	ck_assert(has("2001:db8::/32", "[2001:db8:ffff::1]:1"));
	ck_assert(!has("2001:db8::/32", "[2001:db9::]:1"));
	ck_assert(has("fe80::/10", "[febf::1]:1"));
	ck_assert(!has("fe80::/10", "[fec0::1]:1"));
}
END_TEST

/* Each length: the last bit inside counts, the first one outside does not. */
START_TEST(a_prefix_counts_as_many_bits_as_it_says)
{
	unsigned n = (unsigned)_i;
	struct cidr c = {.ip = {0xaa}, .n_bits = (uint8_t)n};
	struct addr a = {.ip = {0xaa}};

	for (size_t i = 1; i < sizeof a.ip; i++)
		c.ip[i] = a.ip[i] = 0x11;
	if (n < 128) {
		a.ip[n / 8] ^= (uint8_t)(0x80 >> (n % 8));
		ck_assert(cidr_has(&c, &a));
		a.ip[n / 8] ^= (uint8_t)(0x80 >> (n % 8));
	}
	if (n > 0) {
		a.ip[(n - 1) / 8] ^= (uint8_t)(0x80 >> ((n - 1) % 8));
		ck_assert(!cidr_has(&c, &a));
	}
}
END_TEST

START_TEST(one_family_does_not_lie_in_the_other)
{
	ck_assert(has("::/0", "[2001:db8::1]:1"));
	ck_assert(!has("::/0", "192.0.2.1:1"));
	ck_assert(has("0.0.0.0/0", "192.0.2.1:1"));
	ck_assert(!has("0.0.0.0/0", "[2001:db8::1]:1"));
	ck_assert(!has("0.0.0.0/0", "[::1]:1"));
}
END_TEST

START_TEST(mapped_addresses_are_ipv4)
{
	ck_assert(has("10.0.0.0/8", "[::ffff:10.1.2.3]:1"));
	ck_assert(has("::ffff:10.0.0.0/104", "10.1.2.3:1"));
	ck_assert(!has("::ffff:10.0.0.0/104", "11.1.2.3:1"));
}
END_TEST

START_TEST(a_single_address_is_known_as_one)
{
	static const struct {
		const char *text;
		bool single;
	} T[] = {{"192.0.2.7", true}, {"192.0.2.7/32", true},
	    {"192.0.2.6/31", false}, {"2001:db8::7", true},
	    {"2001:db8::7/128", true}, {"2001:db8::6/127", false}};
	struct cidr c;

	for (size_t i = 0; i < sizeof T / sizeof T[0]; i++) {
		ck_assert_int_eq(cidr_parse(&c, T[i].text), 0);
		ck_assert_msg(
		    cidr_is_single(&c) == T[i].single, "%s", T[i].text);
	}
	ck_assert(has("192.0.2.7", "192.0.2.7:80"));
	ck_assert(!has("192.0.2.7", "192.0.2.6:80"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("cidr");

	tcase_add_loop_test(
	    tc, what_a_network_is_is_read, 0, sizeof GOOD / sizeof GOOD[0]);
	tcase_add_loop_test(tc, other_text_is_refused_and_nothing_written, 0,
	    sizeof BAD / sizeof BAD[0]);
	tcase_add_test(tc, a_text_cut_short_is_refused_or_another_network);
	tcase_add_test(tc, an_address_lies_in_its_network_whatever_its_port);
	tcase_add_loop_test(
	    tc, a_prefix_counts_as_many_bits_as_it_says, 0, 129);
	tcase_add_test(tc, one_family_does_not_lie_in_the_other);
	tcase_add_test(tc, mapped_addresses_are_ipv4);
	tcase_add_test(tc, a_single_address_is_known_as_one);
	return suite_run("cidr", (TCase *[]){tc, NULL});
}
