/* Verdicts that do not come, come too late, or may not be given. */
#include <check.h>

#include "common/fd.h"
#include "tests/unit/dataplane/asked.h"
#include "tests/unit/suite.h"

enum { /* of a message; proto/IPC.md, 2 */
	HEADER_LEN = 20,
	FROM_END = 11 /* the last byte of from */
};

/* The node understands control no more: it lost the session by this. */
static void
expect_given_up(void)
{
	ck_assert(!link_in_session(fixture.node));
	ck_assert_uint_eq(fixture.node->account.counters[FIGURE_IPC_BAD], 1);
	ck_assert_uint_eq(
	    fixture.node->account.counters[FIGURE_CONTROL_LOSSES], 1);
}

START_TEST(no_verdict_ends_a_connection)
{
	fixture_advance(IPC_ASK_TIMEOUT_MS - 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_ASKED);
	fixture_advance(1);
	asked_expect_gone(REASON_ASK_TIMEOUT);
}
END_TEST

START_TEST(a_reset_always_drops_whatever_the_state)
{
	if (_i == 1)
		fixture_wait(conn, 100, 1000);
	if (_i == 2)
		fixture_hold(conn, 0, IPC_FIN_KEEPS, "");
	sockets_reset(&peer);
	fixture_rounds(2);
	asked_expect_gone(REASON_RESET);
}
END_TEST

START_TEST(a_late_verdict_is_counted_and_ignored)
{
	fd_close(&peer);
	fixture_rounds(2);
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	fixture_wait(conn, 1, 1000);
	fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	fixture_wait(conn + 100, 1, 1000);
	ck_assert_uint_eq(
	    fixture.node->account.counters[FIGURE_LATE_VERDICTS], 3);
	ck_assert(link_in_session(fixture.node));
}
END_TEST

START_TEST(a_verdict_for_more_bytes_than_were_shown_is_malformed)
{
	uint64_t b;
	struct ipc_msg m;

	switch (_i) {
	case 0:
		fixture_hold(conn, 12, IPC_FIN_DROPS, "");
		break;
	case 1:
		fixture_drop(conn, 12, IPC_DROP_ORDERLY, "");
		break;
	default:
		b = fixture_open(&other, false, "x");
		m = fixture_pair(conn, b);
		m.u.conn_pair.skip_b = 2;
		fixture_command(&m);
	}
	expect_given_up();
}
END_TEST

START_TEST(a_verdict_for_the_wrong_state_is_malformed)
{
	struct ipc_msg m;
	uint64_t b;

	if (_i < 2)
		fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	else
		fixture_wait(conn, 100, 1000);
	switch (_i) {
	case 0:
		fixture_wait(conn, 1, 1000);
		break;
	case 1:
	case 2:
		fixture_hold(conn, 0, IPC_FIN_DROPS, "");
		break;
	case 3:
		fixture_wait(conn, 1, 1000);
		break;
	default:
		b = fixture_open(&other, false, "x");
		m = fixture_pair(b, conn);
		fixture_command(&m);
	}
	expect_given_up();
}
END_TEST

START_TEST(a_command_at_any_truncation_is_malformed)
{
	struct ipc_msg m = fixture_pair(1, 2);
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	m.from = SESSION;
	m.to = fixture.node->link.epoch;
	len = ipc_encode(&m, buf, sizeof buf);
	for (size_t cut = 0; cut < len; cut++) {
		bool proved = cut >= HEADER_LEN;

		command_receive(fixture.node, buf, cut);
		ck_assert_uint_eq(
		    fixture.node->account.counters[FIGURE_IPC_BAD], cut + 1);
		ck_assert_int_eq(link_in_session(fixture.node), !proved);
		fixture_welcome(m.from += proved);
		buf[FROM_END] = (uint8_t)m.from;
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("verdict");

	tcase_set_timeout(t, 20);
	tcase_add_checked_fixture(t, asked_begin, asked_end);
	tcase_add_test(t, no_verdict_ends_a_connection);
	tcase_add_loop_test(t, a_reset_always_drops_whatever_the_state, 0, 3);
	tcase_add_test(t, a_late_verdict_is_counted_and_ignored);
	tcase_add_loop_test(
	    t, a_verdict_for_more_bytes_than_were_shown_is_malformed, 0, 3);
	tcase_add_loop_test(
	    t, a_verdict_for_the_wrong_state_is_malformed, 0, 5);
	tcase_add_test(t, a_command_at_any_truncation_is_malformed);
	return suite_run("verdict", (TCase *[]){t, NULL});
}
