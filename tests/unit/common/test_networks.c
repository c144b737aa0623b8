#include <check.h>

#include "common/networks.h"
#include "tests/unit/suite.h"

static struct networks
networks(char *first, char *second)
{
	void *items[] = {first, second};
	const struct conf_list texts = {
	    .n = (size_t)(first != NULL) + (second != NULL), .items = items};
	struct networks ns;

	networks_init(&ns, &texts);
	return ns;
}

static bool
have(const struct networks *ns, const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text), 0);
	return networks_have(ns, &a);
}

START_TEST(an_address_of_any_of_them_is_theirs)
{
	char v4[] = "10.0.0.0/8", v6[] = "2001:db8::7";
	struct networks ns = networks(v4, v6);

	ck_assert(have(&ns, "10.1.2.3:4"));
	ck_assert(have(&ns, "[2001:db8::7]:1"));
	ck_assert(!have(&ns, "11.0.0.0:1"));
	ck_assert(!have(&ns, "[2001:db8::8]:1"));
}
END_TEST

START_TEST(an_empty_list_has_nobody)
{
	struct networks ns = networks(NULL, NULL);

	ck_assert(!have(&ns, "0.0.0.0:1"));
	ck_assert(!have(&ns, "127.0.0.1:1"));
}
END_TEST

START_TEST(what_is_no_network_is_refused_with_what_is_one)
{
	ck_assert_ptr_null(networks_check("10.0.0.0/8"));
	ck_assert_ptr_null(networks_check("::1"));
	ck_assert_str_eq(networks_check("10.0.0.1/8"), CIDR_EXPECTED);
	ck_assert_str_eq(networks_check("balancer.example"), CIDR_EXPECTED);
	ck_assert_str_eq(networks_check(""), CIDR_EXPECTED);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("networks");

	tcase_add_test(t, an_address_of_any_of_them_is_theirs);
	tcase_add_test(t, an_empty_list_has_nobody);
	tcase_add_test(t, what_is_no_network_is_refused_with_what_is_one);
	return suite_run("networks", (TCase *[]){t, NULL});
}
