/* Nodes on other hosts: what is not sealed as it must be is counted, and
 * changes nothing else. */
#include <check.h>
#include <string.h>

#include "control/link.h"
#include "tests/unit/control/fake.h"
#include "tests/unit/control/fake_log.h"
#include "tests/unit/proto/ipc_samples.h"

#define AT "192.0.2.7:7448"

/* A node as the test plays it. */
struct far {
	const char *name;
	struct seal_link link;
	uint8_t phase[SEAL_PHASE_LEN];
	uint64_t epoch;
	uint64_t session_epoch;
	struct seal_session session;
	struct addr commands;
};

static struct control *c;
static struct far edge;
static uint8_t env[SEAL_MSG_CAP]; /* what is sent next, or was sent last */
static size_t env_len;

static void
far_init(struct far *f, const char *name, const char *at)
{
	uint8_t cluster[SEAL_KEY_LEN];

	memset(cluster, 0xc1, sizeof cluster);
	*f = (struct far){.name = name, .phase = "a phase", .epoch = 0xe1};
	ck_assert_int_eq(seal_link_derive(&f->link, cluster, name), 0);
	ck_assert_int_eq(addr_parse(&f->commands, at), 0);
}

static void
set_up(void)
{
	c = fake_new_far();
	far_init(&edge, "edge-1", AT);
}

static void
tear_down(void)
{
	seal_session_end(&edge.session);
	fake_free(c);
}

static void
receive(void)
{
	link_receive(c, env, env_len);
	link_idle(c);
}

static uint64_t
dropped(void)
{
	uint64_t n = 0;

	for (int i = 0; i < EVENT_DROP_COUNT; i++)
		n += c->counters.events_dropped[i];
	return n;
}

static void
check_dropped(enum event_drop why)
{
	ck_assert_msg(
	    c->counters.events_dropped[why] == 1, "%s", event_drop_name(why));
	ck_assert_uint_eq(dropped(), 1);
}

static void
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

static void
say_hello(struct far *f)
{
	seal_hello(f, f->name);
	receive();
}

static void
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

/* The WELCOME that was sent; false: it does not open. */
static bool
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

static struct ipc_msg
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

static struct ipc_msg
ready_msg(void)
{
	struct ipc_msg m = {.type = IPC_NODE_READY};

	m.u.node_ready.first_seq = 1;
	return m;
}

static void
get_ready(struct far *f)
{
	say_hello(f);
	ck_assert(take_welcome(f));
	seal_event(f, ready_msg());
	receive();
	ck_assert_int_eq(take_command(f).type, IPC_PAIR_LIST_ASK);
	ck_assert_uint_eq(c->nodes.first->session, f->session_epoch);
}

static struct ipc_msg
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

/* What is in env, as it is, is dropped and counted and no more. */
static void
check_refused(void)
{
	struct state before = state_now(), after;
	uint64_t n = dropped();

	receive();
	after = state_now();
	ck_assert_uint_eq(dropped(), n + 1);
	ck_assert_mem_eq(&after, &before, sizeof before);
	fake_no_command();
}

/* And so is what env is when it is cut short, or a bit of it flips. */
static void
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

START_TEST(a_node_is_welcomed_and_commanded_sealed)
{
	get_ready(&edge);
	ck_assert_str_eq(c->nodes.first->name, "edge-1");
	ck_assert_str_eq(fake_url, "tcp://" AT);
	seal_event(&edge, beat_msg());
	receive();
	ck_assert_uint_eq(c->nodes.first->n_pending, 7);
	ck_assert_uint_eq(dropped(), 0);
}
END_TEST

START_TEST(a_hello_that_is_not_whole_changes_nothing)
{
	seal_hello(&edge, edge.name);
	check_refused_unless_whole();
	receive();
	ck_assert(take_welcome(&edge));
}
END_TEST

START_TEST(a_ready_that_is_not_whole_changes_nothing)
{
	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	seal_event(&edge, ready_msg());
	check_refused_unless_whole();
	receive();
	ck_assert_uint_eq(c->nodes.first->session, edge.session_epoch);
}
END_TEST

