/* The real carrick-splice over real nanomsg, with a control that is this
 * test: from hello to goodbye. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/ipcpath.h"
#include "common/loop.h"
#include "common/nnlink.h"
#include "proto/ipc.h"
#include "tests/unit/suite.h"

#define SESSION	 0xc0de /* the epoch before control's first */
#define BULK_LEN (64u << 20)
#define PATIENCE 10000 /* looks, each up to 1 ms */

static char dir[] = "/tmp/carrick-daemon-XXXXXX";
static char events_url[IPCPATH_URL_CAP];
static pid_t pid;
static struct loop *loop;
static struct nnlink_in *events;
static struct nnlink_out *commands;
static uint64_t node_epoch;
static uint64_t session = SESSION;
static uint16_t port;
static struct ipc_msg seen[IPC_TYPE_MAX + 1]; /* the newest of each type */
static unsigned n_seen[IPC_TYPE_MAX + 1];
static uint64_t conns[8]; /* as CONN_OPEN named them */
static unsigned n_conns;

static void
on_event(void *arg, const void *p, size_t len)
{
	struct ipc_msg m;

	(void)arg;
	ck_assert_int_eq(ipc_decode(&m, p, len, IPC_EVENT), PARSE_OK);
	if (m.type == IPC_CONN_OPEN && n_conns < 8)
		conns[n_conns++] = m.u.conn_open.conn;
	seen[m.type] = m;
	n_seen[m.type]++;
}

/* One look, and a pause when nothing was there. */
static void
look(void)
{
	ck_assert_int_eq(loop_turn(loop), 0);
	(void)poll(NULL, 0, 1);
}

static void
await(enum ipc_type type, unsigned n)
{
	for (int i = 0; n_seen[type] < n; i++) {
		ck_assert_msg(i < PATIENCE, "no %s came", ipc_type_name(type));
		look();
	}
}

static void
command(struct ipc_msg *m)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	m->from = session;
	m->to = node_epoch;
	len = ipc_encode(m, buf, sizeof buf);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(nnlink_send(commands, buf, len), 0);
	look();
}

static void
spawn(void)
{
	char url[IPCPATH_URL_CAP + 16];

	(void)snprintf(url, sizeof url, "events_url=%s", events_url);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid != 0)
		return;
	(void)execl(CARRICK_SPLICE, CARRICK_SPLICE, "--set", url, "--set",
	    "name=n1", "--set", "listen=[\"127.0.0.1:0\"]", "--set",
	    "accept_listen=127.0.0.1:0", "--set", "user=nobody", "--set",
	    "log_level=error", (char *)NULL);
	_exit(127);
}

static void
welcome(void)
{
	struct ipc_msg m = {.type = IPC_WELCOME};
	char url[IPCPATH_URL_CAP];

	await(IPC_NODE_HELLO, 1);
	node_epoch = seen[IPC_NODE_HELLO].from;
	ck_assert_int_eq(ipcpath_commands(url, sizeof url, dir,
			     seen[IPC_NODE_HELLO].u.node_hello.name),
	    0);
	commands = nnlink_out_new(loop, url, 64);
	ck_assert_ptr_nonnull(commands);
	(void)stpcpy(m.u.welcome.build, "test");
	session++;
	command(&m);
	await(IPC_NODE_READY, 1);
	port = seen[IPC_NODE_READY].u.node_ready.listeners[0].port;
}

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	/* Started as root the node is another user, that can write here. */
	ck_assert_int_eq(chmod(dir, 0777), 0);
	(void)snprintf(
	    events_url, sizeof events_url, "ipc://%s/control.events.ipc", dir);
	spawn(); /* before nanomsg has threads; it waits for us */
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	events = nnlink_in_new(
	    loop, events_url, 0666, IPC_MSG_CAP, on_event, NULL, NULL);
	ck_assert_ptr_nonnull(events);
	welcome();
}

