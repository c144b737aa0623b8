#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* errno of an attempt; 0: none. */
static int
try_to(const char *to)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, to), 0);
	return route_try(&a) == 0 ? 0 : errno;
}

START_TEST(what_keeps_a_connection_from_being_made_is_told)
{
	char place[ADDR_TEXT_CAP];
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	(void)snprintf(
	    place, sizeof place, "127.0.0.1:%u", (unsigned)ntohs(sin.sin_port));
	ck_assert_int_eq(try_to(place), ECONNREFUSED);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(try_to(place), 0);
	ck_assert_int_ne(try_to("255.255.255.255:7447"), 0);
	(void)close(fd);
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
	tcase_add_test(tc, what_keeps_a_connection_from_being_made_is_told);
	tcase_add_test(tc, a_literal_address_is_looked_up_without_asking);
	return suite_run("route", (TCase *[]){tc, NULL});
}