/* One event of each type. */
START_TEST(an_event_that_is_not_whole_changes_nothing)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint64_t newest;

	if (ipc_type_direction(s->type) != IPC_EVENT ||
	    s->type == IPC_NODE_HELLO)
		return;
	get_ready(&edge);
	newest = c->nodes.first->seal.session.replay.newest;
	seal_event(&edge, ipc_sample_msg(s));
	check_refused_unless_whole();
	receive();
	ck_assert(s->type == IPC_NODE_BYE ||
		  c->nodes.first->seal.session.replay.newest == newest + 1);
	if (s->type == IPC_NODE_BYE)
		ck_assert_uint_eq(c->nodes.first->session, 0);
}
END_TEST

START_TEST(what_is_not_sealed_changes_nothing)
{
	const struct ipc_sample *s = ipc_sample(_i);

	get_ready(&edge);
	env_len = ipc_sample_bytes(s, env);
	check_refused();
}
END_TEST

START_TEST(a_hello_under_another_key_changes_nothing)
{
	edge.link.key[0] ^= 1;
	seal_hello(&edge, edge.name);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
}
END_TEST

START_TEST(a_hello_in_anothers_name_changes_nothing)
{
	struct far other;

	far_init(&other, "edge-2", AT);
	memcpy(other.link.key, edge.link.key, SEAL_KEY_LEN);
	seal_hello(&other, other.name);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
}
END_TEST

START_TEST(a_hello_that_names_another_within_changes_nothing)
{
	seal_hello(&edge, "edge-2");
	check_refused();
	check_dropped(EVENT_DROP_MALFORMED);
}
END_TEST

START_TEST(a_name_that_is_not_listed_changes_nothing)
{
	struct far stranger;

	far_init(&stranger, "stranger", AT);
	seal_hello(&stranger, stranger.name);
	check_refused();
	check_dropped(EVENT_DROP_NODE_UNLISTED);
}
END_TEST

START_TEST(strangers_hide_no_node_that_has_the_wrong_key)
{
	struct far stranger;

	far_init(&stranger, "stranger", AT);
	seal_hello(&stranger, stranger.name);
	for (int i = 0; i < 1000; i++)
		receive();
	ck_assert_uint_eq(fake_log_count("node-refused"), 1);
	edge.link.key[0] ^= 1;
	say_hello(&edge);
	ck_assert_uint_eq(fake_log_count("node-refused"), 2);
	ck_assert_ptr_nonnull(
	    strstr(fake_log_newest("node-refused"), "node=edge-1 "));
}
END_TEST

START_TEST(an_address_outside_the_names_networks_changes_nothing)
{
	ck_assert_int_eq(addr_parse(&edge.commands, "192.0.3.7:7448"), 0);
	seal_hello(&edge, edge.name);
	check_refused();
	check_dropped(EVENT_DROP_NODE_NETWORK);
}
END_TEST

/* Where control's own connections are to go is said by who has the session. */
START_TEST(a_session_that_would_be_accepted_elsewhere_is_not_begun)
{
	struct ipc_msg m = ready_msg();

	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	ck_assert_int_eq(
	    addr_parse(&m.u.node_ready.accept, "192.0.3.7:7449"), 0);
	seal_event(&edge, m);
	check_refused();
	check_dropped(EVENT_DROP_NODE_NETWORK);
	ck_assert_uint_eq(c->nodes.first->session, 0);
}
END_TEST

START_TEST(a_session_is_begun_with_an_address_of_its_networks)
{
	struct ipc_msg m = ready_msg();

	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	ck_assert_int_eq(
	    addr_parse(&m.u.node_ready.accept, "192.0.2.7:7449"), 0);
	seal_event(&edge, m);
	receive();
	ck_assert_uint_eq(c->nodes.first->session, edge.session_epoch);
	ck_assert(addr_equal(&c->nodes.first->accept, &m.u.node_ready.accept));
}
END_TEST

START_TEST(a_hello_without_an_address_changes_nothing)
{
	edge.commands.port = 0;
	seal_hello(&edge, edge.name);
	check_refused();
	check_dropped(EVENT_DROP_MALFORMED);
}
END_TEST

