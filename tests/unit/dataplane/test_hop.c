/* A connection whose partner is at a sibling: the one that a node opens. */
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/listen.h"
#include "tests/unit/dataplane/failing.h"
#include "tests/unit/dataplane/fixture.h"

enum { TTL_MS = 5000 };

static int peer = -1, sibling = -1, listener = -1;
static struct addr there; /* the sibling's */
static uint64_t conn;
static int connect_errno;      /* not 0: connect fails so */
static bool connect_is_late;   /* it is under way, and nothing comes of it */
static struct addr connect_as; /* port not 0: connect goes there instead */

int __real_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);

static bool no_socket;

int
__wrap_socket(int domain, int type, int protocol)
{
	if (!no_socket)
		return __real_socket(domain, type, protocol);
	errno = EMFILE;
	return -1;
}

/* A socket that never was told to listen or connect is writable at once, with
 * POLLHUP; one whose backlog is full stays quiet. */
static int
never_connect(int fd)
{
	static int full[2] = {-1, -1};
	struct sockaddr_storage ss;
	struct addr any, bound;
	socklen_t len;

	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0"), 0);
	full[0] = listen_tcp(&any, &bound);
	ck_assert_int_eq(listen(full[0], 0), 0);
	len = addr_to_sockaddr(&bound, &ss);
	full[1] = __real_socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(
	    __real_connect(full[1], (struct sockaddr *)&ss, len), 0);
	return __real_connect(fd, (struct sockaddr *)&ss, len);
}

int
__wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_storage ss;

	if (connect_errno != 0) {
		errno = connect_errno;
		return -1;
	}
	if (connect_is_late)
		return never_connect(fd);
	if (connect_as.port == 0)
		return __real_connect(fd, sa, len);
	len = addr_to_sockaddr(&connect_as, &ss);
	return __real_connect(fd, (struct sockaddr *)&ss, len);
}

static void
set_up(void)
{
	struct addr any;
	char setting[64], text[ADDR_TEXT_CAP];
	const char *settings[] = {setting, NULL};

	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0"), 0);
	listener = listen_tcp(&any, &there);
	(void)snprintf(setting, sizeof setting, "siblings=[\"%s\"]",
	    addr_format(&there, text));
	fixture_session(settings);
	conn = fixture_open(&peer, false, "token and more");
}

static void
tear_down(void)
{
	fd_close(&peer);
	fd_close(&sibling);
	fd_close(&listener);
	pending_close_all(fixture.node, REASON_SHUTDOWN);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_JOINING], 0);
	ck_assert(LIST_EMPTY(&fixture.node->hops));
	fixture_end();
}

static struct ipc_msg
join_to(const struct addr *a)
{
	struct ipc_msg m = {.type = IPC_CONN_JOIN};

	m.u.conn_join = (struct ipc_conn_join){.conn = conn,
	    .skip = 5,
	    .ttl_ms = TTL_MS,
	    .addr = *a,
	    .say = {(const uint8_t *)"joined", 6}};
	memset(m.u.conn_join.ticket, 'T', IPC_TICKET_LEN);
	memset(m.u.conn_join.tag, 't', IPC_TAG_LEN);
	return m;
}

static void
join(void)
{
	struct ipc_msg m = join_to(&there);

	fixture_command(&m);
}

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

/* Nothing of it is left, and control was told once. */
static void
expect_refused(enum reason why, uint8_t gone)
{
	const struct ipc_pair_refused *u;

	fixture_rounds(5);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 1);
	u = &fixture_event(IPC_PAIR_REFUSED, 0)->u.pair_refused;
	ck_assert_int_eq(u->reason, why);
	ck_assert_int_eq(u->gone, gone);
	ck_assert_int_eq(u->tag[31], 't');
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_PUBLIC], 0);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_SIBLING], 0);
	ck_assert_uint_eq(pairs_n(fixture.node), 0);
}

START_TEST(a_connection_is_joined_to_its_partner_at_a_sibling)
{
	const struct ipc_pair_ended *u;

	join();
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
	join();
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
	join();
	expect_ticket();
	fixture_expect(sibling, " and more");
}
END_TEST

START_TEST(nobody_is_joined_who_is_not_listed)
{
	struct addr other = there;
	struct ipc_msg m;

	other.port++;
	m = join_to(&other);
	fixture_command(&m);
	expect_refused(REASON_SIBLING_UNLISTED, IPC_GONE_B);
}
END_TEST

