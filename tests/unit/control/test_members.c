#include <string.h>

#include "control/config.h"
#include "control/members.h"
#include "proto/ipc.h"
#include "tests/unit/suite.h"

static struct config config;
static struct members members;

static void
set_up(void)
{
	static const char *const SETTINGS[] = {"events_url=tcp://*:7447",
	    "nodes=[{name: edge-?, networks: [10.1.0.0/16, 192.0.2.7]},"
	    " {name: \"*.eu\", networks: [\"2001:db8::/32\"]},"
	    " {name: edge-1, networks: [10.2.0.0/16]}]"};
	char why[CONFIG_WHY_CAP];

	ck_assert_msg(
	    config_load(&config, NULL, SETTINGS, 2, why) == 0, "%s", why);
	ck_assert_int_eq(members_init(&members, &config.nodes), 0);
}

static void
tear_down(void)
{
	members_fini(&members);
	config_free(&config);
}

START_TEST(a_name_is_known_by_its_pattern)
{
	static const char *const KNOWN[] = {
	    "edge-1", "edge-x", "a.eu", "x.y.eu"};
	static const char *const UNKNOWN[] = {
	    "edge-", "edge-12", "edge", "eu", "a.eu2", "xedge-1"};

	for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
		ck_assert_msg(members_know(&members, KNOWN[i]), "%s", KNOWN[i]);
	for (size_t i = 0; i < sizeof UNKNOWN / sizeof *UNKNOWN; i++)
		ck_assert_msg(
		    !members_know(&members, UNKNOWN[i]), "%s", UNKNOWN[i]);
}
END_TEST

static bool
admits(const char *name, const char *address)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, address), 0);
	return members_admit(&members, name, &a);
}

START_TEST(an_address_has_to_be_in_a_network_of_the_names_own)
{
	ck_assert(admits("edge-1", "10.1.2.3:7448"));
	ck_assert(admits("edge-2", "192.0.2.7:1"));
	ck_assert(!admits("edge-2", "192.0.2.8:1"));
	ck_assert(!admits("edge-1", "[2001:db8::1]:7448"));
	ck_assert(admits("a.eu", "[2001:db8::1]:7448"));
	ck_assert(!admits("a.eu", "10.1.2.3:7448"));
	ck_assert(!admits("core", "10.1.2.3:7448"));
	ck_assert(!admits("edge-1", "0.0.0.0:7448"));
}
END_TEST

START_TEST(each_entry_that_has_the_name_counts)
{
	ck_assert(admits("edge-1", "10.2.0.1:7448"));
	ck_assert(!admits("edge-2", "10.2.0.1:7448"));
}
END_TEST

START_TEST(zeros_know_nobody)
{
	const struct members none = {.n = 0};

	ck_assert(!members_know(&none, "edge-1"));
}
END_TEST

START_TEST(a_pattern_is_made_of_what_names_are_made_of)
{
	char longest[IPC_NAME_MAX + 2];

	memset(longest, 'a', sizeof longest);
	longest[IPC_NAME_MAX] = '\0';
	ck_assert_ptr_null(members_check_pattern("edge-*.eu_1?"));
	ck_assert_ptr_null(members_check_pattern(longest));
	longest[IPC_NAME_MAX] = 'a';
	longest[IPC_NAME_MAX + 1] = '\0';
	ck_assert_ptr_nonnull(members_check_pattern(longest));
	ck_assert_ptr_nonnull(members_check_pattern("Edge"));
	ck_assert_ptr_nonnull(members_check_pattern("[a-z]"));
	ck_assert_ptr_nonnull(members_check_pattern("edge 1"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("members");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_name_is_known_by_its_pattern);
	tcase_add_test(tc, an_address_has_to_be_in_a_network_of_the_names_own);
	tcase_add_test(tc, each_entry_that_has_the_name_counts);
	tcase_add_test(tc, zeros_know_nobody);
	tcase_add_test(tc, a_pattern_is_made_of_what_names_are_made_of);
	return suite_run("members", (TCase *[]){tc, NULL});
}
