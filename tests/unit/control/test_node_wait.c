/* Nodes that say hello and do not answer: what is done and said of them. */
#include "control/node_wait.h"

#include <string.h>

#include "tests/unit/control/world.h"

static const char EVENT[] = "node-silent";

/* For so long, a says hello as often as a node does. */
static void
advance_amid_hellos(uint64_t ms)
{
	for (; ms > 0; ms -= IPC_HELLO_MS) {
		fake_hello(c, &a);
		fake_advance(c, IPC_HELLO_MS);
	}
	fake_forget_commands();
}

START_TEST(node_that_does_not_answer_is_logged_after_5_s_and_each_minute)
{
	advance_amid_hellos(NODE_WAIT_FIRST_MS);
	ck_assert_uint_eq(fake_log_count(EVENT), 0);
	advance_amid_hellos(IPC_HELLO_MS);
	ck_assert_uint_eq(fake_log_count(EVENT), 1);
	ck_assert_ptr_eq(
	    strstr(fake_log_newest(EVENT), "node=a ms=5000 way=\"faked\" "),
	    fake_log_newest(EVENT));
	advance_amid_hellos(NODE_WAIT_AGAIN_MS - IPC_HELLO_MS);
	ck_assert_uint_eq(fake_log_count(EVENT), 1);
	advance_amid_hellos(IPC_HELLO_MS);
	ck_assert_uint_eq(fake_log_count(EVENT), 2);
}
END_TEST

START_TEST(node_in_session_is_waited_for_by_nobody)
{
	fake_ready(c, &a);
	for (int i = 0; i < 10; i++) {
		fake_beat(c, &a);
		advance_amid_hellos(1000);
	}
	ck_assert_uint_eq(fake_log_count(EVENT), 0);
}
END_TEST

START_TEST(answer_ends_the_wait)
{
	advance_amid_hellos(NODE_WAIT_FIRST_MS - IPC_HELLO_MS);
	fake_ready(c, &a);
	fake_advance(c, IPC_LOST_MS); /* the session is lost */
	advance_amid_hellos(NODE_WAIT_FIRST_MS);
	ck_assert_uint_eq(fake_log_count(EVENT), 0);
}
END_TEST

START_TEST(node_that_was_away_is_not_logged_at_its_first_hello)
{
	advance_amid_hellos(IPC_HELLO_MS);
	fake_advance(c, NODE_WAIT_FIRST_MS);
	advance_amid_hellos(NODE_WAIT_FIRST_MS);
	ck_assert_uint_eq(fake_log_count(EVENT), 0);
	advance_amid_hellos(IPC_HELLO_MS);
	ck_assert_uint_eq(fake_log_count(EVENT), 1);
}
END_TEST

/* nanomsg believes for ever in a node that ended as it greeted us. */
START_TEST(pipeline_is_made_anew_while_there_is_no_session)
{
	advance_amid_hellos(NODE_LINK_RENEW_MS);
	ck_assert_uint_eq(fake_n_links, 1);
	advance_amid_hellos(IPC_HELLO_MS);
	ck_assert_uint_eq(fake_n_links, 2);
	fake_ready(c, &a);
	fake_beat(c, &a);
	advance_amid_hellos(NODE_LINK_RENEW_MS + IPC_HELLO_MS);
	ck_assert_uint_eq(fake_n_links, 2);
}
END_TEST

/* Else what was charged to clients would be given up before it is tried. */
START_TEST(pipeline_that_was_just_made_says_nothing_of_a_nodes_end)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_ready(c, &a);
	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_advance(c, IPC_LOST_MS);
	fake_disconnected = true;
	fake_hello(c, &a);
	fake_advance(c, NODES_GONE_MS - 1);
	ck_assert_uint_eq(c->nodes.first->n_pairs, 2); /* and a stream */
	fake_advance(c, NODES_TICK_MS);
	ck_assert_uint_eq(c->nodes.first->n_pairs, 0);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("node_wait", no_node);

	tcase_add_test(
	    t, node_that_does_not_answer_is_logged_after_5_s_and_each_minute);
	tcase_add_test(t, node_in_session_is_waited_for_by_nobody);
	tcase_add_test(t, answer_ends_the_wait);
	tcase_add_test(t, node_that_was_away_is_not_logged_at_its_first_hello);
	tcase_add_test(t, pipeline_is_made_anew_while_there_is_no_session);
	tcase_add_test(
	    t, pipeline_that_was_just_made_says_nothing_of_a_nodes_end);
	return suite_run("node_wait", (TCase *[]){t, NULL});
}
