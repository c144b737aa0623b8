#include <check.h>

#include "common/lookup.h"
#include "common/route.h"
#include "tests/unit/suite.h"

static const char *
from(const char *to)
{
	static char text[ADDR_TEXT_CAP];
	struct addr a, local;

	ck_assert_int_eq(addr_parse(&a, to), 0);
	return route_from(&local, &a) == 0 ? addr_format(&local, text) : NULL;
}

START_TEST(a_loopback_address_is_reached_from_the_loopback)
{
	ck_assert_str_eq(from("127.0.0.1:7447"), "127.0.0.1:0");
}
END_TEST

START_TEST(an_address_that_nobody_has_is_reached_from_nowhere)
{
	ck_assert_ptr_null(from("255.255.255.255:7447"));
}
END_TEST

START_TEST(a_literal_address_is_looked_up_without_asking)
{
	char text[ADDR_TEXT_CAP];
	struct addr a;

	ck_assert_int_eq(lookup_literal("192.0.2.7", 7447, &a), 0);
	ck_assert_str_eq(addr_format(&a, text), "192.0.2.7:7447");
	ck_assert_int_eq(lookup_literal("2001:db8::7", 1, &a), 0);
	ck_assert_str_eq(addr_format(&a, text), "[2001:db8::7]:1");
	ck_assert_int_eq(lookup_literal("control.example", 1, &a), -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("route");

	tcase_add_test(tc, a_loopback_address_is_reached_from_the_loopback);
	tcase_add_test(tc, an_address_that_nobody_has_is_reached_from_nowhere);
	tcase_add_test(tc, a_literal_address_is_looked_up_without_asking);
	return suite_run("route", (TCase *[]){tc, NULL});
}