START_TEST(a_node_can_speak_in_its_own_session_alone)
{
	struct far core;

	get_ready(&edge);
	far_init(&core, "core", "[2001:db8::7]:7448");
	core.epoch = 0xe2;
	get_ready(&core);
	ck_assert_str_eq(fake_url, "tcp://[2001:db8::7]:7448");
	/* It knows the other's epochs: they stand in clear. */
	core.session.ours = edge.epoch;
	core.session.theirs = edge.session_epoch;
	core.epoch = edge.epoch;
	core.session_epoch = edge.session_epoch;
	seal_event(&core, beat_msg());
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
	seal_session_end(&core.session);
}
END_TEST

START_TEST(an_event_of_an_earlier_session_changes_nothing)
{
	uint8_t old[128];
	size_t old_len;

	get_ready(&edge);
	seal_event(&edge, ready_msg());
	old_len = env_len;
	memcpy(old, env, old_len);
	fake_advance(c, 2500); /* the next WELCOME names another session */
	get_ready(&edge);
	memcpy(env, old, old_len);
	env_len = old_len;
	check_refused();
	check_dropped(EVENT_DROP_STALE);
}
END_TEST

START_TEST(the_counter_of_commands_goes_on_from_session_to_session)
{
	uint64_t before;

	get_ready(&edge);
	before = c->nodes.first->seal.session.counter;
	get_ready(&edge);
	ck_assert_uint_eq(c->counters.counts[COUNT_SESSIONS], 2);
	ck_assert_uint_gt(c->nodes.first->seal.session.counter, before);
}
END_TEST

START_TEST(an_event_of_an_earlier_key_changes_nothing)
{
	struct seal_session old = {0};

	get_ready(&edge);
	ck_assert_int_eq(seal_session_begin(&old, &edge.link, SEAL_AT_NODE,
			     edge.epoch, edge.session_epoch + 1),
	    0);
	old.theirs = edge.session_epoch;
	old.counter = 100;
	seal_session_end(&edge.session);
	edge.session = old;
	seal_event(&edge, beat_msg());
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
}
END_TEST

START_TEST(a_repeat_changes_nothing)
{
	get_ready(&edge);
	seal_event(&edge, beat_msg());
	receive();
	ck_assert_uint_eq(dropped(), 0);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_REPEATED);
}
END_TEST

START_TEST(a_ready_said_again_changes_nothing)
{
	get_ready(&edge);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_REPEATED);
}
END_TEST

START_TEST(a_ready_of_a_session_that_is_over_changes_nothing)
{
	get_ready(&edge);
	fake_advance(c, IPC_LOST_MS + 300);
	ck_assert_uint_eq(c->nodes.first->session, 0);
	check_refused();
	check_dropped(EVENT_DROP_STALE);
}
END_TEST

START_TEST(what_comes_late_is_taken_while_the_window_reaches)
{
	uint8_t late[2][2048];
	size_t len;

	get_ready(&edge);
	for (int i = 0; i < 2; i++) {
		seal_event(&edge, beat_msg());
		memcpy(late[i], env, env_len);
	}
	len = env_len;
	/* The newest is a window minus 1 ahead of late[1], so one more of
	 * late[0]. */
	edge.session.counter += REPLAY_WINDOW - 2;
	seal_event(&edge, beat_msg());
	receive();
	memcpy(env, late[1], len);
	env_len = len;
	receive();
	ck_assert_uint_eq(dropped(), 0);
	memcpy(env, late[0], len);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_REPEATED);
}
END_TEST

START_TEST(a_hello_said_again_ends_no_session)
{
	uint8_t old[512];
	size_t old_len;

	seal_hello(&edge, edge.name);
	old_len = env_len;
	memcpy(old, env, old_len);
	get_ready(&edge);
	memcpy(edge.phase, "the next phase.", SEAL_PHASE_LEN);
	memcpy(env, old, old_len);
	env_len = old_len;
	receive();
	ck_assert_uint_eq(c->nodes.first->session, edge.session_epoch);
	ck_assert(!take_welcome(&edge)); /* it is for the phase before */
	seal_event(&edge, beat_msg());
	receive();
	ck_assert_uint_eq(c->nodes.first->n_pending, 7);
	ck_assert_uint_eq(dropped(), 0);
}
END_TEST

