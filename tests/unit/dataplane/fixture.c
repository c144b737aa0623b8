#include "tests/unit/dataplane/fixture.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct fixture fixture;

void
fixture_keep(const void *p, size_t len)
{
	size_t i = fixture.n_events;

	fixture.in_send = true;
	ck_assert_uint_lt(i, FIXTURE_EVENTS);
	fixture.bytes[i] = malloc(len);
	memcpy(fixture.bytes[i], p, len);
	ck_assert_int_eq(
	    ipc_decode(&fixture.events[i], fixture.bytes[i], len, IPC_EVENT),
	    PARSE_OK);
	fixture.n_events++;
	fixture.in_send = false;
}

static void
set_up_config(struct config *c, const char *const *settings)
{
	const char *all[16] = {"name=n1", "workers=1", "pipe_bytes=65536",
	    "events_url=ipc:///tmp/control.events.ipc"};
	char why[CONF_WHY_CAP];
	size_t n = 4;

	for (; settings != NULL && *settings != NULL; settings++)
		all[n++] = *settings;
	ck_assert_msg(config_load(c, NULL, all, n, why) == 0, "%s", why);
}

struct node *
fixture_begin(const char *const *settings)
{
	const char *why;

	memset(&fixture, 0, sizeof fixture);
	fake_links_begin(fixture_keep);
	fixture.node = calloc(1, sizeof *fixture.node);
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	set_up_config(&fixture.node->config, settings);
	ck_assert_int_eq(node_init(fixture.node), 0);
	ck_assert_int_eq(
	    link_start(fixture.node, "ipc:///tmp/n1.commands.ipc", &why), 0);
	return fixture.node;
}

void
fixture_end(void)
{
	fake_links.send_errno = 0;
	fixture_forget();
	node_fini(fixture.node);
	fixture_forget();
	config_free(&fixture.node->config);
	free(fixture.node);
}

void
fixture_rounds(int n)
{
	struct node *node = fixture.node;

	while (n-- > 0) {
		ck_assert_int_eq(loop_turn(node->loop), 0);
		for (size_t i = 0; i < node->n_workers; i++)
			ck_assert_int_eq(loop_turn(node->workers[i].loop), 0);
	}
}

void
fixture_advance(uint64_t ms)
{
	while (ms > 0) {
		uint64_t step = ms < 100 ? ms : 100;
		struct ipc_msg beat = {.type = IPC_CONTROL_BEAT};

		fake_now_ms += step;
		ms -= step;
		if (link_in_session(fixture.node) && !fixture.silent) {
			beat.from = fixture.node->link.session;
			fixture_command(&beat);
		}
		fixture_rounds(1);
	}
}

void
fixture_welcome(uint64_t session)
{
	struct ipc_msg m = {.type = IPC_WELCOME, .from = session};

	(void)stpcpy(m.u.welcome.build, "test");
	fixture_command(&m);
}

struct node *
fixture_session(const char *const *settings)
{
	(void)fixture_begin(settings);
	fixture_rounds(1);
	fixture_welcome(SESSION);
	fixture_rounds(1);
	fixture_forget();
	return fixture.node;
}

void
fixture_lose(void)
{
	fake_links.n_peers = 0;
	fixture_advance(IPC_HELLO_MS + 1);
	ck_assert(!link_in_session(fixture.node));
	fake_links.n_peers = 1;
}

void
fixture_release(int n)
{
	while (n-- > 0)
		release_conn_gone(fixture.node, 7, REASON_PEER_FIN);
}

void
fixture_acknowledge(uint64_t seq)
{
	struct ipc_msg m = {.type = IPC_RELEASE_ACK};

	m.from = fixture.node->link.session;
	m.u.release_ack.seq = seq;
	fixture_command(&m);
}

void
fixture_command(struct ipc_msg *m)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	if (m->from == 0)
		m->from = SESSION;
	if (m->to == 0)
		m->to = fixture.node->link.epoch;
	len = ipc_encode(m, buf, sizeof buf);
	ck_assert_uint_gt(len, 0);
	command_receive(fixture.node, buf, len);
}

