/* Which addresses a node may connect to. */
#include "dataplane/siblings.h"

#include <check.h>
#include <string.h>

#include "tests/unit/suite.h"

static const char *const GOOD[] = {"10.0.0.7:7444", "10.0.0.0/24:1",
    "0.0.0.0/0:65535", "127.0.0.1:7444", "127.0.0.0/8:7444",
    "[2001:db8::7]:7444", "[2001:db8::/64]:7444", "[::1]:1", "[::/0]:7444",
    "10.0.0.7/32:7444"};

static const char *const BAD[] = {"", ":", "10.0.0.7",
    "10.0.0.7:", "10.0.0.7:0", "10.0.0.7:65536", "10.0.0.7:07444",
    "10.0.0.7:7444 ", "10.0.0.7:7444:1", "10.0.0.1/24:7444", "10.0.0.0/33:7444",
    ":7444", "0.0.0.0:7444", "0.0.0.0/32:7444", "[::]:7444", "[::/128]:7444",
    "2001:db8::7:7444", "[2001:db8::7]7444", "[2001:db8::7:7444",
    "[10.0.0.7]:7444", "[]:7444", "[2001:db8::]/64:7444", "host:7444",
    "10.0.0.7/24/24:7444", "[1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5]:1"};

static struct siblings ss;

static void
list(const char *text)
{
	ck_assert_msg(sibling_parse(&ss.list[ss.n++], text) == 0, "%s", text);
}

static enum sibling_listing
find(const char *text)
{
	struct addr a;

	ck_assert_msg(addr_parse(&a, text) == 0, "%s", text);
	return siblings_find(&ss, &a);
}

static void
set_up(void)
{
	memset(&ss, 0, sizeof ss);
}

START_TEST(addresses_and_networks_with_a_port_are_read)
{
	list(GOOD[_i]);
	ck_assert_uint_lt(strlen(GOOD[_i]), SIBLING_TEXT_CAP);
}
END_TEST

START_TEST(other_text_is_refused_and_nothing_written)
{
	struct sibling s = {.port = 77};

	ck_assert_msg(sibling_parse(&s, BAD[_i]) == -1, "%s", BAD[_i]);
	ck_assert_uint_eq(s.port, 77);
}
END_TEST

START_TEST(a_row_cut_short_lists_no_other_address)
{
	static const char TEXT[] = "10.0.0.7:7444";
	char cut[sizeof TEXT];
	struct sibling s;

	for (size_t len = 0; len < sizeof TEXT - 1; len++) {
		memcpy(cut, TEXT, len);
		cut[len] = '\0';
		if (sibling_parse(&s, cut) == 0)
			ck_assert_uint_ge(len, strlen("10.0.0.7:7"));
	}
}
END_TEST

START_TEST(nothing_is_listed_in_an_empty_list)
{
	ck_assert_int_eq(find("10.0.0.7:7444"), SIBLING_UNLISTED);
}
END_TEST

START_TEST(an_address_is_listed_with_its_port_alone)
{
	list("10.0.0.7:7444");
	ck_assert_int_eq(find("10.0.0.7:7444"), SIBLING_EXACT);
	ck_assert_int_eq(find("[::ffff:10.0.0.7]:7444"), SIBLING_EXACT);
	ck_assert_int_eq(find("10.0.0.7:7443"), SIBLING_UNLISTED);
	ck_assert_int_eq(find("10.0.0.8:7444"), SIBLING_UNLISTED);
}
END_TEST

START_TEST(a_network_lists_its_addresses_with_that_port)
{
	list("10.0.0.0/24:7444");
	list("[2001:db8::/64]:7445");
	ck_assert_int_eq(find("10.0.0.255:7444"), SIBLING_IN_NETWORK);
	ck_assert_int_eq(find("10.0.1.0:7444"), SIBLING_UNLISTED);
	ck_assert_int_eq(find("10.0.0.255:7445"), SIBLING_UNLISTED);
	ck_assert_int_eq(find("[2001:db8::9]:7445"), SIBLING_IN_NETWORK);
	ck_assert_int_eq(find("[2001:db8:0:1::9]:7445"), SIBLING_UNLISTED);
}
END_TEST

START_TEST(an_address_that_is_in_a_network_too_is_exact)
{
	list("10.0.0.0/24:7444");
	list("10.0.0.7:7444");
	ck_assert_int_eq(find("10.0.0.7:7444"), SIBLING_EXACT);
}
END_TEST

START_TEST(special_addresses_are_listed_by_themselves_alone)
{
	static const char *const SPECIAL[] = {"127.0.0.1:7444",
	    "127.9.9.9:7444", "169.254.0.1:7444", "0.0.0.0:7444", "[::1]:7444",
	    "[fe80::1]:7444", "[febf::1]:7444", "[::]:7444"};
	char exact[SIBLING_TEXT_CAP];

	list("0.0.0.0/0:7444");
	list("[::/0]:7444");
	list("127.0.0.0/8:7444");
	ck_assert_int_eq(find(SPECIAL[_i]), SIBLING_UNLISTED);
	ck_assert_int_eq(find("169.253.0.1:7444"), SIBLING_IN_NETWORK);
	ck_assert_int_eq(find("[fec0::1]:7444"), SIBLING_IN_NETWORK);
	(void)strcpy(exact, SPECIAL[_i]);
	if (sibling_parse(&ss.list[ss.n], exact) == -1)
		return; /* the unspecified ones never are */
	ss.n++;
	ck_assert_int_eq(find(SPECIAL[_i]), SIBLING_EXACT);
}
END_TEST

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

int
main(void)
{
	TCase *tc = tcase_create("siblings");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_loop_test(
	    tc, addresses_and_networks_with_a_port_are_read, 0, N(GOOD));
	tcase_add_loop_test(
	    tc, other_text_is_refused_and_nothing_written, 0, N(BAD));
	tcase_add_test(tc, a_row_cut_short_lists_no_other_address);
	tcase_add_test(tc, nothing_is_listed_in_an_empty_list);
	tcase_add_test(tc, an_address_is_listed_with_its_port_alone);
	tcase_add_test(tc, a_network_lists_its_addresses_with_that_port);
	tcase_add_test(tc, an_address_that_is_in_a_network_too_is_exact);
	tcase_add_loop_test(
	    tc, special_addresses_are_listed_by_themselves_alone, 0, 8);
	return suite_run("siblings", (TCase *[]){tc, NULL});
}
