/* Connections that are held, and what is paired with them. */
#include <check.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "tests/unit/dataplane/asked.h"
#include "tests/unit/suite.h"

START_TEST(hold_consumes_and_says_and_leaves_the_rest)
{
	struct ipc_msg m;
	uint64_t b;

	fixture_hold(conn, 6, IPC_FIN_DROPS, "wait");
	ck_assert_int_eq(fixture_state(conn), PENDING_HELD);
	fixture_expect(peer, "wait");
	b = fixture_open(&other, true, "token+");
	m = fixture_pair(conn, b);
	m.u.conn_pair.skip_b = 5;
	m.u.conn_pair.say_a.p = (const uint8_t *)"A";
	m.u.conn_pair.say_b.p = (const uint8_t *)"BB";
	m.u.conn_pair.say_a.len = 1;
	m.u.conn_pair.say_b.len = 2;
	fixture_command(&m);
	fixture_expect(peer, "A+");
	fixture_expect(other, "BBworld");
	ck_assert_uint_eq(fixture.node->pairs.n, 1);
	ck_assert_uint_eq(fixture_ended(REASON_PAIRED), 2);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_PUBLIC], 1);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_LOCAL], 1);
}
END_TEST

START_TEST(a_pair_that_ends_is_reported_with_its_tag)
{
	const struct ipc_pair_ended *u;
	struct ipc_msg m;
	uint64_t b = fixture_open(&other, false, "abc");

	fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	m = fixture_pair(conn, b);
	fixture_command(&m);
	fixture_expect(other, "hello world");
	fixture_expect(peer, "abc");
	fake_now_ms += 50;
	fd_close(&peer);
	fixture_expect(other, "");
	fd_close(&other);
	fixture_rounds(20);
	u = &fixture_event(IPC_PAIR_ENDED, 0)->u.pair_ended;
	ck_assert_uint_eq(u->bytes_ab, 11);
	ck_assert_uint_eq(u->bytes_ba, 3);
	ck_assert_uint_ge(u->ms, 50);
	ck_assert_int_eq(u->reason, REASON_FINISHED);
	ck_assert_int_eq(u->tag[31], 't');
	ck_assert_uint_eq(fixture.node->pairs.n, 0);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_PUBLIC], 0);
}
END_TEST

START_TEST(a_held_connection_that_ends_is_dropped)
{
	fixture_hold(conn, 5, IPC_FIN_DROPS, "");
	sockets_put(peer, "more", 4);
	fd_close(&peer);
	asked_expect_gone(REASON_PEER_FIN);
}
END_TEST

/* The news of it comes before the verdict, or behind it. */
START_TEST(a_fin_from_before_the_hold_drops_too)
{
	ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
	fixture_rounds(2 * _i);
	fixture_hold(conn, 5, IPC_FIN_DROPS, "");
	asked_expect_gone(REASON_PEER_FIN);
}
END_TEST

START_TEST(a_fin_from_before_the_hold_is_told_once)
{
	bool local = (_i & 1) != 0, is_seen = (_i & 2) != 0;
	uint64_t b = fixture_open(&other, local, "abc");

	ck_assert_int_eq(shutdown(other, SHUT_WR), 0);
	fixture_rounds(is_seen ? 2 : 0);
	fixture_hold(b, 1, IPC_FIN_KEEPS, "");
	fixture_rounds(5);
	ck_assert_int_eq(fixture_state(b), PENDING_HELD);
	ck_assert_uint_eq(fixture_count(IPC_CONN_FIN), 1);
	ck_assert_uint_eq(fixture_event(IPC_CONN_FIN, 0)->u.conn_fin.conn, b);
}
END_TEST

START_TEST(a_held_connection_may_be_kept_with_its_half_close)
{
	struct ipc_msg m;
	uint64_t b;

	fixture_hold(conn, 0, IPC_FIN_KEEPS, "");
	sockets_put(peer, "!", 1);
	ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
	fixture_rounds(20);
	ck_assert_uint_eq(fixture_count(IPC_CONN_FIN), 1);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_FIN, 0)->u.conn_fin.conn, conn);
	b = fixture_open(&other, false, "x");
	m = fixture_pair(conn, b);
	fixture_command(&m);
	fixture_expect(other, "hello world!");
	fixture_expect(other, "");
	fixture_expect(peer, "x");
}
END_TEST

START_TEST(a_held_connection_ends_at_its_deadline)
{
	fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	fixture_advance(9999);
	ck_assert_int_eq(fixture_state(conn), PENDING_HELD);
	fixture_advance(1);
	asked_expect_gone(REASON_HELD_TIMEOUT);
}
END_TEST

START_TEST(a_pair_with_a_side_that_is_gone_is_refused)
{
	bool keeps = (_i & 1) != 0, swapped = (_i & 2) != 0;
	uint64_t b = fixture_open(&other, false, "abc");
	struct ipc_msg m =
	    swapped ? fixture_pair(b, conn) : fixture_pair(conn, b);
	const struct ipc_pair_refused *u;

	sockets_reset(&peer); /* the node has not looked yet */
	m.u.conn_pair.on_refused = keeps;
	m.u.conn_pair.skip_a = m.u.conn_pair.skip_b = 3;
	fixture_command(&m);
	u = &fixture_event(IPC_PAIR_REFUSED, 0)->u.pair_refused;
	ck_assert_int_eq(u->gone, swapped ? IPC_GONE_B : IPC_GONE_A);
	ck_assert_int_eq(u->reason, REASON_RESET);
	ck_assert_int_eq(u->tag[0], 't');
	ck_assert_int_eq(
	    fixture_state(b), keeps ? PENDING_ASKED : PENDING_CLOSED);
	ck_assert_uint_eq(fixture_ended(REASON_PARTNER_GONE), keeps ? 0 : 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	if (!keeps)
		return;
	fixture_wait(b, 3, 1000); /* it is as it was: nothing consumed */
	ck_assert_mem_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.p, "abc", 3);
}
END_TEST

START_TEST(a_pair_of_two_unknowns_is_refused)
{
	struct ipc_msg m = fixture_pair(conn + 50, conn + 51);

	fixture_command(&m);
	ck_assert_int_eq(
	    fixture_event(IPC_PAIR_REFUSED, 0)->u.pair_refused.gone,
	    IPC_GONE_A | IPC_GONE_B);
	ck_assert_int_eq(
	    fixture_event(IPC_PAIR_REFUSED, 0)->u.pair_refused.reason,
	    REASON_PARTNER_GONE);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("hold");

	tcase_set_timeout(t, 20);
	tcase_add_checked_fixture(t, asked_begin, asked_end);
	tcase_add_test(t, hold_consumes_and_says_and_leaves_the_rest);
	tcase_add_test(t, a_pair_that_ends_is_reported_with_its_tag);
	tcase_add_test(t, a_held_connection_that_ends_is_dropped);
	tcase_add_loop_test(t, a_fin_from_before_the_hold_drops_too, 0, 2);
	tcase_add_loop_test(t, a_fin_from_before_the_hold_is_told_once, 0, 4);
	tcase_add_test(t, a_held_connection_may_be_kept_with_its_half_close);
	tcase_add_test(t, a_held_connection_ends_at_its_deadline);
	tcase_add_loop_test(
	    t, a_pair_with_a_side_that_is_gone_is_refused, 0, 4);
	tcase_add_test(t, a_pair_of_two_unknowns_is_refused);
	return suite_run("hold", (TCase *[]){t, NULL});
}