int
fixture_arrive(bool local, uint8_t x)
{
	struct pending_origin origin = {.listener = IPC_LISTENER_LOCAL};
	int fds[2];

	(local ? sockets_unix : sockets_tcp)(fds);
	origin.fd = fds[THEIRS];
	origin.is_unix = local;
	if (!local) {
		origin.listener = 0;
		origin.remote = (struct addr){
		    .ip = {[10] = 0xff, 0xff, 192, 0, 2, x}, .port = 1000};
		origin.here = origin.remote;
	}
	ck_assert_int_eq(
	    admission_take(&fixture.node->admissions, &origin.admission,
		&origin.remote, local ? ADMISSION_LOCAL : ADMISSION_PUBLIC),
	    REASON_NONE);
	ck_assert_int_eq(pending_new(fixture.node, &origin), 0);
	return fds[OURS];
}

size_t
fixture_count(enum ipc_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < fixture.n_events; i++)
		n += fixture.events[i].type == type;
	return n;
}

const struct ipc_msg *
fixture_event(enum ipc_type type, size_t i)
{
	for (size_t at = fixture.n_events; at-- > 0;)
		if (fixture.events[at].type == type && i-- == 0)
			return &fixture.events[at];
	ck_abort_msg("no %s was sent", ipc_type_name(type));
	return NULL;
}

void
fixture_forget(void)
{
	while (fixture.n_events > 0)
		free(fixture.bytes[--fixture.n_events]);
}

uint64_t
fixture_open(int *peer, bool local, const char *text)
{
	size_t n = fixture_count(IPC_CONN_OPEN);

	*peer = fixture_arrive(local, 1);
	sockets_put(*peer, text, strlen(text));
	fixture_rounds(2);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), n + 1);
	return fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn;
}

void
fixture_wait(uint64_t conn, uint16_t n, uint32_t ttl_ms)
{
	struct ipc_msg m = {.type = IPC_CONN_WAIT};

	m.u.conn_wait = (struct ipc_conn_wait){conn, n, ttl_ms};
	fixture_command(&m);
}

static struct ipc_bytes
bytes_of(const char *text)
{
	return (struct ipc_bytes){(const uint8_t *)text, strlen(text)};
}

void
fixture_hold(
    uint64_t conn, uint16_t skip, enum ipc_on_fin on_fin, const char *say)
{
	struct ipc_msg m = {.type = IPC_CONN_HOLD};

	m.u.conn_hold = (struct ipc_conn_hold){.conn = conn,
	    .ttl_ms = 10000,
	    .skip = skip,
	    .on_fin = (uint8_t)on_fin,
	    .say = bytes_of(say)};
	fixture_command(&m);
}

void
fixture_drop(uint64_t conn, uint16_t skip, enum ipc_how how, const char *say)
{
	struct ipc_msg m = {.type = IPC_CONN_DROP};

	m.u.conn_drop = (struct ipc_conn_drop){.conn = conn,
	    .skip = skip,
	    .how = (uint8_t)how,
	    .say = bytes_of(say)};
	fixture_command(&m);
}

struct ipc_msg
fixture_pair(uint64_t a, uint64_t b)
{
	struct ipc_msg m = {.type = IPC_CONN_PAIR};

	m.u.conn_pair.a = a;
	m.u.conn_pair.b = b;
	memset(m.u.conn_pair.tag, 't', IPC_TAG_LEN);
	m.u.conn_pair.say_a = m.u.conn_pair.say_b = bytes_of("");
	return m;
}

enum pending_state
fixture_state(uint64_t conn)
{
	struct pending *p = table_find(&fixture.node->pendings, &conn);

	return p != NULL ? p->state : PENDING_CLOSED;
}

uint64_t
fixture_ended(enum reason why)
{
	return fixture.node->account.pending_ended[why];
}

void
fixture_expect(int fd, const char *text)
{
	char buf[256];

	fixture_rounds(20);
	ck_assert_int_eq(sockets_get(fd, buf, sizeof buf), (long)strlen(text));
	ck_assert_mem_eq(buf, text, strlen(text));
}

void
fixture_expect_reset(int fd)
{
	char c;

	fixture_rounds(20);
	ck_assert_int_eq(sockets_get(fd, &c, 1), -1);
	ck_assert_int_eq(errno, ECONNRESET);
}