START_TEST(a_node_says_in_its_hello_whether_it_has_siblings)
{
	link_give_up(fixture.node, "test");
	fixture_rounds(2);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_HELLO, 0)->u.node_hello.features,
	    IPC_FEATURE_SIBLINGS);
	fixture.node->siblings.n = 0;
	fixture_advance(LINK_TICK_MS);
	ck_assert_uint_eq(
	    fixture_event(IPC_NODE_HELLO, 0)->u.node_hello.features, 0);
}
END_TEST

/* As the network of what is another machine's address would be listed. */
static struct ipc_msg
join_in_network(void)
{
	struct addr other;

	ck_assert_int_eq(
	    sibling_parse(&fixture.node->siblings.list[0], "192.0.2.0/24:7444"),
	    0);
	ck_assert_int_eq(addr_parse(&other, "192.0.2.7:7444"), 0);
	connect_as = there;
	return join_to(&other);
}

START_TEST(an_address_of_a_listed_network_is_joined)
{
	struct ipc_msg m = join_in_network();

	fixture_command(&m);
	expect_ticket();
	fixture_expect(sibling, " and more");
}
END_TEST

START_TEST(its_own_listener_is_no_sibling_unless_it_is_listed_singly)
{
	struct ipc_msg m = join_in_network();

	if (_i == 0) {
		fixture.node->accept.bound = m.u.conn_join.addr;
	} else {
		fixture.node->n_listeners = 1;
		fixture.node->listeners[0].bound = m.u.conn_join.addr;
	}
	fixture_command(&m);
	expect_refused(REASON_SIBLING_UNLISTED, IPC_GONE_B);
}
END_TEST

/* Listening on all addresses it does not know them; where the connection
 * comes from tells. */
START_TEST(this_machine_is_no_sibling_by_its_network)
{
	struct hop *h;
	struct ipc_msg m = join_in_network();

	fixture_command(&m);
	h = LIST_FIRST(&fixture.node->hops);
	ck_assert_ptr_nonnull(h);
	h->addr = there; /* 127.0.0.1 reaches itself from there */
	expect_refused(REASON_SIBLING_UNLISTED, IPC_GONE_B);
	sibling = accept(listener, NULL, NULL);
	fixture_expect(sibling, "");
}
END_TEST

START_TEST(a_sibling_that_takes_nobody_is_told_as_unreached)
{
	fd_close(&listener);
	join();
	expect_refused(REASON_SIBLING_UNREACHED, IPC_GONE_B);
	ck_assert_uint_eq(fixture_ended(REASON_SIBLING_UNREACHED), 1);
}
END_TEST

START_TEST(a_connect_that_fails_at_once_is_told_as_unreached)
{
	connect_errno = ENETUNREACH;
	join();
	expect_refused(REASON_SIBLING_UNREACHED, IPC_GONE_B);
}
END_TEST

START_TEST(a_sibling_that_does_not_answer_has_its_time)
{
	connect_is_late = true;
	join();
	fixture_advance(TTL_MS - 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_JOINING);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 0);
	fixture_advance(1);
	expect_refused(REASON_SIBLING_UNREACHED, IPC_GONE_B);
}
END_TEST

START_TEST(until_its_sibling_is_reached_it_counts_as_a_pair)
{
	struct ipc_msg ask = {.type = IPC_PAIR_LIST_ASK};

	connect_is_late = true;
	join();
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
	join();
	link_give_up(fixture.node, "test");
	fixture_rounds(2);
	fixture_welcome(SESSION + 1);
	fixture_forget();
	ck_assert_int_eq(fixture_state(conn), PENDING_JOINING);
	pending_close_all(fixture.node, REASON_SHUTDOWN);
	expect_refused(REASON_SHUTDOWN, IPC_GONE_A);
}
END_TEST

START_TEST(a_reset_meanwhile_ends_it)
{
	connect_is_late = true;
	join();
	sockets_reset(&peer);
	expect_refused(REASON_RESET, IPC_GONE_A);
}
END_TEST

