#include "tests/unit/control/fake.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "control/link.h"
#include "control/stream_tls.h"

enum { COMMANDS_MAX = 4096, WRITES_MAX = 256 };

uint8_t fake_written[128];
size_t fake_written_len;
unsigned fake_n_written;
bool fake_queue_full;
bool fake_disconnected;
bool fake_waiting;
size_t fake_unread;
bool fake_no_accept_socket;
uint8_t fake_ticket[32];
int fake_fd;
char fake_url[NNLINK_URL_CAP];
unsigned fake_n_links;

static struct {
	uint64_t now_ms;
	struct deadline_queue deadlines;
	loop_fn *deferred[64];
	void *deferred_arg[64];
	size_t n_deferred;
	uint8_t commands[COMMANDS_MAX][256];
	size_t lens[COMMANDS_MAX];
	size_t n_commands;
	size_t taken;
	struct {
		const struct stream *to; /* NULL: taken */
		uint8_t bytes[sizeof fake_written];
		size_t len;
	} writes[WRITES_MAX]; /* the newest; a ring */
} fake;

/* What the linker puts in the place of the real ones. */
uint64_t __wrap_loop_now_ms(struct loop *l);
int __wrap_loop_arm(struct loop *l, struct deadline *d, uint64_t in_ms);
void __wrap_loop_disarm(struct loop *l, struct deadline *d);
int __wrap_loop_defer(struct loop *l, loop_fn *fn, void *arg);
struct nnlink_out *
__wrap_nnlink_out_new(struct loop *l, const char *url, size_t max_queue);
void __wrap_nnlink_out_free(struct nnlink_out *out);
int __wrap_nnlink_send(struct nnlink_out *out, const void *p, size_t len);
void __wrap_nnlink_out_flush(struct nnlink_out *out);
bool __wrap_nnlink_out_is_connected(const struct nnlink_out *out);
bool __wrap_nnlink_out_is_waiting(const struct nnlink_out *out);
int __wrap_ticket_send(
    struct control *c, const struct node *node, struct stream *stream);
void __wrap_linger_take(struct control *c, int fd);
int __wrap_stream_tls_start(struct stream *s);
int __wrap_stream_tls_write(struct stream *s, const void *p, size_t len);
size_t __wrap_stream_tls_unread(const struct stream *s);
void __wrap_stream_tls_stop(struct stream *s, bool say_goodbye);
void __wrap_stream_tls_free(struct stream *s);

uint64_t
__wrap_loop_now_ms(struct loop *l)
{
	(void)l;
	return fake.now_ms;
}

int
__wrap_loop_arm(struct loop *l, struct deadline *d, uint64_t in_ms)
{
	(void)l;
	return deadline_arm(&fake.deadlines, d, fake.now_ms + in_ms);
}

void
__wrap_loop_disarm(struct loop *l, struct deadline *d)
{
	(void)l;
	deadline_disarm(&fake.deadlines, d);
}

int
__wrap_loop_defer(struct loop *l, loop_fn *fn, void *arg)
{
	(void)l;
	ck_assert_uint_lt(fake.n_deferred, 64);
	fake.deferred[fake.n_deferred] = fn;
	fake.deferred_arg[fake.n_deferred++] = arg;
	return 0;
}

struct nnlink_out *
__wrap_nnlink_out_new(struct loop *l, const char *url, size_t max_queue)
{
	(void)l;
	(void)max_queue;
	ck_assert(strncmp(url, "ipc:///fake/", 12) == 0 || nnlink_is_tcp(url));
	(void)snprintf(fake_url, sizeof fake_url, "%s", url);
	fake_n_links++;
	return malloc(1);
}

void
__wrap_nnlink_out_free(struct nnlink_out *out)
{
	free(out);
}

int
__wrap_nnlink_send(struct nnlink_out *out, const void *p, size_t len)
{
	const uint8_t *type = p;

	(void)out;
	if (fake_queue_full) {
		errno = ENOBUFS;
		return -1;
	}
	if (type[0] == IPC_CONTROL_BEAT ||
	    (type[0] == SEAL_COMMAND && type[1] == IPC_CONTROL_BEAT))
		return 0;
	ck_assert_uint_lt(fake.n_commands, COMMANDS_MAX);
	ck_assert_uint_le(len, sizeof fake.commands[0]);
	memcpy(fake.commands[fake.n_commands], p, len);
	fake.lens[fake.n_commands++] = len;
	return 0;
}

void
__wrap_nnlink_out_flush(struct nnlink_out *out)
{
	(void)out;
}

