/* What the log says of those who are no splice nodes, and how often. */
#include "control/node_refused.h"

#include <string.h>

#include "tests/unit/control/fake_log.h"
#include "tests/unit/control/world.h"

static void
set_up(void)
{
	two_nodes();
	c->nodes.refused.hash_key[0] = 1; /* which names share a place */
	c->nodes.refused.hash_key[1] = 2;
}

static void
refuse_it(const char *name, enum event_drop why)
{
	ck_assert_int_eq(node_refused(c, name, why, "a sentence"), why);
}

static unsigned
n_logged(void)
{
	return fake_log_count("node-refused");
}

static bool
newest_has(const char *text)
{
	return strstr(fake_log_newest("node-refused"), text) != NULL;
}

START_TEST(name_is_logged_at_once_and_then_once_in_ten_seconds)
{
	for (int i = 0; i < 1000; i++)
		refuse_it("edge-1", EVENT_DROP_SEAL_FORGED);
	ck_assert_uint_eq(n_logged(), 1);
	ck_assert_str_eq(fake_log_newest("node-refused"),
	    "node=edge-1 reason=seal_forged times=1 why=\"a sentence\"");
	fake_advance(c, NODE_REFUSED_LOG_MS - 1);
	refuse_it("edge-1", EVENT_DROP_SEAL_FORGED);
	ck_assert_uint_eq(n_logged(), 1);
	fake_advance(c, 1);
	refuse_it("edge-1", EVENT_DROP_SEAL_FORGED);
	ck_assert_uint_eq(n_logged(), 2);
	ck_assert(newest_has(" times=1001 "));
}
END_TEST

START_TEST(name_said_a_thousand_times_hides_no_other)
{
	for (int i = 0; i < 1000; i++)
		refuse_it("stranger", EVENT_DROP_SEAL_FORGED);
	refuse_it("edge-1", EVENT_DROP_SEAL_FORGED);
	ck_assert_uint_eq(n_logged(), 2);
	ck_assert(newest_has("node=edge-1 "));
}
END_TEST

START_TEST(thousand_names_hide_nothing_of_another_reason)
{
	char name[] = "n000";

	for (int i = 0; i < 1000; i++) {
		name[1] = (char)('0' + i / 100);
		name[2] = (char)('0' + i / 10 % 10);
		name[3] = (char)('0' + i % 10);
		refuse_it(name, EVENT_DROP_NODE_UNLISTED);
	}
	ck_assert_uint_eq(n_logged(), NODE_REFUSED_PLACES);
	refuse_it("edge-1", EVENT_DROP_NODE_NETWORK);
	ck_assert(newest_has("node=edge-1 reason=node_network "));
}
END_TEST

START_TEST(name_that_makes_too_long_a_path_is_told_to_be_shorter)
{
	memset(c->nodes.dir, 'x', 60);
	c->nodes.dir[0] = '/';
	c->nodes.dir[60] = '\0';
	a.name = "a2345678901234567890123456789012345678901234567";
	fake_hello(c, &a);
	ck_assert_uint_eq(dropped(EVENT_DROP_NODE_NAME), 1);
	ck_assert(newest_has("node=a23456"));
	ck_assert(newest_has("reason=node_name"));
	ck_assert(newest_has("give it a shorter name"));
}
END_TEST

START_TEST(node_that_no_pipeline_can_be_made_to_is_named_with_the_reason)
{
	struct fake_node newcomer = {.name = "n3", .epoch = 3};

	fake_no_pipeline = true;
	fake_hello(c, &newcomer);
	ck_assert_uint_eq(newcomer.session, 0);
	ck_assert_uint_eq(dropped(EVENT_DROP_NODE_LINK), 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_NODE_NAME), 0);
	ck_assert(newest_has("node=n3 reason=node_link "));
	ck_assert(newest_has("Too many open files"));
	ck_assert(newest_has("LimitNOFILE="));
	fake_no_pipeline = false;
	fake_hello(c, &newcomer);
	ck_assert_uint_ne(newcomer.session, 0);
}
END_TEST

START_TEST(node_beyond_the_limit_is_told_which)
{
	struct fake_node third = {.name = "n3", .epoch = 3};

	c->config.max_splice_nodes = 2;
	fake_hello(c, &third);
	ck_assert_uint_eq(dropped(EVENT_DROP_NODE_LIMIT), 1);
	ck_assert(newest_has("node=n3 reason=node_limit "));
	ck_assert(newest_has("max_splice_nodes"));
}
END_TEST

int
main(void)
{
	TCase *t = world_case("node_refused", set_up);

	tcase_add_test(t, name_is_logged_at_once_and_then_once_in_ten_seconds);
	tcase_add_test(t, name_said_a_thousand_times_hides_no_other);
	tcase_add_test(t, thousand_names_hide_nothing_of_another_reason);
	tcase_add_test(
	    t, name_that_makes_too_long_a_path_is_told_to_be_shorter);
	tcase_add_test(
	    t, node_that_no_pipeline_can_be_made_to_is_named_with_the_reason);
	tcase_add_test(t, node_beyond_the_limit_is_told_which);
	return suite_run("node_refused", (TCase *[]){t, NULL});
}
