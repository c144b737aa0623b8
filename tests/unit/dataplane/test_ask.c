/* Who is asked about, who waits for a place, and who is turned away. */
#include <check.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "dataplane/ask.h"
#include "dataplane/drop.h"
#include "tests/unit/dataplane/fixture.h"

static struct node *n;
static int peers[BUDGET_PARKED_SOURCE_MAX + 64];
static size_t n_peers;

static void
begin(const char *const *settings)
{
	n_peers = 0;
	fixture_begin(settings);
	n = fixture.node;
}

static void
begin_session(const char *const *settings)
{
	n_peers = 0;
	fixture_session(settings);
	n = fixture.node;
}

static void
end(void)
{
	while (n_peers > 0)
		fd_close(&peers[--n_peers]);
	ck_assert_uint_eq(n->n_in[PENDING_CLOSED], 0);
	fixture_end();
}

static void
expect_empty_budget(void)
{
	for (size_t i = 0; i < n_peers; i++)
		fd_close(&peers[i]);
	n_peers = 0;
	pending_close_all(n, REASON_SHUTDOWN);
	fixture_rounds(2);
	ck_assert_uint_eq(n->budget.n_asked, 0);
	ck_assert_uint_eq(n->budget.n_parked, 0);
	ck_assert_uint_eq(n->budget.local.n_users, 0);
	ck_assert_uint_eq(n->budget.sources.n, 0);
	ck_assert(TAILQ_EMPTY(&n->budget.turns));
}

/* One from 192.0.2.source comes in and says a byte. */
static int *
come(uint8_t source)
{
	int *peer = &peers[n_peers++];

	*peer = fixture_arrive(source == 0, source);
	sockets_put(*peer, "x", 1);
	return peer;
}

static void
come_many(uint8_t source, int how_many)
{
	while (how_many-- > 0)
		(void)come(source);
	fixture_rounds(40); /* libevent reports so many at a time */
}

/* The source of the i-th CONN_OPEN. */
static uint8_t
source_of(size_t i)
{
	size_t n_opens = fixture_count(IPC_CONN_OPEN);

	return fixture_event(IPC_CONN_OPEN, n_opens - 1 - i)
	    ->u.conn_open.remote.ip[15];
}

/* A verdict for the oldest that has none. */
static size_t n_answered;

static void
answer_one(void)
{
	size_t n_opens = fixture_count(IPC_CONN_OPEN);

	fixture_drop(fixture_event(IPC_CONN_OPEN, n_opens - 1 - n_answered++)
			 ->u.conn_open.conn,
	    0, IPC_DROP_RESET, "");
	fixture_rounds(2);
}

START_TEST(a_source_at_its_limit_waits_and_is_asked_about_as_verdicts_come)
{
	const char *const settings[] = {"max_asks_per_source=2", NULL};

	begin_session(settings);
	come_many(1, 5);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 2);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 3);
	for (n_answered = 0; n_answered < 5;) {
		answer_one();
		ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN),
		    n_answered < 3 ? n_answered + 2 : 5);
	}
	ck_assert_uint_eq(fixture_ended(REASON_DROPPED), 5);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(at_the_limit_of_all_newcomers_wait_too)
{
	const char *const settings[] = {"max_asks=3", NULL};

	begin_session(settings);
	for (uint8_t i = 1; i <= 4; i++)
		come_many(i, 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 3);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	n_answered = 0;
	answer_one();
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 4);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(sources_take_turns_and_their_own_come_in_order)
{
	const char *const settings[] = {"max_asks=1", NULL};
	static const uint8_t order[] = {9, 1, 2, 3, 1, 2, 1};

	begin_session(settings);
	come_many(9, 1);
	come_many(1, 3);
	come_many(2, 2);
	come_many(3, 1);
	for (n_answered = 0; n_answered < sizeof order;) {
		ck_assert_uint_eq(source_of(n_answered), order[n_answered]);
		answer_one();
	}
	for (size_t i = 1; i < sizeof order; i++) /* of one: by number */
		for (size_t j = 0; j < i; j++)
			if (order[i] == order[j])
				ck_assert_uint_lt(fixture_event(IPC_CONN_OPEN,
						      sizeof order - 1 - j)
						      ->u.conn_open.conn,
				    fixture_event(
					IPC_CONN_OPEN, sizeof order - 1 - i)
					->u.conn_open.conn);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(a_source_at_its_limit_keeps_nobody_else_waiting)
{
	begin_session(NULL);
	come_many(1, BUDGET_PARKED_SOURCE_MAX);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 16);
	come_many(2, 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 17);
	ck_assert_uint_eq(source_of(16), 2);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(one_source_may_have_a_quarter_of_what_waits)
{
	begin_session(NULL);
	come_many(1, 16 + BUDGET_PARKED_SOURCE_MAX - 1 + _i);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED],
	    BUDGET_PARKED_SOURCE_MAX - (_i == 0 ? 1u : 0u));
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), _i == 2 ? 1u : 0u);
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(a_balancer_has_the_limits_of_all)
{
	const char *const settings[] = {"max_asks=20", "max_asks_per_source=2",
	    "trusted_proxies=[192.0.2.1]", NULL};

	begin_session(settings);
	come_many(1, 20 + BUDGET_PARKED_SOURCE_MAX + 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 20);
	ck_assert_uint_eq(
	    n->n_in[PENDING_PARKED], BUDGET_PARKED_SOURCE_MAX + 1u);
	come_many(2, 1);
	n_answered = 0;
	answer_one();
	ck_assert_uint_eq(source_of(20), 2);
	answer_one();
	ck_assert_uint_eq(source_of(21), 1);
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), 0);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(what_waits_is_bounded_in_all)
{
	const bool in_session = _i == 1;
	const uint32_t absent = BUDGET_PARKED_MAX - (in_session ? 2u : 18u);

	(in_session ? begin_session : begin)(NULL);
	come_many(1, 17);
	/* As if so many more were there: that would be 4,096 sockets. */
	n->budget.n_parked += absent;
	come_many(1, 1);
	ck_assert_uint_eq(n->budget.n_parked, BUDGET_PARKED_MAX);
	come_many(1, 1);
	ck_assert_uint_eq(n->budget.n_parked, BUDGET_PARKED_MAX);
	ck_assert_uint_eq(
	    fixture_ended(in_session ? REASON_LIMIT_ASKS : REASON_NO_CONTROL),
	    1);
	n->budget.n_parked -= absent;
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(who_waits_too_long_for_a_place_is_closed)
{
	const char *const settings[] = {"max_asks_per_source=1", NULL};

	begin_session(settings);
	come_many(1, 1);
	fixture_advance(1000); /* its own time runs out first */
	come_many(1, 2);
	fixture_hold(fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn, 0,
	    IPC_FIN_DROPS, "");
	fixture_rounds(2);
	fixture_advance(IPC_ASK_TIMEOUT_MS - 1);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fixture_advance(1);
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), 1);
	ck_assert_uint_eq(fixture_ended(REASON_ASK_TIMEOUT), 1);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(a_reset_makes_room_as_a_verdict_does)
{
	const char *const settings[] = {"max_asks_per_source=1", NULL};

	begin_session(settings);
	come_many(1, 3);
	sockets_reset(&peers[_i]); /* 0: asked about, 1: the next to be */
	fixture_rounds(3);
	ck_assert_uint_eq(fixture_ended(REASON_RESET), 1);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), _i == 0 ? 2 : 1);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(controls_own_connections_wait_for_nobody)
{
	const char *const settings[] = {
	    "max_asks=1", "max_asks_per_source=1", NULL};

	begin_session(settings);
	come_many(1, 2);
	come_many(0, 3);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 4);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 1);
	fixture_lose();
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 5);
	fixture_forget();
	fixture_welcome(NEXT_SESSION);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 4);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    fixture_event(IPC_CONN_OPEN, 3 - i)->u.conn_open.flags,
		    IPC_CONN_LOCAL);
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(a_new_session_asks_no_more_of_a_source_at_once)
{
	begin(NULL);
	come_many(1, 50);
	come_many(2, 3);
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 53);
	fixture_welcome(SESSION);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 16 + 3);
	for (n_answered = 0; n_answered < 53;)
		answer_one();
	ck_assert_uint_eq(n->n_in[PENDING_PARKED], 0);
	expect_empty_budget();
	end();
}
END_TEST