static void
tear_down(void)
{
	char command_line[sizeof dir + 8];

	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	nnlink_out_free(commands);
	nnlink_in_free(events);
	loop_free(loop);
	(void)snprintf(command_line, sizeof command_line, "rm -r %s", dir);
	ck_assert_int_eq(system(command_line), 0);
}

static int
join_tcp(uint16_t to, const char *first)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(to)};
	unsigned n = n_conns;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(write(fd, first, strlen(first)), (long)strlen(first));
	await(IPC_CONN_OPEN, n + 1);
	return fd;
}

static int
join_public(const char *first)
{
	return join_tcp(port, first);
}

static int
join_local(const char *first)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	unsigned n = n_conns;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_eq(
	    ipcpath_accept(un.sun_path, sizeof un.sun_path, dir, "n1"), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&un, sizeof un), 0);
	ck_assert_int_eq(write(fd, first, strlen(first)), (long)strlen(first));
	await(IPC_CONN_OPEN, n + 1);
	return fd;
}

static void
pair(uint16_t skip)
{
	struct ipc_msg m = {.type = IPC_CONN_PAIR};

	m.u.conn_pair.a = conns[0];
	m.u.conn_pair.b = conns[1];
	m.u.conn_pair.skip_a = m.u.conn_pair.skip_b = skip;
	memset(m.u.conn_pair.tag, 7, IPC_TAG_LEN);
	m.u.conn_pair.say_a.p = m.u.conn_pair.say_b.p = (const uint8_t *)"";
	command(&m);
}

/* Until the node has said that it has the pair; else control's end could take
 * the command with it. */
static void
await_pair(void)
{
	while (seen[IPC_NODE_BEAT].u.node_beat.n_pairs != 1)
		await(IPC_NODE_BEAT, n_seen[IPC_NODE_BEAT] + 1);
}

/* Both ends at once, so that neither waits for the other. */
static void
move_bulk(int from, int to)
{
	static char buf[262144];
	size_t n_in = 0, n_out = 0;

	ck_assert_int_eq(fd_set_nonblock(from), 0);
	ck_assert_int_eq(fd_set_nonblock(to), 0);
	while (n_in < BULK_LEN) {
		struct pollfd fds[2] = {{.fd = from, .events = POLLOUT},
		    {.fd = to, .events = POLLIN}};
		ssize_t n;

		if (n_out == BULK_LEN)
			fds[0].fd = -1;
		ck_assert_int_gt(poll(fds, 2, 10000), 0);
		if (fds[0].revents != 0) {
			n = write(from, buf, sizeof buf);
			n_out += n > 0 ? (size_t)n : 0;
		}
		if (fds[1].revents != 0) {
			n = read(to, buf, sizeof buf);
			n_in += n > 0 ? (size_t)n : 0;
		}
	}
	ck_assert_uint_eq(n_in, BULK_LEN);
}