bool
__wrap_nnlink_out_is_connected(const struct nnlink_out *out)
{
	(void)out;
	return !fake_disconnected;
}

bool
__wrap_nnlink_out_is_waiting(const struct nnlink_out *out)
{
	(void)out;
	return fake_waiting;
}

int
__wrap_ticket_send(
    struct control *c, const struct node *node, struct stream *stream)
{
	(void)node;
	if (fake_no_accept_socket ||
	    secret_random(stream->ticket, TICKET_LEN) != 0)
		return -1;
	memcpy(fake_ticket, stream->ticket, TICKET_LEN);
	ck_assert_int_eq(
	    table_put(&c->tickets.streams, stream->ticket, stream), 0);
	return fake_fd;
}

void
__wrap_linger_take(struct control *c, int fd)
{
	(void)c;
	(void)fd;
}

int
__wrap_stream_tls_start(struct stream *s)
{
	(void)s;
	return 0;
}

int
__wrap_stream_tls_write(struct stream *s, const void *p, size_t len)
{
	size_t slot = fake_n_written % WRITES_MAX;

	ck_assert_uint_le(len, sizeof fake_written);
	fake.writes[slot].to = s;
	memcpy(fake.writes[slot].bytes, p, len);
	fake.writes[slot].len = len;
	memcpy(fake_written, p, len);
	fake_written_len = len;
	fake_n_written++;
	return 0;
}

size_t
__wrap_stream_tls_unread(const struct stream *s)
{
	(void)s;
	return fake_unread;
}

void
__wrap_stream_tls_stop(struct stream *s, bool say_goodbye)
{
	(void)s;
	(void)say_goodbye;
}

void
__wrap_stream_tls_free(struct stream *s)
{
	(void)s;
}

const uint8_t *
fake_relay(const struct control *c)
{
	return c->identities.list[0].id->digest;
}

void
fake_identity(
    struct control *c, uint8_t byte, enum tx3_dialect dialect, bool retiring)
{
	struct relay_identity *who = &c->identities.list[c->identities.n++];

	who->id = calloc(1, sizeof *who->id);
	ck_assert_ptr_nonnull(who->id);
	memset(who->id->digest, byte, DIGEST_LEN);
	who->frontend = &frontend_tx3;
	who->dialect = dialect;
	who->is_retiring = retiring;
}

static struct control *
new_with(const char *const *settings, size_t n_settings)
{
	struct control *c = calloc(1, sizeof *c);
	char why[CONFIG_WHY_CAP];

	memset(&fake, 0, sizeof fake);
	fake_queue_full = fake_disconnected = fake_no_accept_socket = false;
	fake_waiting = false;
	fake_n_links = 0;
	fake_unread = fake_written_len = fake_n_written = 0;
	fake.now_ms = 1000000;
	deadline_queue_init(&fake.deadlines);
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(
	    config_load(&c->config, NULL, settings, n_settings, why), 0);
	fake_identity(c, 0xd1, TX3_NOTICE32, false);
	c->started_ms = fake.now_ms;
	c->publish.n = 1; /* so that no node's addresses are printed */
	c->publish.urls[0].who = &c->identities.list[0];
	strcpy(c->publish.urls[0].text, "tx3-rst://relay.example:7443/0dHR");
	ck_assert_int_eq(frontends_init(&c->frontends), 0);
	ck_assert_int_eq(frontends_enable(&c->frontends, "tx3"), 0);
	ck_assert_int_eq(refusals_init(&c->refusals, fake.now_ms), 0);
	ck_assert_int_eq(budget_init(&c->budget, &c->config), 0);
	ck_assert_int_eq(pairs_init(&c->pairs), 0);
	ck_assert_int_eq(registry_init(&c->registry), 0);
	ck_assert_int_eq(early_init(&c->early), 0);
	ck_assert_int_eq(tokens_init(&c->tokens), 0);
	ck_assert_int_eq(tickets_init(c), 0);
	ck_assert_int_eq(hops_init(&c->hops), 0);
	ck_assert_int_eq(nodes_init(c), 0);
	return c;
}

struct control *
fake_new(void)
{
	static const char *const SETTINGS[] = {
	    "events_url=ipc:///fake/control.events.ipc",
	    "admin_socket=/fake/admin.sock",
	    "identities=[{file: /fake/identity.pem}]",
	};

	return new_with(SETTINGS, sizeof SETTINGS / sizeof *SETTINGS);
}