/* Control wants more bytes of the first, they are there, and there is no
 * place. Returns its number. */
static uint64_t
park_more_bytes(void)
{
	const char *const settings[] = {"max_asks=1", NULL};
	uint64_t conn;

	begin_session(settings);
	come_many(1, 1);
	conn = fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn;
	fixture_wait(conn, 2, 1000);
	come_many(2, 1);
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
	answer_one();
	ck_assert_int_eq(fixture_state(conn), PENDING_ASKED);
	ck_assert_mem_eq(
	    fixture_event(IPC_CONN_MORE, 0)->u.conn_more.bytes.p, "xy", 2);
	expect_empty_budget();
	end();
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
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(more_bytes_are_turned_away_when_too_many_wait)
{
	uint64_t conn;

	begin_session(NULL);
	come_many(1, 1);
	conn = fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn;
	fixture_wait(conn, 2, 1000);
	come_many(1, 16);
	n->budget.n_parked += BUDGET_PARKED_MAX;
	sockets_put(peers[0], "y", 1);
	fixture_rounds(2);
	n->budget.n_parked -= BUDGET_PARKED_MAX;
	ck_assert_int_eq(fixture_event(IPC_CONN_GONE, 0)->u.conn_gone.reason,
	    REASON_LIMIT_ASKS);
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_ASKS), 1);
	expect_empty_budget();
	end();
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
	expect_empty_budget();
	end();
}
END_TEST

START_TEST(without_control_newcomers_wait_for_a_while)
{
	int peer;

	begin(NULL);
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

	begin_session(NULL);
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

	begin_session(NULL);
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

static Suite *
ask_suite(void)
{
	Suite *s = suite_create("ask");
	TCase *t = tcase_create("ask");

	tcase_set_timeout(t, 20);
	suite_add_tcase(s, t);
	tcase_add_test(
	    t, a_source_at_its_limit_waits_and_is_asked_about_as_verdicts_come);
	tcase_add_test(t, at_the_limit_of_all_newcomers_wait_too);
	tcase_add_test(t, sources_take_turns_and_their_own_come_in_order);
	tcase_add_test(t, a_source_at_its_limit_keeps_nobody_else_waiting);
	tcase_add_loop_test(
	    t, one_source_may_have_a_quarter_of_what_waits, 0, 3);
	tcase_add_test(t, a_balancer_has_the_limits_of_all);
	tcase_add_loop_test(t, what_waits_is_bounded_in_all, 0, 2);
	tcase_add_test(t, who_waits_too_long_for_a_place_is_closed);
	tcase_add_loop_test(t, a_reset_makes_room_as_a_verdict_does, 0, 2);
	tcase_add_test(t, controls_own_connections_wait_for_nobody);
	tcase_add_test(t, a_new_session_asks_no_more_of_a_source_at_once);
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
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(ask_suite());
	uint64_t n_fds;
	int failures;

	(void)fd_raise_limit(&n_fds); /* two sockets a connection */
	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
