/* What control is shown of a connection, and what it waits for. */
#include <check.h>
#include <sys/socket.h>

#include "tests/unit/dataplane/asked.h"
#include "tests/unit/suite.h"

START_TEST(the_first_bytes_are_shown_and_not_taken)
{
	const struct ipc_conn_open *b =
	    &fixture_event(IPC_CONN_OPEN, 0)->u.conn_open;

	ck_assert_uint_eq(b->first.len, 11);
	ck_assert_mem_eq(b->first.p, "hello world", 11);
	ck_assert_int_eq(b->flags, 0);
	ck_assert_int_eq(b->listener, 0);
	ck_assert_int_eq(b->remote.ip[15], 1);
	fixture_wait(conn, 11, 1000);
	ck_assert_mem_eq(fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.p,
	    "hello world", 11);
}
END_TEST

START_TEST(a_local_connection_says_so)
{
	uint64_t local = fixture_open(&other, true, "ticket");
	const struct ipc_conn_open *b =
	    &fixture_event(IPC_CONN_OPEN, 0)->u.conn_open;

	ck_assert_uint_ne(local, conn);
	ck_assert_int_eq(b->flags, IPC_CONN_LOCAL);
	ck_assert_int_eq(b->listener, IPC_LISTENER_LOCAL);
	ck_assert(addr_is_unspecified(&b->remote));
}
END_TEST

START_TEST(first_bytes_and_a_fin_are_told_together)
{
	other = fixture_arrive(false, 2);
	sockets_put(other, "x", 1);
	ck_assert_int_eq(shutdown(other, SHUT_WR), 0);
	fixture_rounds(2);
	ck_assert_int_eq(fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.flags,
	    IPC_CONN_FINISHED);
}
END_TEST

START_TEST(at_most_512_bytes_are_shown_first)
{
	char bulk[513] = {0};

	other = fixture_arrive(false, 2);
	sockets_put(other, bulk, sizeof bulk);
	fixture_rounds(2);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.first.len, 512);
}
END_TEST

START_TEST(wait_answers_when_the_bytes_are_there)
{
	fixture_wait(conn, 14, 1000);
	fixture_rounds(5);
	ck_assert_uint_eq(fixture_count(IPC_CONN_MORE), 0);
	sockets_put(peer, "12", 2);
	fixture_rounds(5);
	ck_assert_uint_eq(fixture_count(IPC_CONN_MORE), 0);
	ck_assert_int_eq(fixture_state(conn), PENDING_WAITING);
	sockets_put(peer, "34", 2);
	fixture_rounds(5);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.len, 14);
	ck_assert_int_eq(fixture_state(conn), PENDING_ASKED);
}
END_TEST

START_TEST(wait_on_a_unix_socket_wakes_in_vain_and_answers_in_the_end)
{
	uint64_t local = fixture_open(&other, true, "ab");

	fixture_wait(local, 4, 1000);
	sockets_put(other, "c", 1);
	fixture_rounds(5);
	ck_assert_uint_eq(fixture_count(IPC_CONN_MORE), 0);
	sockets_put(other, "d", 1);
	fixture_rounds(5);
	ck_assert_mem_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.p, "abcd", 4);
}
END_TEST

START_TEST(wait_answers_what_is_there_after_a_fin)
{
	fixture_wait(conn, 100, 1000);
	ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
	fixture_rounds(5);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.len, 11);
	ck_assert_int_eq(fixture_event(IPC_CONN_MORE, 0)->u.conn_more.flags,
	    IPC_CONN_FINISHED);
}
END_TEST

/* Its news comes before the verdict, or behind it. */
START_TEST(wait_knows_of_a_fin_that_came_before_it)
{
	bool local = (_i & 1) != 0, is_seen = (_i & 2) != 0;
	uint64_t b = fixture_open(&other, local, "ab");

	ck_assert_int_eq(shutdown(other, SHUT_WR), 0);
	fixture_rounds(is_seen ? 2 : 0);
	fixture_wait(b, 4, 1000);
	fixture_rounds(5);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.len, 2);
	ck_assert_int_eq(fixture_event(IPC_CONN_MORE, 0)->u.conn_more.flags,
	    IPC_CONN_FINISHED | (local ? IPC_CONN_LOCAL : 0));
}
END_TEST

START_TEST(wait_takes_the_most_that_a_message_shows)
{
	char bulk[IPC_MORE_MAX] = {0};

	fixture_wait(conn, IPC_MORE_MAX, 1000);
	sockets_put(peer, bulk, sizeof bulk - 11);
	fixture_rounds(20);
	ck_assert_uint_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.len,
	    IPC_MORE_MAX);
}
END_TEST

START_TEST(wait_ends_at_its_deadline)
{
	fixture_wait(conn, 100, 700);
	fixture_advance(699);
	ck_assert_int_eq(fixture_state(conn), PENDING_WAITING);
	fixture_advance(1);
	asked_expect_gone(REASON_PREAMBLE_TIMEOUT);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("wait");

	tcase_set_timeout(t, 20);
	tcase_add_checked_fixture(t, asked_begin, asked_end);
	tcase_add_test(t, the_first_bytes_are_shown_and_not_taken);
	tcase_add_test(t, a_local_connection_says_so);
	tcase_add_test(t, first_bytes_and_a_fin_are_told_together);
	tcase_add_test(t, at_most_512_bytes_are_shown_first);
	tcase_add_test(t, wait_answers_when_the_bytes_are_there);
	tcase_add_test(
	    t, wait_on_a_unix_socket_wakes_in_vain_and_answers_in_the_end);
	tcase_add_test(t, wait_answers_what_is_there_after_a_fin);
	tcase_add_loop_test(t, wait_knows_of_a_fin_that_came_before_it, 0, 4);
	tcase_add_test(t, wait_takes_the_most_that_a_message_shows);
	tcase_add_test(t, wait_ends_at_its_deadline);
	return suite_run("wait", (TCase *[]){t, NULL});
}