struct control *
fake_new_far(void)
{
	static const char *const SETTINGS[] = {
	    "events_url=tcp://*:7447",
	    "admin_socket=/fake/admin.sock",
	    "identities=[{file: /fake/identity.pem}]",
	    ("nodes=[{name: edge-*, networks: [192.0.2.0/24]},"
	     " {name: core, networks: [198.51.100.7, \"2001:db8::/32\"]}]"),
	};
	struct control *c =
	    new_with(SETTINGS, sizeof SETTINGS / sizeof *SETTINGS);

	c->seals.on = true;
	memset(c->seals.cluster, 0xc1, SEAL_KEY_LEN);
	ck_assert_int_eq(members_init(&c->seals.members, &c->config.nodes), 0);
	return c;
}

static void
run_deferred(void)
{
	for (size_t i = 0; i < fake.n_deferred; i++)
		fake.deferred[i](fake.deferred_arg[i]);
	fake.n_deferred = 0;
}

void
fake_free(struct control *c)
{
	run_deferred();
	streams_fini(c);
	registry_end_calls(c);
	nodes_fini(c);
	ck_assert_uint_eq(c->pairs.by_tag.n, 0);
	ck_assert_uint_eq(c->tokens.issued.n, 0);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 0);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 0);
	ck_assert_uint_eq(c->calls.n[CALL_JOINING], 0);
	ck_assert_uint_eq(c->hops.calls.n, 0);
	ck_assert_uint_eq(c->pairs.n_hops, 0);
	ck_assert_uint_eq(c->tickets.streams.n, 0);
	ck_assert_uint_eq(c->budget.n_streams, 0);
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
	ck_assert_uint_eq(c->registry.clients.n, 0);
	pairs_fini(&c->pairs);
	registry_fini(&c->registry);
	ck_assert_uint_eq(c->early.n, 0);
	early_fini(&c->early);
	tokens_fini(&c->tokens);
	hops_fini(&c->hops);
	tickets_fini(&c->tickets);
	frontends_fini(&c->frontends);
	budget_fini(&c->budget);
	seals_free(&c->seals);
	config_free(&c->config);
	identities_free(&c->identities);
	free(c);
	deadline_queue_fini(&fake.deadlines);
}

/* In steps, as a timer would, so that beats come in between. */
void
fake_advance(struct control *c, uint64_t ms)
{
	(void)c;
	for (uint64_t end = fake.now_ms + ms; fake.now_ms < end;) {
		uint64_t step = end - fake.now_ms;

		fake.now_ms += step < 50 ? step : 50;
		(void)deadline_run(&fake.deadlines, fake.now_ms);
		run_deferred();
	}
}

static void
receive(struct control *c, const struct ipc_msg *m)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len = ipc_encode(m, buf, sizeof buf);

	ck_assert_uint_gt(len, 0);
	link_receive(c, buf, len);
	link_idle(c);
	run_deferred();
}

void
fake_send(struct control *c, const struct fake_node *n, struct ipc_msg m)
{
	m.from = n->epoch;
	m.to = n->session;
	receive(c, &m);
}

void
fake_hello(struct control *c, struct fake_node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_HELLO, .from = n->epoch};
	struct ipc_node_hello *hello = &m.u.node_hello;

	strcpy(hello->name, n->name);
	strcpy(hello->build, "fake");
	hello->features = n->features;
	hello->accept = n->accept;
	hello->n_listeners = 1;
	ck_assert_int_eq(addr_parse(&hello->listeners[0], "0.0.0.0:7443"), 0);
	receive(c, &m);
	if (fake.n_commands == fake.taken)
		return;
	m = fake_command(IPC_WELCOME);
	ck_assert_uint_eq(m.to, n->epoch);
	n->session = m.from;
}

void
fake_ready(struct control *c, struct fake_node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_READY};

	if (n->seq == 0)
		n->seq = 1;
	fake_hello(c, n);
	m.u.node_ready.first_seq = n->seq;
	fake_send(c, n, m);
	(void)fake_command(IPC_PAIR_LIST_ASK);
}

struct ipc_msg
fake_command(enum ipc_type type)
{
	struct ipc_msg m;

	ck_assert_msg(fake.taken < fake.n_commands, "no command; %s is wanted",
	    ipc_type_name(type));
	ck_assert_int_eq(ipc_decode(&m, fake.commands[fake.taken],
			     fake.lens[fake.taken], IPC_COMMAND),
	    PARSE_OK);
	fake.taken++;
	ck_assert_msg(m.type == type, "%s instead of %s", ipc_type_name(m.type),
	    ipc_type_name(type));
	return m;
}

