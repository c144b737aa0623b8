/* Connections that are dropped, and what is recorded of them. */
#include <check.h>

#include "common/fd.h"
#include "dataplane/drop.h"
#include "tests/unit/dataplane/asked.h"
#include "tests/unit/suite.h"

START_TEST(an_orderly_drop_says_its_word_and_drains)
{
	char bulk[4096] = {0};

	fixture_drop(conn, 6, IPC_DROP_ORDERLY, "no");
	ck_assert_int_eq(fixture_state(conn), PENDING_DRAINING);
	fixture_expect(peer, "no");
	fixture_expect(peer, "");
	for (size_t i = 0; i < DROP_DRAIN_MAX / sizeof bulk - 1; i++) {
		sockets_put(peer, bulk, sizeof bulk);
		fixture_rounds(2);
	}
	ck_assert_int_eq(fixture_state(conn), PENDING_DRAINING);
	sockets_put(peer, bulk, sizeof bulk);
	fixture_rounds(2);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture_ended(REASON_DROPPED), 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
}
END_TEST

START_TEST(a_drop_ends_when_the_peer_does_or_after_two_seconds)
{
	fixture_drop(conn, 0, IPC_DROP_ORDERLY, "");
	if (_i == 0) {
		fd_close(&peer);
		fixture_rounds(2);
	} else {
		fixture_advance(DROP_DRAIN_MS - 1);
		ck_assert_int_eq(fixture_state(conn), PENDING_DRAINING);
		fixture_advance(1);
	}
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture_ended(REASON_DROPPED), 1);
}
END_TEST

START_TEST(a_drop_can_be_a_reset)
{
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	fixture_expect_reset(peer);
}
END_TEST

START_TEST(a_drop_is_possible_in_every_state_that_control_knows)
{
	if (_i == 1)
		fixture_wait(conn, 100, 1000);
	if (_i == 2)
		fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	ck_assert_uint_eq(fixture_ended(REASON_DROPPED), 1);
	ck_assert(link_in_session(fixture.node));
}
END_TEST

static uint64_t
n_records_left(void)
{
	return rate_available(&fixture.node->account.records, fake_now_ms);
}

START_TEST(what_control_never_took_up_is_no_record)
{
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(n_records_left(), ACCOUNT_RECORDS_BURST);
	conn = fixture_open(&other, false, "x");
	fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	ck_assert_uint_eq(n_records_left(), ACCOUNT_RECORDS_BURST - 1);
}
END_TEST

START_TEST(strangers_cause_so_many_records_and_no_more)
{
	struct node *n = fixture.node;

	for (int i = 0; i < ACCOUNT_RECORDS_BURST; i++)
		ck_assert(account_may_record(n));
	ck_assert(!account_may_record(n));
	ck_assert_uint_eq(n->account.n_unrecorded, 1);
	fixture_advance(100);
	for (int i = 0; i < ACCOUNT_RECORDS_PER_S / 10; i++)
		ck_assert(account_may_record(n));
	ck_assert(!account_may_record(n));
	ck_assert_uint_eq(n->account.n_unrecorded, 2);
	fixture_advance(1000);
	ck_assert(account_may_record(n));
	ck_assert_uint_eq(n->account.n_unrecorded, 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("drop");

	tcase_set_timeout(t, 20);
	tcase_add_checked_fixture(t, asked_begin, asked_end);
	tcase_add_test(t, an_orderly_drop_says_its_word_and_drains);
	tcase_add_loop_test(
	    t, a_drop_ends_when_the_peer_does_or_after_two_seconds, 0, 2);
	tcase_add_test(t, a_drop_can_be_a_reset);
	tcase_add_test(t, what_control_never_took_up_is_no_record);
	tcase_add_test(t, strangers_cause_so_many_records_and_no_more);
	tcase_add_loop_test(
	    t, a_drop_is_possible_in_every_state_that_control_knows, 0, 3);
	return suite_run("drop", (TCase *[]){t, NULL});
}
