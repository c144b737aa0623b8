#include "tests/unit/control/sealed_world.h"

#include <string.h>

#include "control/link.h"

struct far edge;
uint8_t env[SEAL_MSG_CAP];
size_t env_len;

void
far_init(struct far *f, const char *name, const char *at)
{
	uint8_t cluster[SEAL_KEY_LEN];

	memset(cluster, 0xc1, sizeof cluster);
	*f = (struct far){.name = name, .phase = "a phase", .epoch = 0xe1};
	ck_assert_int_eq(seal_link_derive(&f->link, cluster, name), 0);
	ck_assert_int_eq(addr_parse(&f->commands, at), 0);
}

void
sealed_world_set_up(void)
{
	c = fake_new_far();
	far_init(&edge, "edge-1", AT);
}

void
sealed_world_tear_down(void)
{
	seal_session_end(&edge.session);
	fake_free(c);
}

void
receive(void)
{
	link_receive(c, env, env_len);
	link_idle(c);
}

uint64_t
n_dropped(void)
{
	uint64_t n = 0;

	for (int i = 0; i < EVENT_DROP_COUNT; i++)
		n += dropped((enum event_drop)i);
	return n;
}

void
check_dropped(enum event_drop why)
{
	ck_assert_msg(dropped(why) == 1, "%s", event_drop_name(why));
	ck_assert_uint_eq(n_dropped(), 1);
}

void
seal_hello(struct far *f, const char *inner_name)
{
	struct ipc_msg m = {.type = IPC_NODE_HELLO, .from = f->epoch};
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	strcpy(m.u.node_hello.name, inner_name);
	m.u.node_hello.commands = f->commands;
	len = ipc_encode(&m, buf, sizeof buf);
	env_len = seal_put_hello(&f->link, f->phase, buf, len, env);
	ck_assert_uint_gt(env_len, 0);
}

void
say_hello(struct far *f)
{
	seal_hello(f, f->name);
	receive();
}

void
seal_event(struct far *f, struct ipc_msg m)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	m.from = f->epoch;
	m.to = f->session_epoch;
	len = ipc_encode(&m, buf, sizeof buf);
	ck_assert_uint_gt(len, 0);
	env_len = seal_session_put(&f->session, buf, len, env);
	ck_assert_uint_gt(env_len, 0);
}

bool
take_welcome(struct far *f)
{
	struct seal_parts parts;
	uint8_t buf[IPC_MSG_CAP];
	struct ipc_msg m;
	size_t len;
	const uint8_t *p = fake_envelope(&len);

	ck_assert_int_eq(seal_parse(&parts, p, len), PARSE_OK);
	len = seal_open_welcome(&f->link, f->phase, f->epoch, &parts, buf);
	if (len == 0)
		return false;
	ck_assert_int_eq(ipc_decode(&m, buf, len, IPC_COMMAND), PARSE_OK);
	f->session_epoch = m.from;
	ck_assert_int_eq(seal_session_begin(&f->session, &f->link, SEAL_AT_NODE,
			     f->epoch, m.from),
	    0);
	return true;
}

struct ipc_msg
take_command(struct far *f)
{
	static uint8_t buf[IPC_MSG_CAP];
	struct seal_parts parts;
	struct ipc_msg m;
	size_t len;
	const uint8_t *p = fake_envelope(&len);

	ck_assert_int_eq(seal_parse(&parts, p, len), PARSE_OK);
	ck_assert_int_eq(
	    seal_session_open(&f->session, &parts, buf, &len), SEAL_OPENED);
	ck_assert_int_eq(ipc_decode(&m, buf, len, IPC_COMMAND), PARSE_OK);
	return m;
}

struct ipc_msg
ready_msg(void)
{
	struct ipc_msg m = {.type = IPC_NODE_READY};

	m.u.node_ready.first_seq = 1;
	return m;
}

void
get_ready(struct far *f)
{
	say_hello(f);
	ck_assert(take_welcome(f));
	seal_event(f, ready_msg());
	receive();
	ck_assert_int_eq(take_command(f).type, IPC_PAIR_LIST_ASK);
	ck_assert_uint_eq(c->nodes.first->session, f->session_epoch);
}

struct ipc_msg
beat_msg(void)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	m.u.node_beat.n_pending = 7;
	return m;
}

/* All that an event could change. */
struct state {
	size_t n_nodes, n_sessions, n_arrivals;
	unsigned n_links;
	uint64_t session, epoch, next_seq, counter;
	struct replay replay;
	bool has_beat;
};

static struct state
state_now(void)
{
	const struct node *n = c->nodes.first;
	struct state s;

	memset(&s, 0, sizeof s);
	s.n_nodes = c->nodes.n;
	s.n_sessions = c->nodes.by_session.n;
	s.n_links = fake_n_links;
	if (n == NULL)
		return s;
	s.n_arrivals = n->arrivals.n;
	s.session = n->session;
	s.epoch = n->epoch;
	s.next_seq = n->next_seq;
	s.counter = n->seal.session.counter;
	s.replay = n->seal.session.replay;
	s.has_beat = n->has_beat;
	return s;
}

void
check_refused(void)
{
	struct state before = state_now(), after;
	uint64_t n = n_dropped();

	receive();
	after = state_now();
	ck_assert_uint_eq(n_dropped(), n + 1);
	ck_assert_mem_eq(&after, &before, sizeof before);
	fake_no_command();
}

void
check_refused_unless_whole(void)
{
	const size_t len = env_len;

	for (env_len = 0; env_len < len; env_len++)
		check_refused();
	for (size_t bit = 0; bit < 8 * len; bit++) {
		env[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_refused();
		env[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}
