#include "tests/unit/control/world.h"

#include <string.h>

#include "control/node_session.h"

struct control *c;
struct fake_node a, b;

void
no_node(void)
{
	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	b = (struct fake_node){.name = "b", .epoch = 0xb1};
}

void
one_node(void)
{
	no_node();
	fake_ready(c, &a);
}

void
two_nodes(void)
{
	one_node();
	fake_ready(c, &b);
}

void
world_end(void)
{
	fake_free(c);
}

TCase *
world_case(const char *name, void (*set_up)(void))
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, set_up, world_end);
	return t;
}

void
pass(uint64_t ms)
{
	while (ms > 0) {
		uint64_t step_ms = ms < IPC_BEAT_MS ? ms : IPC_BEAT_MS;

		fake_advance(c, step_ms);
		fake_beat(c, &a);
		fake_beat(c, &b);
		ms -= step_ms;
	}
}

void
live(uint64_t ms)
{
	pass(ms);
	fake_forget_commands();
}

void
lose(const struct fake_node *n)
{
	for (unsigned ms = 0; ms <= IPC_LOST_MS; ms += IPC_BEAT_MS) {
		fake_advance(c, IPC_BEAT_MS);
		fake_beat(c, n == &a ? &b : &a);
	}
}

struct node *
node_of(const struct fake_node *n)
{
	return table_find(&c->nodes.by_session, &n->session);
}

struct client *
client_of(uint8_t byte)
{
	return fake_find(c, &frontend_tx3, byte);
}

bool
is_registered(uint8_t byte)
{
	return registry_find(&c->registry, &frontend_tx3, fake_digest(byte)) !=
	       NULL;
}

const uint8_t *
call(const struct fake_node *n, uint64_t conn, uint8_t source, uint8_t byte)
{
	static uint8_t token[TX3_TOKEN_LEN];

	fake_open(c, n, conn, source, fake_digest(byte));
	memcpy(token, fake_written, sizeof token);
	return token;
}

void
make_pair(uint8_t tag[IPC_TAG_LEN], uint64_t conn, uint8_t byte)
{
	const uint8_t *token = call(&a, conn, (uint8_t)conn, byte);
	struct ipc_msg m;

	fake_forget_commands();
	fake_open(c, &a, conn + 1, 2, token);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_int_eq(m.u.conn_pair.limits.on_drain, IPC_DRAIN_WAITS);
	memcpy(tag, m.u.conn_pair.tag, IPC_TAG_LEN);
}

void
tag_of(uint8_t tag[IPC_TAG_LEN], uint8_t kind, uint8_t serial, uint8_t byte)
{
	memset(tag, 0, IPC_TAG_LEN);
	tag[0] = kind;
	tag[1] = frontend_tx3.number;
	tag[11] = serial;
	memset(tag + 12, byte, PAIR_PREFIX_LEN);
}

void
ask_pairs(const struct fake_node *n)
{
	node_ask_pairs(c, node_of(n));
}

void
list(const struct fake_node *n, const uint8_t *tags, uint16_t n_tags)
{
	fake_pair_list(c, n, tags, n_tags, IPC_PAIR_LIST_LAST);
}

uint64_t
refused(enum refusal why)
{
	return c->counters.refused[why];
}

uint64_t
calls_ended(enum call_end why)
{
	return c->counters.calls_ended[why];
}

uint64_t
streams_ended(enum stream_end why)
{
	return c->counters.streams_ended[why];
}

uint64_t
dropped(enum event_drop why)
{
	return c->counters.events_dropped[why];
}

uint64_t
counted(enum count what)
{
	return c->counters.counts[what];
}
