/* Who waits for more bytes, for a place with them, or for control. */
#include <check.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "dataplane/drop.h"
#include "tests/unit/dataplane/ask_world.h"
#include "tests/unit/suite.h"

/* Control wants more bytes of the first, they are there, and there is no
 * place. Returns its number. */
static uint64_t
park_more_bytes(void)
{
	const char *const settings[] = {"max_asks=1", NULL};
	uint64_t conn;

	world_begin_session(settings);
	world_come(1, 1);
	conn = fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn;
	fixture_wait(conn, 2, 1000);
	world_come(2, 1);
	sockets_put(peers[0], "y", 1);
	fixture_rounds(2);
	ck_assert_int_eq(fixture_state(conn), PENDING_PARKED);
	ck_assert_uint_eq(fixture_count(IPC_CONN_MORE), 0);
	return conn;
}

START_TEST(more_bytes_wait_for_a_place_too)
{
	uint64_t conn = park_more_bytes();

	n_answered = 1;
	world_answer_one();
	ck_assert_int_eq(fixture_state(conn), PENDING_ASKED);
	ck_assert_mem_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.p, "xy", 2);
	world_end();
}
END_TEST

START_TEST(more_bytes_that_wait_can_be_dropped_or_end)
{
	static const enum reason reasons[] = {
	    REASON_DROPPED, REASON_DROPPED, REASON_RESET};
	uint64_t conn = park_more_bytes();

	if (_i < 2)
		fixture_drop(
		    conn, 1, _i == 0 ? IPC_DROP_ORDERLY : IPC_DROP_RESET, "");
	else
		sockets_reset(&peers[0]);
	fixture_rounds(2);
	fixture_advance(_i == 0 ? DROP_DRAIN_MS : 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture_ended(reasons[_i]), 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), _i < 2 ? 0 : 1);
	world_end();
}
END_TEST

START_TEST(more_bytes_are_turned_away_when_too_many_wait)
{
	uint64_t conn;

	world_begin_session(NULL);
	world_come(1, 1);
	conn = fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn;
	fixture_wait(conn, 2, 1000);
	world_come(1, 16);
	n->budget.n_parked += BUDGET_PARKED_MAX;
	sockets_put(peers[0], "y", 1);
	fixture_rounds(2);
	n->budget.n_parked -= BUDGET_PARKED_MAX;
	ck_assert_int_eq(fixture_event(IPC_CONN_GONE, 0)->u.conn_gone.reason,
	    REASON_LIMIT_ASKS);
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), 1);
	world_end();
}
END_TEST

START_TEST(more_bytes_that_wait_are_a_newcomers_in_a_new_session)
{
	uint64_t conn = park_more_bytes();

	fixture_lose();
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 2);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn, conn);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.first.len, 2);
	world_end();
}
END_TEST

START_TEST(without_control_newcomers_wait_for_a_while)
{
	int peer;

	world_begin(NULL);
	peer = fixture_arrive(false, 1);
	sockets_put(peer, "x", 1);
	fixture_rounds(2);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fixture_advance(n->config.control_wait_ms - 1);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fixture_advance(2);
	ck_assert_uint_eq(fixture_ended(REASON_NO_CONTROL), 1);
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(no_byte_at_all_ends_a_connection_unasked)
{
	int peer;

	world_begin_session(NULL);
	peer = fixture_arrive(false, 1);
	if (_i == 0)
		fd_close(&peer);
	else
		fixture_advance(n->config.preamble_timeout_ms);
	fixture_rounds(2);
	ck_assert_uint_eq(
	    fixture_ended(_i == 0 ? REASON_PEER_FIN : REASON_PREAMBLE_TIMEOUT),
	    1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 0);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	fd_close(&peer);
	fixture_end();
}
END_TEST

START_TEST(a_lost_session_closes_what_was_touched_and_parks_the_rest)
{
	int asked, waiting, held, touched, silent, said;
	uint64_t ids[5];

	world_begin_session(NULL);
	silent = fixture_arrive(false, 1);
	ids[0] = fixture_open(&asked, false, "asked");
	ids[1] = fixture_open(&waiting, false, "waiting");
	fixture_wait(ids[1], 100, 10000);
	ids[2] = fixture_open(&held, false, "held");
	fixture_hold(ids[2], 0, IPC_FIN_DROPS, "");
	ids[3] = fixture_open(&touched, false, "touched");
	fixture_hold(ids[3], 1, IPC_FIN_DROPS, "");
	ids[4] = fixture_open(&said, false, "said");
	fixture_hold(ids[4], 0, IPC_FIN_DROPS, "!");
	fixture_forget();
	fixture_lose();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(fixture_state(ids[i]), PENDING_PARKED);
	ck_assert_uint_eq(fixture_ended(REASON_CONTROL_LOST), 2);
	ck_assert_uint_eq(n->n_in[PENDING_PREAMBLE], 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	fixture_welcome(NEXT_SESSION);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 3);
	ck_assert_uint_eq(fixture_event(IPC_CONN_OPEN, 0)->to, NEXT_SESSION);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(fixture_state(ids[i]), PENDING_ASKED);
	fd_close(&asked);
	fd_close(&waiting);
	fd_close(&held);
	fd_close(&touched);
	fd_close(&silent);
	fd_close(&said);
	fixture_end();
}
END_TEST

/* It came to the session before, which was told nothing of it: while control
 * was to answer, while it held the connection, or while there was none. */
START_TEST(a_fin_from_before_a_session_is_told_in_it)
{
	uint64_t conn;
	int peer;

	world_begin_session(NULL);
	conn = fixture_open(&peer, false, "hello");
	if (_i == 1)
		fixture_hold(conn, 0, IPC_FIN_KEEPS, "");
	if (_i == 2)
		fixture_lose();
	ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
	fixture_rounds(2);
	if (_i < 2)
		fixture_lose();
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn, conn);
	ck_assert_int_eq(fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.flags,
	    IPC_CONN_FINISHED);
	fd_close(&peer);
	fixture_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("parked");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, more_bytes_wait_for_a_place_too);
	tcase_add_loop_test(
	    t, more_bytes_that_wait_can_be_dropped_or_end, 0, 3);
	tcase_add_test(t, more_bytes_are_turned_away_when_too_many_wait);
	tcase_add_test(
	    t, more_bytes_that_wait_are_a_newcomers_in_a_new_session);
	tcase_add_test(t, without_control_newcomers_wait_for_a_while);
	tcase_add_loop_test(t, no_byte_at_all_ends_a_connection_unasked, 0, 2);
	tcase_add_test(
	    t, a_lost_session_closes_what_was_touched_and_parks_the_rest);
	tcase_add_loop_test(t, a_fin_from_before_a_session_is_told_in_it, 0, 3);
	return suite_run("parked", (TCase *[]){t, NULL});
}