START_TEST(another_address_moves_no_session)
{
	get_ready(&edge);
	fake_advance(c, 2000);
	fake_forget_commands();
	ck_assert_int_eq(addr_parse(&edge.commands, "192.0.2.8:7448"), 0);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 1);
	fake_no_command();
	check_dropped(EVENT_DROP_NODE_ELSEWHERE);
	fake_advance(c, IPC_LOST_MS);
	ck_assert_uint_eq(c->nodes.first->session, 0);
	fake_forget_commands();
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
	ck_assert_str_eq(fake_url, "tcp://192.0.2.8:7448");
	ck_assert(take_welcome(&edge));
}
END_TEST

START_TEST(two_addresses_take_turns_slowly)
{
	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	ck_assert_int_eq(addr_parse(&edge.commands, "192.0.2.8:7448"), 0);
	fake_advance(c, NODE_LINK_MOVE_MS - 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 1);
	fake_no_command();
	fake_advance(c, 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
	ck_assert(take_welcome(&edge));
}
END_TEST

START_TEST(a_link_that_brings_no_session_is_made_anew)
{
	say_hello(&edge);
	fake_advance(c, NODE_LINK_RENEW_MS - 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 1);
	fake_advance(c, 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
	fake_forget_commands();
	fake_advance(c, NODE_LINK_RENEW_MS - 50);
	get_ready(&edge);
	say_hello(&edge);
	fake_advance(c, NODE_LINK_RENEW_MS);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("seals");
	TCase *tc = tcase_create("seals");
	SRunner *runner = srunner_create(s);
	int failures;

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_node_is_welcomed_and_commanded_sealed);
	tcase_add_test(tc, a_hello_that_is_not_whole_changes_nothing);
	tcase_add_test(tc, a_ready_that_is_not_whole_changes_nothing);
	tcase_add_loop_test(
	    tc, an_event_that_is_not_whole_changes_nothing, 0, IPC_N_SAMPLES);
	tcase_add_loop_test(
	    tc, what_is_not_sealed_changes_nothing, 0, IPC_N_SAMPLES);
	tcase_add_test(tc, a_hello_under_another_key_changes_nothing);
	tcase_add_test(tc, a_hello_in_anothers_name_changes_nothing);
	tcase_add_test(tc, a_hello_that_names_another_within_changes_nothing);
	tcase_add_test(tc, a_name_that_is_not_listed_changes_nothing);
	tcase_add_test(
	    tc, an_address_outside_the_names_networks_changes_nothing);
	tcase_add_test(
	    tc, a_session_that_would_be_accepted_elsewhere_is_not_begun);
	tcase_add_test(tc, a_session_is_begun_with_an_address_of_its_networks);
	tcase_add_test(tc, strangers_hide_no_node_that_has_the_wrong_key);
	tcase_add_test(tc, a_hello_without_an_address_changes_nothing);
	tcase_add_test(tc, a_node_can_speak_in_its_own_session_alone);
	tcase_add_test(tc, an_event_of_an_earlier_session_changes_nothing);
	tcase_add_test(
	    tc, the_counter_of_commands_goes_on_from_session_to_session);
	tcase_add_test(tc, an_event_of_an_earlier_key_changes_nothing);
	tcase_add_test(tc, a_repeat_changes_nothing);
	tcase_add_test(tc, a_ready_said_again_changes_nothing);
	tcase_add_test(tc, a_ready_of_a_session_that_is_over_changes_nothing);
	tcase_add_test(tc, what_comes_late_is_taken_while_the_window_reaches);
	tcase_add_test(tc, a_hello_said_again_ends_no_session);
	tcase_add_test(tc, another_address_moves_no_session);
	tcase_add_test(tc, two_addresses_take_turns_slowly);
	tcase_add_test(tc, a_link_that_brings_no_session_is_made_anew);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