static void
end_daemon(void)
{
	struct ipc_msg heard = {.type = IPC_RELEASE_ACK};
	struct ipc_msg ack = {.type = IPC_BYE_ACK};
	int status;

	/* The newest release; a drain waits for the pair, and for this. */
	await(IPC_PAIR_ENDED, 1);
	heard.u.release_ack.seq = seen[IPC_PAIR_ENDED].u.pair_ended.seq;
	command(&heard);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	await(IPC_NODE_BYE, 1);
	command(&ack);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	pid = 0;
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(it_is_welcomed_pairs_moves_reports_and_ends)
{
	int a = join_public("secret"), b = join_public("secret");
	const struct ipc_node_beat *beat = &seen[IPC_NODE_BEAT].u.node_beat;

	pair(6);
	move_bulk(a, b);
	move_bulk(b, a);
	fd_close(&a);
	fd_close(&b);
	await(IPC_PAIR_ENDED, 1);
	ck_assert_uint_eq(seen[IPC_PAIR_ENDED].u.pair_ended.bytes_ab, BULK_LEN);
	ck_assert_uint_eq(seen[IPC_PAIR_ENDED].u.pair_ended.bytes_ba, BULK_LEN);
	await(IPC_NODE_BEAT, n_seen[IPC_NODE_BEAT] + 1);
	ck_assert_uint_ge(
	    beat->figures[FIGURE_BYTES_SPLICED] * 100, 2ull * BULK_LEN * 99);
	end_daemon();
}
END_TEST

START_TEST(a_local_connection_is_paired_with_a_public_one)
{
	int a = join_public("x"), b = join_local("y");
	char buf[8];

	ck_assert_int_eq(seen[IPC_CONN_OPEN].u.conn_open.flags, IPC_CONN_LOCAL);
	pair(0);
	ck_assert_int_eq(read(a, buf, sizeof buf), 1);
	ck_assert_int_eq(buf[0], 'y');
	ck_assert_int_eq(read(b, buf, sizeof buf), 1);
	ck_assert_int_eq(buf[0], 'x');
	fd_close(&a);
	fd_close(&b);
	end_daemon();
}
END_TEST

START_TEST(a_sibling_is_paired_over_tcp_with_a_public_one)
{
	const struct addr *accept = &seen[IPC_NODE_READY].u.node_ready.accept;
	const char ticket[IPC_TICKET_LEN + 1] =
	    "32 bytes are a ticket, or so ...";
	int a = join_public("x"), b;
	char buf[IPC_TICKET_LEN + 8];

	ck_assert(addr_is_loopback(accept) && accept->port != 0);
	b = join_tcp(accept->port, ticket);
	ck_assert_int_eq(seen[IPC_CONN_OPEN].u.conn_open.flags, IPC_CONN_LOCAL);
	ck_assert_int_eq(
	    seen[IPC_CONN_OPEN].u.conn_open.listener, IPC_LISTENER_LOCAL);
	ck_assert(addr_is_loopback(&seen[IPC_CONN_OPEN].u.conn_open.remote));
	pair(0);
	ck_assert_int_eq(read(a, buf, sizeof buf), IPC_TICKET_LEN);
	ck_assert_mem_eq(buf, ticket, IPC_TICKET_LEN);
	ck_assert_int_eq(read(b, buf, sizeof buf), 1);
	ck_assert_int_eq(buf[0], 'x');
	fd_close(&a);
	fd_close(&b);
	end_daemon();
}
END_TEST

START_TEST(a_pair_lives_on_when_control_goes_and_comes_again)
{
	int a = join_public("x"), b = join_public("y");
	struct ipc_msg ask = {.type = IPC_PAIR_LIST_ASK};
	char buf[8];

	pair(1);
	await_pair();
	nnlink_out_free(commands);
	commands = NULL;
	nnlink_in_free(events);
	ck_assert_int_eq(write(a, "on", 2), 2);
	ck_assert_int_eq(read(b, buf, sizeof buf), 2);
	memset(n_seen, 0, sizeof n_seen);
	events = nnlink_in_new(
	    loop, events_url, 0666, IPC_MSG_CAP, on_event, NULL, NULL);
	ck_assert_ptr_nonnull(events);
	welcome();
	command(&ask);
	await(IPC_PAIR_LIST, 1);
	ck_assert_int_eq(seen[IPC_PAIR_LIST].u.pair_list.n_tags, 1);
	ck_assert_int_eq(write(b, "still", 5), 5);
	ck_assert_int_eq(read(a, buf, sizeof buf), 5);
	fd_close(&a);
	fd_close(&b);
	end_daemon();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("daemon");

	tcase_set_timeout(t, 40);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, it_is_welcomed_pairs_moves_reports_and_ends);
	tcase_add_test(t, a_local_connection_is_paired_with_a_public_one);
	tcase_add_test(t, a_sibling_is_paired_over_tcp_with_a_public_one);
	tcase_add_test(t, a_pair_lives_on_when_control_goes_and_comes_again);
	return suite_run("daemon", (TCase *[]){t, NULL});
}
