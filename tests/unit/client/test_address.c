#include <string.h>

#include "client/address.h"
#include "tests/unit/suite.h"

#define DIGEST	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define RELAYED "tx3-rst://h:1/" DIGEST
#define DIRECT	"tx3-st://h:1/" DIGEST
#define STACK	"tx3:" DIGEST "/rst/h:1/"

static struct fault fault;

/* Each sentence names what was given. */
static void
check_usage(const char *text)
{
	ck_assert_int_eq(fault.code, EXITCODE_USAGE);
	ck_assert_ptr_nonnull(strstr(fault.text, text));
	memset(&fault, 0, sizeof fault);
}

START_TEST(a_peer_may_have_several_ways)
{
	struct url ways[URL_STACKS_MAX];

	ck_assert_int_eq(address_peer(ways, RELAYED, &fault), 1);
	ck_assert_int_eq(
	    address_peer(ways, "tx3:" DIGEST "/st/a:1/rst/b:2/", &fault), 2);
	ck_assert_int_eq(ways[0].kind, URL_DIRECT);
	ck_assert_str_eq(ways[1].host, "b");
}
END_TEST

START_TEST(a_peer_that_is_none_is_named)
{
	struct url ways[URL_STACKS_MAX];

	ck_assert_int_eq(address_peer(ways, RELAYED "x", &fault), -1);
	check_usage(RELAYED "x is not a tx3 address: ");
	ck_assert_int_eq(address_peer(ways, "http://h/", &fault), -1);
	check_usage("http://h/ is not a tx3 address: ");
}
END_TEST

START_TEST(a_relay_has_one_way_and_is_relayed)
{
	struct url relay = {.port = 7};

	ck_assert_int_eq(address_relay(&relay, DIRECT, &fault), -1);
	check_usage("is not a relay's address");
	ck_assert_int_eq(address_relay(&relay, STACK "rst/h:2/", &fault), -1);
	check_usage("is not a relay's address");
	ck_assert_int_eq(address_relay(&relay, "rubbish", &fault), -1);
	check_usage("is not a tx3 address");
	ck_assert_uint_eq(relay.port, 7);
	ck_assert_int_eq(address_relay(&relay, RELAYED, &fault), 0);
	ck_assert_uint_eq(relay.port, 1);
	ck_assert_int_eq(address_relay(&relay, STACK, &fault), 0);
}
END_TEST

START_TEST(a_service_has_a_host_and_a_port)
{
	char host[ADDR_HOST_CAP];
	uint16_t port;

	ck_assert_int_eq(address_host(host, &port, "[::1]:22", &fault), 0);
	ck_assert_str_eq(host, "::1");
	ck_assert_uint_eq(port, 22);
	ck_assert_int_eq(address_host(host, &port, "22", &fault), -1);
	check_usage("22 is not HOST:PORT");
	ck_assert_int_eq(address_host(host, &port, "h:0", &fault), -1);
	check_usage("h:0 is not HOST:PORT");
	ck_assert_int_eq(address_host(host, &port, "127.0.0.1:0", &fault), -1);
	check_usage("127.0.0.1:0 is not HOST:PORT");
}
END_TEST

START_TEST(where_to_listen_may_have_any_port)
{
	char host[ADDR_HOST_CAP];
	uint16_t port = 7;

	ck_assert_int_eq(address_listen(host, &port, "127.0.0.1:0", &fault), 0);
	ck_assert_str_eq(host, "127.0.0.1");
	ck_assert_uint_eq(port, 0);
	ck_assert_int_eq(address_listen(host, &port, "[::1]:0", &fault), 0);
	ck_assert_str_eq(host, "::1");
	ck_assert_int_eq(address_listen(host, &port, "localhost:1", &fault), 0);
	ck_assert_str_eq(host, "localhost");
	ck_assert_int_eq(
	    address_listen(host, &port, "localhost:0", &fault), -1);
	check_usage("localhost:0 is not HOST:PORT");
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
	struct url ways[URL_STACKS_MAX];

	ck_assert_int_eq(address_peer(ways, RELAYED "\r\n", &fault), -1);
	check_usage(RELAYED "?? is not");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("address");

	tcase_add_test(t, a_peer_may_have_several_ways);
	tcase_add_test(t, a_peer_that_is_none_is_named);
	tcase_add_test(t, a_relay_has_one_way_and_is_relayed);
	tcase_add_test(t, a_service_has_a_host_and_a_port);
	tcase_add_test(t, where_to_listen_may_have_any_port);
	tcase_add_test(t, control_characters_do_not_reach_the_terminal);
	return suite_run("address", (TCase *[]){t, NULL});
}
