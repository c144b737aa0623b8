/*
 * Every failure arm: a life of a node is played again and again, and each time
 * one call more goes well before one fails, until none fails any more. However
 * it went, nothing crashed, every connection and every pair ended once and for
 * a reason that fits, the gauges are back at zero, and no descriptor is left.
 */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "tests/unit/dataplane/failing.h"
#include "tests/unit/dataplane/fixture.h"

#define BULK_LEN  100000
#define LIFE_MS	  40000 /* longer than any deadline here */
#define CALLS_MAX 2000	/* a life makes fewer of each */

/* Which call fails how, the reason that follows from it (NONE: none does, the
 * node helps itself), and whether pipes are there. */
static const struct fault {
	enum call call;
	int error;
	enum reason reason;
	const char *pool;
	int n_min; /* so many calls are made at least */
} FAULTS[] = {
    {CALL_ACCEPT4, EMFILE, REASON_NONE, "pipe_pool_bytes=131072", 5},
    {CALL_ACCEPT4, ECONNABORTED, REASON_NONE, "pipe_pool_bytes=131072", 5},
    {CALL_SPLICE, EIO, REASON_IO_ERROR, "pipe_pool_bytes=131072", 5},
    {CALL_SPLICE, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=131072", 5},
    {CALL_SPLICE, ETIMEDOUT, REASON_RESET, "pipe_pool_bytes=131072", 5},
    {CALL_PIPE2, EMFILE, REASON_NONE, "pipe_pool_bytes=131072", 1},
    {CALL_RECV, EIO, REASON_IO_ERROR, "pipe_pool_bytes=131072", 10},
    {CALL_RECV, ENOBUFS, REASON_RESOURCES, "pipe_pool_bytes=0", 15},
    {CALL_RECV, ETIMEDOUT, REASON_RESET, "pipe_pool_bytes=0", 15},
    {CALL_SEND, EIO, REASON_IO_ERROR, "pipe_pool_bytes=0", 5},
    {CALL_SEND, ENOBUFS, REASON_RESOURCES, "pipe_pool_bytes=131072", 2},
    {CALL_SEND, EPIPE, REASON_RESET, "pipe_pool_bytes=0", 5},
    {CALL_MALLOC, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=131072", 10},
    {CALL_CALLOC, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=131072", 10},
    {CALL_REALLOCARRAY, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=0", 1},
    {CALL_EVENT_NEW, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=0", 10},
    {CALL_EVENT_ADD, ENOMEM, REASON_RESOURCES, "pipe_pool_bytes=0", 10},
};

static const struct fault *fault;
static uint64_t n_of_reason; /* ends for the fault's reason, in all lives */

/* What the test, as control and as the peers, knows. */
static struct {
	struct node *node;
	char path[32];
	size_t n_heard;	    /* events that control has dealt with */
	uint64_t held;	    /* 0 = none */
	unsigned n_paired;  /* CONN_PAIR sent */
	unsigned n_settled; /* PAIR_REFUSED and PAIR_ENDED heard */
	uint64_t last_seq;
	int peers[6];
	size_t n_peers;
} life;

static void
turns(int n)
{
	struct node *node = life.node;
	int rc = 0;

	failing.armed = true;
	while (n-- > 0) {
		rc |= loop_turn(node->loop);
		for (size_t i = 0; i < node->n_workers; i++)
			rc |= loop_turn(node->workers[i].loop);
	}
	failing.armed = false;
	ck_assert_int_eq(rc, 0);
}

static void
tell(struct ipc_msg *m)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	if (m->from == 0)
		m->from = life.node->link.session;
	m->to = life.node->link.epoch;
	len = ipc_encode(m, buf, sizeof buf);
	ck_assert_uint_gt(len, 0);
	failing.armed = true;
	command_receive(life.node, buf, len);
	failing.armed = false;
}

static void
say_hold(uint64_t conn)
{
	struct ipc_msg m = {.type = IPC_CONN_HOLD};

	m.u.conn_hold = (struct ipc_conn_hold){.conn = conn,
	    .ttl_ms = 10000,
	    .skip = 1,
	    .on_fin = IPC_FIN_KEEPS,
	    .say = {(const uint8_t *)"ok", 2}};
	tell(&m);
	life.held = conn;
}

static void
say_pair(uint64_t conn)
{
	struct ipc_msg m = fixture_pair(life.held, conn);

	m.u.conn_pair.skip_b = 1;
	m.u.conn_pair.limits.idle_ms = 30000;
	m.u.conn_pair.limits.n_rates = 2;
	m.u.conn_pair.limits.rates[0] = (struct ipc_rate){0, IPC_RATE_MAX};
	m.u.conn_pair.limits.rates[1] = (struct ipc_rate){7, IPC_RATE_MAX};
	life.n_paired++;
	tell(&m);
}

static void
say_drop(uint64_t conn, enum ipc_how how)
{
	struct ipc_msg m = {.type = IPC_CONN_DROP};

	m.u.conn_drop = (struct ipc_conn_drop){.conn = conn,
	    .skip = how == IPC_DROP_ORDERLY,
	    .how = (uint8_t)how,
	    .say = {(const uint8_t *)"no", how == IPC_DROP_ORDERLY ? 2 : 0}};
	tell(&m);
}

/* The first byte says what is to be done; one whose bytes could not be read is
 * dropped. */
static void
on_open(const struct ipc_conn_open *b)
{
	struct ipc_msg wait = {.type = IPC_CONN_WAIT};

	switch (b->first.len > 0 ? b->first.p[0] : 0) {
	case 'h':
		wait.u.conn_wait = (struct ipc_conn_wait){b->conn, 2, 5000};
		tell(&wait);
		break;
	case 'p':
		say_pair(b->conn);
		break;
	case 'd':
		say_drop(b->conn, IPC_DROP_ORDERLY);
		break;
	default:
		say_drop(b->conn, IPC_DROP_RESET);
	}
}

static void
settle(uint64_t seq, bool of_pair)
{
	struct ipc_msg ack = {.type = IPC_RELEASE_ACK};

	if (seq > life.last_seq && of_pair)
		life.n_settled++;
	if (seq > life.last_seq)
		life.last_seq = seq;
	ack.u.release_ack.seq = seq;
	tell(&ack);
}

static void
hear_one(const struct ipc_msg *m)
{
	if (m->from != life.node->link.epoch || !link_in_session(life.node))
		return;
	if (m->type == IPC_CONN_OPEN)
		on_open(&m->u.conn_open);
	else if (m->type == IPC_CONN_MORE && m->u.conn_more.bytes.len >= 1)
		say_hold(m->u.conn_more.conn);
	else if (m->type == IPC_CONN_GONE)
		settle(m->u.conn_gone.seq, false);
	else if (m->type == IPC_PAIR_REFUSED)
		settle(m->u.pair_refused.seq, true);
	else if (m->type == IPC_PAIR_ENDED)
		settle(m->u.pair_ended.seq, true);
}

/* Control and the node in turn, until both have had their say. */
static void
play(void)
{
	for (int i = 0; i < 6; i++) {
		turns(5);
		while (life.n_heard < fixture.n_events) {
			struct ipc_msg m = fixture.events[life.n_heard++];

			hear_one(&m);
		}
	}
}

static void
pass(uint64_t ms)
{
	for (; ms > 0; ms -= 100) {
		fake_now_ms += 100;
		turns(1);
	}
	play();
}

static void
welcome(uint64_t session)
{
	struct ipc_msg m = {.type = IPC_WELCOME, .from = session};

	(void)stpcpy(m.u.welcome.build, "test");
	tell(&m);
	play();
}

static int *
keep(int fd)
{
	int *peer = &life.peers[life.n_peers++];

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(fd_set_nonblock(fd), 0);
	*peer = fd;
	return peer;
}

static int *
come(const char *text)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&life.node->listeners[0].bound, &ss);
	int *peer = keep(socket(AF_INET, SOCK_STREAM, 0));

	(void)connect(*peer, (struct sockaddr *)&ss, len);
	sockets_put(*peer, text, strlen(text));
	play();
	return peer;
}

static void
come_local(const char *text)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int *peer = keep(socket(AF_UNIX, SOCK_STREAM, 0));

	(void)stpcpy(un.sun_path, life.path);
	ck_assert_int_eq(connect(*peer, (struct sockaddr *)&un, sizeof un), 0);
	sockets_put(*peer, text, strlen(text));
	play();
}

/* As much as goes, each way; what is left over does not matter. */
static void
exchange(int a, int b)
{
	static char buf[BULK_LEN];

	for (int i = 0; i < 4; i++) {
		(void)!write(a, buf, sizeof buf);
		(void)!write(b, buf, sizeof buf / 2);
		play();
		(void)sockets_get(a, buf, sizeof buf);
		(void)sockets_get(b, buf, sizeof buf);
		play();
	}
}

static void
live(void)
{
	int *a, *b;

	welcome(SESSION);
	a = come("h");
	(void)!write(*a, "h", 1);
	play();
	b = come("p");
	exchange(*a, *b);
	(void)shutdown(*a, SHUT_WR);
	play();
	fd_close(b);
	(void)come("d");
	come_local("local");
	/* Control goes, somebody comes, control is back. */
	fake_links.n_peers = 0;
	pass(500);
	(void)come("d");
	fake_links.n_peers = 1;
	welcome(NEXT_SESSION);
}

/* Whoever is still there leaves, and every deadline passes. */
static void
leave(void)
{
	while (life.n_peers > 0)
		fd_close(&life.peers[--life.n_peers]);
	play();
	pass(LIFE_MS);
	failing.armed = true;
	stop_signal(life.node);
	failing.armed = false;
	pass(3000);
}

static uint64_t
sum(const uint64_t *counters)
{
	uint64_t total = 0;

	for (int i = 0; i < REASON_COUNT; i++)
		total += counters[i];
	return total;
}

static void
expect_only(const uint64_t *ended)
{
	static const enum reason of_faults[] = {
	    REASON_RESOURCES, REASON_IO_ERROR};

	for (size_t i = 0; i < 2; i++)
		if (fault->reason != of_faults[i])
			ck_assert_msg(ended[of_faults[i]] == 0,
			    "call %d failed, and something ended as %s",
			    failing.at, reason_name(of_faults[i]));
}

static void
expect_settled(void)
{
	const struct node *n = life.node;
	uint64_t figures[FIGURE_WIRE_COUNT];

	account_figures(n, figures);
	for (int i = 0; i < FIGURE_COUNT; i++)
		if (figure_is_gauge((enum figure)i) && i != FIGURE_PIPES)
			ck_assert_msg(figures[i] == 0, "%s after call %d",
			    figure_name((enum figure)i), failing.at);
	for (int i = 0; i < PENDING_STATES; i++)
		ck_assert_uint_eq(n->n_in[i], 0);
	ck_assert_uint_eq(n->budget.sources.n, 0);
	ck_assert_uint_eq(n->admissions.sources.counts.n, 0);
	ck_assert_uint_eq(
	    figures[FIGURE_ACCEPTED], sum(n->account.pending_ended));
	ck_assert_uint_eq(
	    figures[FIGURE_PAIRS_STARTED], sum(n->account.pairs_ended));
	expect_only(n->account.pending_ended);
	expect_only(n->account.pairs_ended);
	n_of_reason += n->account.pending_ended[fault->reason] +
		       n->account.pairs_ended[fault->reason];
}

/* What is released reaches control, unless there was no memory to keep it:
 * then the session was begun anew, and the list of pairs says the same. */
static void
expect_released(void)
{
	if (life.n_settled != life.n_paired)
		ck_assert_uint_gt(
		    life.node->account.counters[FIGURE_CONTROL_LOSSES], 1);
}

static int
begin(void)
{
	struct node *n = life.node;
	char why[CONF_WHY_CAP];
	const char *step;
	int rc = -1;

	failing.armed = true;
	if (node_init(n) == 0 && listeners_bind(n, why) == 0 &&
	    listeners_bind_local(n, life.path, why) == 0 &&
	    link_start(n, "ipc:///tmp/n1.commands.ipc", &step) == 0)
		rc = listeners_accept(n);
	failing.armed = false;
	return rc;
}

static void
set_up(void)
{
	const char *const settings[] = {"name=n1", "workers=1",
	    "pipe_bytes=65536", "listen=[\"127.0.0.1:0\"]",
	    "events_url=ipc:///tmp/control.events.ipc", fault->pool};
	char why[CONF_WHY_CAP];

	memset(&life, 0, sizeof life);
	memset(&fixture, 0, sizeof fixture);
	fake_links_begin(fixture_keep);
	(void)snprintf(
	    life.path, sizeof life.path, "/tmp/carrick-%d.sock", (int)getpid());
	life.node = calloc(1, sizeof *life.node);
	ck_assert_int_eq(
	    config_load(&life.node->config, NULL, settings, 6, why), 0);
}

static void
tear_down(void)
{
	failing.armed = true;
	node_fini(life.node);
	failing.armed = false;
	config_free(&life.node->config);
	free(life.node);
	fixture_forget();
}

/* One life in which one call fails. Returns whether it did. */
static bool
live_once(void)
{
	set_up();
	failing.n_calls = 0;
	if (begin() == 0) {
		live();
		leave();
		expect_settled();
		expect_released();
	} else {
		ck_assert_int_ge(failing.n_calls, failing.at);
	}
	tear_down();
	return failing.n_calls >= failing.at;
}

START_TEST(each_call_may_fail_once)
{
	int n_fds;

	fault = &FAULTS[_i];
	failing.call = fault->call;
	failing.error = fault->error;
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	failing.at = CALLS_MAX;
	ck_assert(!live_once()); /* what is made once is made now */
	n_fds = sockets_n_fds();
	for (failing.at = 1; live_once(); failing.at++)
		ck_assert_msg(sockets_n_fds() == n_fds,
		    "call %d failed, and descriptors are left", failing.at);
	ck_assert_int_eq(sockets_n_fds(), n_fds);
	ck_assert_int_gt(failing.at, fault->n_min);
	ck_assert_int_eq(n_of_reason > 0, fault->reason != REASON_NONE);
}
END_TEST

/* Without a fault it goes as it should: else the above would prove nothing. */
START_TEST(a_life_without_a_fault_is_complete)
{
	const struct account *a;

	fault = &FAULTS[0];
	failing.call = fault->call;
	failing.at = CALLS_MAX;
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	set_up();
	ck_assert_int_eq(begin(), 0);
	live();
	leave();
	a = &life.node->account;
	ck_assert_uint_eq(a->counters[FIGURE_ACCEPTED], 5);
	ck_assert_uint_eq(a->pending_ended[REASON_PAIRED], 2);
	ck_assert_uint_eq(a->pending_ended[REASON_DROPPED], 3);
	ck_assert_uint_eq(life.n_paired, 1);
	ck_assert_uint_eq(life.n_settled, 1);
	expect_settled();
	tear_down();
}
END_TEST

static Suite *
faults_suite(void)
{
	Suite *s = suite_create("faults");
	TCase *t = tcase_create("faults");

	tcase_set_timeout(t, 50);
	suite_add_tcase(s, t);
	tcase_add_test(t, a_life_without_a_fault_is_complete);
	tcase_add_loop_test(t, each_call_may_fail_once, 0,
	    (int)(sizeof FAULTS / sizeof FAULTS[0]));
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(faults_suite());
	int failures;

	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
