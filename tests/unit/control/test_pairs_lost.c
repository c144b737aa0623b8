/* Pairs of nodes that are lost: unknown, and charged until all hope is gone. */
#include "tests/unit/control/reports.h"
#include "tests/unit/control/world.h"

START_TEST(pairs_live_on_when_their_session_does_not)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_forget_commands();
	fake_advance(c, 60000); /* its process may be stopped */
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_ready(c, &a);
	list(&a, tag, 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(node_that_never_comes_back_gives_its_places_in_the_end)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_advance(c, NODES_FORGET_PAIRS_MS - 1000);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_advance(c, 2000);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
	ck_assert_uint_eq(c->nodes.n, 0);
}
END_TEST

START_TEST(node_whose_socket_has_nobody_gives_its_places_within_seconds)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_disconnected = true;
	fake_advance(c, NODES_GONE_MS - 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_advance(c, NODES_TICK_MS);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

/* For so long, somebody who is not the node says its name again and again. */
static void
advance_amid_hellos(uint64_t ms)
{
	struct fake_node liar = {.name = "a", .epoch = 0xbad};

	for (uint64_t step = 1000; ms > 0; ms -= step) {
		step = ms < step ? ms : step;
		fake_hello(c, &liar);
		fake_advance(c, step);
		fake_forget_commands();
	}
}

START_TEST(hellos_in_a_dead_nodes_name_keep_none_of_its_pairs)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_disconnected = true;
	advance_amid_hellos(NODES_GONE_MS + NODES_TICK_MS);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(hellos_in_a_silent_nodes_name_do_not_keep_its_pairs_for_ever)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	advance_amid_hellos(NODES_FORGET_PAIRS_MS - NODES_TICK_MS);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	advance_amid_hellos(2 * NODES_TICK_MS);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(pairs_given_up_too_early_are_charged_again)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_disconnected = true;
	fake_advance(c, NODES_GONE_MS + NODES_TICK_MS);
	fake_disconnected = false;
	fake_ready(c, &a);
	list(&a, tag, 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(pairs_of_a_node_that_falls_silent_are_unknown_and_charged)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_advance(c, IPC_LOST_MS - 1);
	ck_assert_int_eq(unknown_in_status("ready"), 0);
	fake_advance(c, 1);
	ck_assert_int_eq(unknown_in_status("away"), 1);
	ck_assert_uint_eq(client_of(7)->n_unknown, 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	ck_assert(metrics_have("\ncarrick_pairs_unknown 2\n")); /* 7's too */
}
END_TEST

START_TEST(list_of_a_node_that_is_back_settles_what_is_unknown)
{
	uint8_t lives[IPC_TAG_LEN], ended[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(lives, 1, 7);
	make_pair(ended, 3, 7);
	fake_advance(c, IPC_LOST_MS);
	ck_assert_uint_eq(client_of(7)->n_unknown, 2);
	fake_forget_commands();
	fake_ready(c, &a);
	ck_assert_uint_eq(client_of(7)->n_unknown, 2); /* not by a hello */
	list(&a, lives, 1);
	ck_assert_uint_eq(client_of(7)->n_unknown, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	ck_assert_uint_eq(c->pairs.n_unknown, 0);
	ck_assert_int_eq(unknown_in_status("ready"), 0);
}
END_TEST

START_TEST(what_is_unknown_for_ten_minutes_is_charged_no_longer)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_advance(c, NODES_FORGET_PAIRS_MS - NODES_TICK_MS);
	ck_assert_uint_eq(client_of(7)->n_unknown, 1);
	fake_advance(c, 2 * NODES_TICK_MS);
	ck_assert_uint_eq(c->pairs.n_unknown, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(node_on_another_host_is_not_gone_because_its_link_is)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	c->nodes.dir[0] = '\0'; /* as with tcp:// */
	fake_disconnected = true;
	fake_advance(c, NODES_FORGET_PAIRS_MS - NODES_TICK_MS);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_advance(c, 2 * NODES_TICK_MS);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(goodbye_leaves_nothing_unknown)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_bye(c, &a);
	ck_assert_uint_eq(c->pairs.n_unknown, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

static TCase *
charges(void)
{
	TCase *t = world_case("charges", two_nodes);

	tcase_add_test(t, pairs_live_on_when_their_session_does_not);
	tcase_add_test(
	    t, node_that_never_comes_back_gives_its_places_in_the_end);
	tcase_add_test(
	    t, node_whose_socket_has_nobody_gives_its_places_within_seconds);
	tcase_add_test(t, hellos_in_a_dead_nodes_name_keep_none_of_its_pairs);
	tcase_add_test(
	    t, hellos_in_a_silent_nodes_name_do_not_keep_its_pairs_for_ever);
	tcase_add_test(t, pairs_given_up_too_early_are_charged_again);
	return t;
}

static TCase *
unknown(void)
{
	TCase *t = world_case("unknown", two_nodes);

	tcase_add_test(
	    t, pairs_of_a_node_that_falls_silent_are_unknown_and_charged);
	tcase_add_test(t, list_of_a_node_that_is_back_settles_what_is_unknown);
	tcase_add_test(t, what_is_unknown_for_ten_minutes_is_charged_no_longer);
	tcase_add_test(t, node_on_another_host_is_not_gone_because_its_link_is);
	tcase_add_test(t, goodbye_leaves_nothing_unknown);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {charges(), unknown(), NULL};

	return suite_run("pairs_lost", CASES);
}
