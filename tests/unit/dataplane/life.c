#include "tests/unit/dataplane/life.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/dataplane/failing.h"

#define BULK_LEN 100000
#define LIFE_MS	 40000 /* longer than any deadline here */

struct life life;

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

void
life_live(void)
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

void
life_leave(void)
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

int
life_begin(void)
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

void
life_set_up(const char *pool)
{
	const char *const settings[] = {"name=n1", "workers=1",
	    "pipe_bytes=65536", "listen=[\"127.0.0.1:0\"]",
	    "events_url=ipc:///tmp/control.events.ipc", pool};
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

void
life_tear_down(void)
{
	failing.armed = true;
	node_fini(life.node);
	failing.armed = false;
	config_free(&life.node->config);
	free(life.node);
	fixture_forget();
}
