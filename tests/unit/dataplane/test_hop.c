/* A connection whose partner is at a sibling: the one that a node opens. */
#include <check.h>

#include "common/fd.h"
#include "tests/unit/dataplane/hop_world.h"
#include "tests/unit/suite.h"

static void
expect_ticket(void)
{
	char ticket[IPC_TICKET_LEN];

	fixture_rounds(5);
	sibling = accept(listener, NULL, NULL);
	ck_assert_int_ne(sibling, -1);
	ck_assert_int_eq(
	    sockets_get(sibling, ticket, sizeof ticket), IPC_TICKET_LEN);
	ck_assert_int_eq(ticket[0], 'T');
	ck_assert_int_eq(ticket[IPC_TICKET_LEN - 1], 'T');
}

START_TEST(a_connection_is_joined_to_its_partner_at_a_sibling)
{
	const struct ipc_pair_ended *u;

	world_join();
	expect_ticket();
	fixture_expect(sibling, " and more");
	fixture_expect(peer, "joined");
	sockets_put(sibling, "welcome", 7);
	fixture_expect(peer, "welcome");
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_PUBLIC], 1);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_SIBLING], 1);
	ck_assert_uint_eq(fixture_ended(REASON_PAIRED), 1);
	fd_close(&peer);
	fd_close(&sibling);
	fixture_rounds(20);
	u = &fixture_event(IPC_PAIR_ENDED, 0)->u.pair_ended;
	ck_assert_uint_eq(u->bytes_ab, 9);
	ck_assert_uint_eq(u->bytes_ba, 7);
	ck_assert_int_eq(u->tag[0], 't');
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 0);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_SIBLING], 0);
}
END_TEST

START_TEST(a_half_close_from_before_it_was_reached_passes_on)
{
	ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
	world_join();
	expect_ticket();
	fixture_expect(sibling, " and more");
	fixture_expect(sibling, "");
	sockets_put(sibling, "answer", 6);
	fixture_expect(peer, "joinedanswer");
}
END_TEST

START_TEST(a_held_connection_can_be_joined_too)
{
	fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	world_join();
	expect_ticket();
	fixture_expect(sibling, " and more");
}
END_TEST

START_TEST(a_node_says_with_a_session_whether_it_has_siblings)
{
	fixture_welcome(SESSION + 1);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_READY, 0)->u.node_ready.features,
	    IPC_FEATURE_SIBLINGS);
	fixture.node->siblings.n = 0;
	fixture_forget();
	fixture_welcome(SESSION + 2);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_READY, 0)->u.node_ready.features, 0);
}
END_TEST

START_TEST(an_address_of_a_listed_network_is_joined)
{
	struct ipc_msg m = world_join_in_network();

	fixture_command(&m);
	expect_ticket();
	fixture_expect(sibling, " and more");
}
END_TEST

START_TEST(until_its_sibling_is_reached_it_counts_as_a_pair)
{
	struct ipc_msg ask = {.type = IPC_PAIR_LIST_ASK};

	connect_is_late = true;
	world_join();
	fixture_advance(IPC_BEAT_MS);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_BEAT, 0)->u.node_beat.n_pairs, 1);
	fixture_command(&ask);
	ck_assert_uint_eq(
	    fixture_event(IPC_PAIR_LIST, 0)->u.pair_list.n_tags, 1);
	ck_assert_int_eq(
	    fixture_event(IPC_PAIR_LIST, 0)->u.pair_list.tags[0], 't');
}
END_TEST

START_TEST(it_outlives_the_session_that_commanded_it)
{
	connect_is_late = true;
	world_join();
	link_give_up(fixture.node, "test");
	fixture_rounds(2);
	fixture_welcome(SESSION + 1);
	fixture_forget();
	ck_assert_int_eq(fixture_state(conn), PENDING_JOINING);
	pending_close_all(fixture.node, REASON_SHUTDOWN);
	world_expect_refused(REASON_SHUTDOWN, IPC_GONE_A);
}
END_TEST

START_TEST(no_other_verdict_reaches_it)
{
	connect_is_late = true;
	world_join();
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	world_join();
	ck_assert_int_eq(fixture_state(conn), PENDING_JOINING);
	ck_assert(link_in_session(fixture.node));
	ck_assert_uint_eq(
	    fixture.node->account.counters[FIGURE_LATE_VERDICTS], 2);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 1);
	ck_assert_int_eq(
	    fixture_event(IPC_PAIR_REFUSED, 0)->u.pair_refused.reason,
	    REASON_PARTNER_GONE);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("hop");

	tcase_add_checked_fixture(tc, world_set_up, world_tear_down);
	tcase_add_test(tc, a_connection_is_joined_to_its_partner_at_a_sibling);
	tcase_add_test(tc, a_half_close_from_before_it_was_reached_passes_on);
	tcase_add_test(tc, a_held_connection_can_be_joined_too);
	tcase_add_test(tc, a_node_says_with_a_session_whether_it_has_siblings);
	tcase_add_test(tc, an_address_of_a_listed_network_is_joined);
	tcase_add_test(tc, until_its_sibling_is_reached_it_counts_as_a_pair);
	tcase_add_test(tc, it_outlives_the_session_that_commanded_it);
	tcase_add_test(tc, no_other_verdict_reaches_it);
	return suite_run("hop", (TCase *[]){tc, NULL});
}