const uint8_t *
fake_envelope(size_t *len)
{
	ck_assert_uint_lt(fake.taken, fake.n_commands);
	*len = fake.lens[fake.taken];
	return fake.commands[fake.taken++];
}

void
fake_no_command(void)
{
	ck_assert_msg(fake.taken == fake.n_commands, "%s was sent",
	    ipc_type_name(fake.commands[fake.taken][0]));
}

void
fake_forget_commands(void)
{
	fake.taken = fake.n_commands = 0;
}

static struct addr
source_addr(uint8_t net, uint8_t host)
{
	struct addr a = {
	    .ip = {[10] = 0xff, 0xff, 192, 0, net, host}, .port = 40000};

	return a;
}

static void
open_conn(struct control *c, const struct fake_node *n, uint64_t conn,
    struct addr remote, uint8_t flags, const uint8_t first[32])
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};

	m.u.conn_open.conn = conn;
	m.u.conn_open.flags = flags;
	m.u.conn_open.remote = remote;
	m.u.conn_open.first = (struct ipc_bytes){.p = first, .len = 32};
	fake_send(c, n, m);
}

void
fake_open(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const uint8_t first[32])
{
	open_conn(c, n, conn, source_addr(2, source), 0, first);
}

void
fake_show(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const void *first, size_t len, uint8_t flags)
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};

	m.u.conn_open.conn = conn;
	m.u.conn_open.flags = flags;
	m.u.conn_open.remote = source_addr(2, source);
	m.u.conn_open.local = source_addr(9, 1);
	m.u.conn_open.local.port = 7443;
	m.u.conn_open.first = (struct ipc_bytes){.p = first, .len = len};
	fake_send(c, n, m);
}

const uint8_t *
fake_said(const struct stream *s, size_t *len)
{
	unsigned first =
	    fake_n_written > WRITES_MAX ? fake_n_written - WRITES_MAX : 0;

	for (unsigned i = first; i < fake_n_written; i++) {
		size_t slot = i % WRITES_MAX;

		if (fake.writes[slot].to != s)
			continue;
		fake.writes[slot].to = NULL;
		*len = fake.writes[slot].len;
		return fake.writes[slot].bytes;
	}
	return NULL;
}

void
fake_open_local(struct control *c, const struct fake_node *n, uint64_t conn,
    const uint8_t ticket[32])
{
	open_conn(c, n, conn, (struct addr){.port = 0}, IPC_CONN_LOCAL, ticket);
}

void
fake_gone(struct control *c, struct fake_node *n, uint64_t conn)
{
	struct ipc_msg m = {.type = IPC_CONN_GONE};

	m.u.conn_gone.seq = n->seq++;
	m.u.conn_gone.conn = conn;
	m.u.conn_gone.reason = REASON_PEER_FIN;
	fake_send(c, n, m);
}

void
fake_pair_end(
    struct control *c, struct fake_node *n, const uint8_t tag[IPC_TAG_LEN])
{
	struct ipc_msg m = {.type = IPC_PAIR_ENDED};

	m.u.pair_ended.seq = n->seq++;
	memcpy(m.u.pair_ended.tag, tag, IPC_TAG_LEN);
	m.u.pair_ended.bytes_ab = 10;
	m.u.pair_ended.bytes_ba = 20;
	m.u.pair_ended.reason = REASON_FINISHED;
	fake_send(c, n, m);
}

const uint8_t *
fake_digest(uint8_t byte)
{
	static uint8_t digest[DIGEST_LEN];

	memset(digest, byte, sizeof digest);
	return digest;
}

struct client *
fake_find(struct control *c, const struct frontend *f, uint8_t byte)
{
	uint8_t key[REGISTRY_KEY_LEN];

	memset(key, byte, sizeof key);
	key[0] = f->number;
	return table_find(&c->registry.clients, key);
}

struct stream *
fake_client(struct control *c, const struct fake_node *n, uint8_t byte)
{
	uint64_t conn = 1000u * byte;
	struct stream *s;

	open_conn(c, n, conn, source_addr(3, byte), 0, fake_relay(c));
	if (fake.taken == fake.n_commands)
		return NULL;
	(void)fake_command(IPC_CONN_HOLD);
	s = c->streams.live;
	fake_open_local(c, n, conn + 1, fake_ticket);
	(void)fake_command(IPC_CONN_PAIR);
	stream_opened(s, fake_digest(byte), "");
	run_deferred();
	return s;
}