START_TEST(no_other_verdict_reaches_it)
{
	connect_is_late = true;
	join();
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	join();
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

START_TEST(a_connection_that_is_gone_is_joined_to_nobody)
{
	fixture_drop(conn, 0, IPC_DROP_RESET, "");
	join();
	expect_refused(REASON_PARTNER_GONE, IPC_GONE_A);
}
END_TEST

START_TEST(a_join_that_skips_more_than_was_shown_is_impossible)
{
	struct ipc_msg m = join_to(&there);

	m.u.conn_join.skip = 15;
	fixture_command(&m);
	ck_assert(!link_in_session(fixture.node));
	ck_assert_uint_eq(fixture.node->account.counters[FIGURE_IPC_BAD], 1);
}
END_TEST

START_TEST(a_join_of_one_that_waits_is_impossible)
{
	fixture_wait(conn, 100, 1000);
	join();
	ck_assert(!link_in_session(fixture.node));
}
END_TEST

START_TEST(siblings_have_their_own_places)
{
	fixture.node->admissions.max[ADMISSION_SIBLING] = 0;
	join();
	expect_refused(REASON_LIMIT_CONNECTIONS, IPC_GONE_A);
}
END_TEST

START_TEST(without_a_descriptor_there_is_no_join)
{
	no_socket = true;
	join();
	no_socket = false;
	expect_refused(REASON_RESOURCES, IPC_GONE_A);
}
END_TEST

/* Each allocation and each event of a join fails once; what is told is one
 * refusal, and nothing stays open. */
START_TEST(whatever_fails_of_a_join_is_told_once)
{
	static const enum call CALLS[] = {
	    CALL_CALLOC, CALL_EVENT_NEW, CALL_EVENT_ADD, CALL_SEND, CALL_RECV};
	int n_fds = sockets_n_fds();

	failing = (struct failing){
	    .armed = true, .call = CALLS[_i], .error = ENOMEM, .at = 1};
	join();
	fixture_rounds(5);
	failing.armed = false;
	ck_assert_int_ge(failing.n_calls, 1);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_SIBLING], 0);
	ck_assert_int_eq(sockets_n_fds(), n_fds - 1); /* the peer's is closed */
}
END_TEST

START_TEST(without_memory_for_the_pair_it_is_refused)
{
	failing = (struct failing){
	    .armed = true, .call = CALL_CALLOC, .error = ENOMEM, .at = 2};
	join();
	fixture_rounds(5);
	failing.armed = false;
	expect_refused(REASON_RESOURCES, IPC_GONE_A);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hop");
	TCase *tc = tcase_create("hop");
	SRunner *runner = srunner_create(s);
	int failures;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_connection_is_joined_to_its_partner_at_a_sibling);
	tcase_add_test(tc, a_half_close_from_before_it_was_reached_passes_on);
	tcase_add_test(tc, a_held_connection_can_be_joined_too);
	tcase_add_test(tc, nobody_is_joined_who_is_not_listed);
	tcase_add_test(tc, a_node_says_in_its_hello_whether_it_has_siblings);
	tcase_add_test(tc, an_address_of_a_listed_network_is_joined);
	tcase_add_loop_test(tc,
	    its_own_listener_is_no_sibling_unless_it_is_listed_singly, 0, 2);
	tcase_add_test(tc, this_machine_is_no_sibling_by_its_network);
	tcase_add_test(tc, a_sibling_that_takes_nobody_is_told_as_unreached);
	tcase_add_test(tc, a_connect_that_fails_at_once_is_told_as_unreached);
	tcase_add_test(tc, a_sibling_that_does_not_answer_has_its_time);
	tcase_add_test(tc, until_its_sibling_is_reached_it_counts_as_a_pair);
	tcase_add_test(tc, it_outlives_the_session_that_commanded_it);
	tcase_add_test(tc, a_reset_meanwhile_ends_it);
	tcase_add_test(tc, no_other_verdict_reaches_it);
	tcase_add_test(tc, a_connection_that_is_gone_is_joined_to_nobody);
	tcase_add_test(tc, a_join_that_skips_more_than_was_shown_is_impossible);
	tcase_add_test(tc, a_join_of_one_that_waits_is_impossible);
	tcase_add_test(tc, siblings_have_their_own_places);
	tcase_add_test(tc, without_a_descriptor_there_is_no_join);
	tcase_add_loop_test(tc, whatever_fails_of_a_join_is_told_once, 0, 5);
	tcase_add_test(tc, without_memory_for_the_pair_it_is_refused);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
