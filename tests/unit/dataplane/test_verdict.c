/* What control says about a connection, and what becomes of it. */
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "dataplane/drop.h"
#include "tests/unit/dataplane/fixture.h"

enum { /* of a message; proto/IPC.md, 2 */
	HEADER_LEN = 20,
	FROM_END = 11 /* the last byte of from */
};

static int peer = -1, other = -1;
static uint64_t conn;

static void
set_up(void)
{
	fixture_session(NULL);
	conn = fixture_open(&peer, false, "hello world");
}

static void
tear_down(void)
{
	fd_close(&peer);
	fd_close(&other);
	fixture_end();
}

static void
expect_gone(enum reason why)
{
	const struct ipc_msg *m;

	fixture_rounds(2);
	m = fixture_event(IPC_CONN_GONE, 0);
	ck_assert_uint_eq(m->u.conn_gone.conn, conn);
	ck_assert_int_eq(m->u.conn_gone.reason, why);
	ck_assert_uint_eq(fixture_ended(why), 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_PUBLIC], 0);
}

/* The node understands control no more: it lost the session by this. */
static void
expect_given_up(void)
{
	ck_assert(!link_in_session(fixture.node));
	ck_assert_uint_eq(fixture.node->account.counters[FIGURE_IPC_BAD], 1);
	ck_assert_uint_eq(
	    fixture.node->account.counters[FIGURE_CONTROL_LOSSES], 1);
}

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
	expect_gone(REASON_PREAMBLE_TIMEOUT);
}
END_TEST

START_TEST(no_verdict_ends_a_connection)
{
	fixture_advance(IPC_ASK_TIMEOUT_MS - 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_ASKED);
	fixture_advance(1);
	expect_gone(REASON_ASK_TIMEOUT);
}
END_TEST

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
	expect_gone(REASON_PEER_FIN);
}
END_TEST

START_TEST(a_fin_from_before_the_hold_drops_too)
{
	ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
	fixture_rounds(2);
	fixture_hold(conn, 5, IPC_FIN_DROPS, "");
	expect_gone(REASON_PEER_FIN);
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

START_TEST(a_reset_always_drops_whatever_the_state)
{
	if (_i == 1)
		fixture_wait(conn, 100, 1000);
	if (_i == 2)
		fixture_hold(conn, 0, IPC_FIN_KEEPS, "");
	sockets_reset(&peer);
	fixture_rounds(2);
	expect_gone(REASON_RESET);
}
END_TEST

START_TEST(a_held_connection_ends_at_its_deadline)
{
	fixture_hold(conn, 0, IPC_FIN_DROPS, "");
	fixture_advance(9999);
	ck_assert_int_eq(fixture_state(conn), PENDING_HELD);
	fixture_advance(1);
	expect_gone(REASON_HELD_TIMEOUT);
}
END_TEST

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

static Suite *
verdict_suite(void)
{
	Suite *s = suite_create("verdict");
	TCase *t = tcase_create("verdict");

	tcase_set_timeout(t, 20);
	tcase_add_checked_fixture(t, set_up, tear_down);
	suite_add_tcase(s, t);
	tcase_add_test(t, the_first_bytes_are_shown_and_not_taken);
	tcase_add_test(t, a_local_connection_says_so);
	tcase_add_test(t, first_bytes_and_a_fin_are_told_together);
	tcase_add_test(t, at_most_512_bytes_are_shown_first);
	tcase_add_test(t, wait_answers_when_the_bytes_are_there);
	tcase_add_test(
	    t, wait_on_a_unix_socket_wakes_in_vain_and_answers_in_the_end);
	tcase_add_test(t, wait_answers_what_is_there_after_a_fin);
	tcase_add_test(t, wait_takes_the_most_that_a_message_shows);
	tcase_add_test(t, wait_ends_at_its_deadline);
	tcase_add_test(t, no_verdict_ends_a_connection);
	tcase_add_test(t, hold_consumes_and_says_and_leaves_the_rest);
	tcase_add_test(t, a_pair_that_ends_is_reported_with_its_tag);
	tcase_add_test(t, a_held_connection_that_ends_is_dropped);
	tcase_add_test(t, a_fin_from_before_the_hold_drops_too);
	tcase_add_test(t, a_held_connection_may_be_kept_with_its_half_close);
	tcase_add_loop_test(t, a_reset_always_drops_whatever_the_state, 0, 3);
	tcase_add_test(t, a_held_connection_ends_at_its_deadline);
	tcase_add_test(t, an_orderly_drop_says_its_word_and_drains);
	tcase_add_loop_test(
	    t, a_drop_ends_when_the_peer_does_or_after_two_seconds, 0, 2);
	tcase_add_test(t, a_drop_can_be_a_reset);
	tcase_add_test(t, a_late_verdict_is_counted_and_ignored);
	tcase_add_loop_test(
	    t, a_pair_with_a_side_that_is_gone_is_refused, 0, 4);
	tcase_add_test(t, a_pair_of_two_unknowns_is_refused);
	tcase_add_loop_test(
	    t, a_verdict_for_more_bytes_than_were_shown_is_malformed, 0, 3);
	tcase_add_loop_test(
	    t, a_verdict_for_the_wrong_state_is_malformed, 0, 5);
	tcase_add_test(t, a_command_at_any_truncation_is_malformed);
	tcase_add_test(t, what_control_never_took_up_is_no_record);
	tcase_add_test(t, strangers_cause_so_many_records_and_no_more);
	tcase_add_loop_test(
	    t, a_drop_is_possible_in_every_state_that_control_knows, 0, 3);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(verdict_suite());
	int failures;

	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
