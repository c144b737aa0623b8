/* Nodes that drain, and nodes that are lost. */
#include <check.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "control/admin_drain.h"
#include "control/arrival.h"
#include "control/drain.h"
#include "control/metrics.h"
#include "control/status.h"
#include "tests/unit/control/fake.h"

static struct control *c;
static struct fake_node a, b;
static struct http_answer answer;

static void
set_up(void)
{
	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	b = (struct fake_node){.name = "b", .epoch = 0xb1};
	fake_ready(c, &a);
	fake_ready(c, &b);
	answer.body = evbuffer_new();
	ck_assert_ptr_nonnull(answer.body);
}

static void
tear_down(void)
{
	evbuffer_free(answer.body);
	fake_free(c);
}

static struct node *
node_of(const struct fake_node *n)
{
	return table_find(&c->nodes.by_session, &n->session);
}

static struct client *
client(uint8_t byte)
{
	return fake_find(c, &frontend_tx3, byte);
}

static uint64_t
notices(void)
{
	return c->counters.counts[COUNT_NOTICES];
}

static void
beat(const struct fake_node *n, uint8_t flags, uint32_t drain_ms)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	m.u.node_beat.flags = flags;
	m.u.node_beat.drain_ms = drain_ms;
	m.u.node_beat.n_pairs = node_of(n)->n_pairs;
	fake_send(c, n, m);
}

/* Time goes by, and both nodes live. */
static void
pass(uint64_t ms)
{
	for (; ms >= 1000; ms -= 1000) {
		fake_advance(c, 1000);
		if (node_of(&a) != NULL)
			beat(&a, 0, 0);
		if (node_of(&b) != NULL)
			beat(&b, 0, 0);
	}
	fake_advance(c, ms);
}

/* A pair of a peer at a with the client of that byte. */
static void
make_pair(uint8_t tag[IPC_TAG_LEN], uint64_t conn, uint8_t byte)
{
	uint8_t token[TX3_TOKEN_LEN];
	struct ipc_msg m;

	fake_open(c, &a, conn, (uint8_t)conn, fake_digest(byte));
	memcpy(token, fake_written, sizeof token);
	fake_forget_commands();
	fake_open(c, &a, conn + 1, 2, token);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_int_eq(m.u.conn_pair.limits.on_drain, IPC_DRAIN_WAITS);
	memcpy(tag, m.u.conn_pair.tag, IPC_TAG_LEN);
}

static void
list(const struct fake_node *n, const uint8_t *tag, uint16_t n_tags)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};

	m.u.pair_list.ask = node_of(n)->ask;
	m.u.pair_list.flags = IPC_PAIR_LIST_LAST;
	m.u.pair_list.n_tags = n_tags;
	m.u.pair_list.tags = tag;
	fake_send(c, n, m);
}

START_TEST(streams_over_a_node_that_drains_end_and_no_others)
{
	fake_client(c, &a, 7);
	fake_client(c, &a, 8);
	fake_client(c, &b, 9);
	beat(&a, 0, 0);
	ck_assert_uint_eq(c->counters.streams_ended[STREAM_END_DRAINED], 0);
	beat(&a, IPC_NODE_DRAINS, 60000);
	ck_assert_uint_eq(c->counters.streams_ended[STREAM_END_DRAINED], 2);
	ck_assert_ptr_null(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(7)));
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(9)));
	beat(&a, IPC_NODE_DRAINS, 59000);
	ck_assert_uint_eq(c->counters.streams_ended[STREAM_END_DRAINED], 2);
}
END_TEST

START_TEST(stream_that_is_held_at_such_a_node_ends_too)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	beat(&a, IPC_NODE_DRAINS, 60000);
	ck_assert_uint_eq(c->counters.streams_ended[STREAM_END_DRAINED], 1);
	(void)fake_command(IPC_CONN_DROP);
}
END_TEST

START_TEST(pair_of_a_control_stream_is_none_that_a_drain_waits_for)
{
	struct ipc_msg m;

	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_open_local(c, &a, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_int_eq(m.u.conn_pair.limits.on_drain, IPC_DRAIN_ENDS);
}
END_TEST

START_TEST(new_stream_over_such_a_node_is_refused)
{
	beat(&a, IPC_NODE_DRAINS, 60000);
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(c->counters.refused[REFUSAL_DRAINING], 1);
	fake_open(c, &b, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

START_TEST(peer_at_such_a_node_may_still_be_paired_there)
{
	uint8_t token[TX3_TOKEN_LEN];

	fake_client(c, &a, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	(void)fake_command(IPC_CONN_HOLD);
	memcpy(token, fake_written, sizeof token);
	beat(&a, IPC_NODE_DRAINS, 60000);
	fake_open(c, &a, 2, 2, token); /* it was on its way */
	(void)fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(client_that_comes_back_is_told_again_of_who_waits)
{
	uint8_t token[TX3_TOKEN_LEN];

	fake_client(c, &a, 7);
	fake_open(c, &b, 1, 1, fake_digest(7));
	memcpy(token, fake_written, sizeof token);
	ck_assert_uint_eq(notices(), 1);
	beat(&a, IPC_NODE_DRAINS, 60000);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 1);
	fake_forget_commands();
	fake_client(c, &b, 7);
	ck_assert_uint_eq(notices(), 2);
	ck_assert_mem_eq(fake_written, token, sizeof token);
	fake_open(c, &b, 2, 2, token);
	(void)fake_command(IPC_CONN_PAIR);
	fake_client(c, &b, 7); /* replaces: nobody waits, nobody is told of */
	ck_assert_uint_eq(notices(), 2);
}
END_TEST

START_TEST(call_that_waits_for_its_turn_is_announced_at_the_next_stream)
{
	c->config.max_relays_per_client = 4; /* one of a source at a time */
	fake_client(c, &a, 7);
	fake_open(c, &b, 1, 1, fake_digest(7));
	fake_open(c, &b, 2, 1, fake_digest(7));
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 1);
	beat(&a, IPC_NODE_DRAINS, 60000);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 1);
	ck_assert_uint_eq(c->early.n, 1);
	fake_forget_commands();
	fake_client(c, &b, 7);
	ck_assert_uint_eq(c->early.n, 0);
	fake_gone(c, &b, 1);
	fake_advance(c, 50);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 1);
	ck_assert_uint_eq(notices(), 3);
}
END_TEST

START_TEST(call_that_finds_no_room_among_the_early_ends)
{
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	fake_open(c, &b, 1, 1, fake_digest(7));
	fake_open(c, &b, 2, 1, fake_digest(7));
	c->early.n = EARLY_MAX;
	beat(&a, IPC_NODE_DRAINS, 60000);
	c->early.n -= EARLY_MAX;
	ck_assert_uint_eq(c->counters.calls_ended[CALL_END_CLIENT_GONE], 1);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], 1);
}
END_TEST

START_TEST(waiting_call_ends_when_its_client_does_not_come_back)
{
	c->config.max_relays_per_client = 4;
	fake_client(c, &a, 7);
	fake_open(c, &b, 1, 1, fake_digest(7));
	fake_open(c, &b, 2, 1, fake_digest(7));
	beat(&a, IPC_NODE_DRAINS, 60000);
	pass(EARLY_MS + 100);
	ck_assert_uint_eq(c->counters.calls_ended[CALL_END_NO_CLIENT], 1);
	pass(c->config.connection_timeout_ms);
	ck_assert_uint_eq(c->counters.calls_ended[CALL_END_EXPIRED], 1);
	ck_assert_ptr_null(client(7));
}
END_TEST

START_TEST(caller_who_comes_before_the_client_is_back_is_held)
{
	fake_client(c, &a, 7);
	beat(&a, IPC_NODE_DRAINS, 60000);
	fake_forget_commands();
	fake_open(c, &b, 1, 1, fake_digest(7));
	(void)fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(notices(), 0);
	fake_client(c, &b, 7);
	fake_advance(c, 50);
	ck_assert_uint_eq(notices(), 1);
}
END_TEST

START_TEST(next_session_of_a_node_begins_without_a_drain)
{
	beat(&a, IPC_NODE_DRAINS, 60000);
	ck_assert(node_of(&a)->drains);
	ck_assert_uint_eq(drain_left_ms(c, node_of(&a)), 60000);
	fake_advance(c, 100);
	ck_assert_uint_eq(drain_left_ms(c, node_of(&a)), 59900);
	a.epoch = 0xa2;
	a.seq = 0;
	fake_ready(c, &a);
	ck_assert(!node_of(&a)->drains);
	ck_assert_uint_eq(drain_left_ms(c, node_of(&a)), 0);
}
END_TEST

START_TEST(drain_is_sent_to_a_node_that_has_a_session)
{
	struct node *node = node_of(&a);

	fake_forget_commands();
	ck_assert_int_eq(drain_ask(c, node, 5000), 0);
	ck_assert_uint_eq(fake_command(IPC_DRAIN).u.drain.timeout_ms, 5000);
	ck_assert(!node->drains); /* its beat will say so */
	fake_disconnected = true;
	fake_advance(c, NODES_TICK_MS);
	ck_assert_int_eq(drain_ask(c, node, 5000), -1);
}
END_TEST

/* What an operator posts, and the code of the answer; text: a part of it. */
static int
post(const char *path, const char *query, const char *text)
{
	struct http_request r = {.method = HTTP_POST};
	char got[512];
	ev_ssize_t len;

	(void)strcpy(r.path, path);
	(void)strcpy(r.query, query);
	answer.code = 200;
	admin_post(c, &r, &answer);
	len = evbuffer_remove(answer.body, got, sizeof got - 1);
	ck_assert_int_ge(len, 0);
	got[len] = '\0';
	ck_assert_msg(strstr(got, text) != NULL, "%s", got);
	ck_assert_int_eq(got[len - 1], '\n');
	return answer.code;
}

START_TEST(operator_drains_a_node)
{
	fake_forget_commands();
	ck_assert_int_eq(post("/nodes/a/drain", "", "a drains"), 200);
	ck_assert_uint_eq(
	    fake_command(IPC_DRAIN).u.drain.timeout_ms, IPC_DRAIN_OWN_MS);
	ck_assert_int_eq(post("/nodes/b/drain", "timeout_ms=0", " 0 ms"), 200);
	ck_assert_uint_eq(fake_command(IPC_DRAIN).u.drain.timeout_ms, 0);
	ck_assert_int_eq(
	    post("/nodes/b/drain", "timeout_ms=86400000", "b drains"), 200);
	ck_assert_uint_eq(
	    fake_command(IPC_DRAIN).u.drain.timeout_ms, IPC_DRAIN_MAX_MS);
}
END_TEST

START_TEST(operator_is_told_which_nodes_there_are)
{
	fake_forget_commands();
	ck_assert_int_eq(post("/nodes/c/drain", "",
			     "no splice node is called c; there are b, a\n"),
	    404);
	fake_no_command();
	fake_disconnected = true;
	fake_advance(c, NODES_FORGET_MS + NODES_TICK_MS);
	ck_assert_int_eq(
	    post("/nodes/a/drain", "", "there are none at all\n"), 404);
	ck_assert_uint_eq(c->counters.counts[COUNT_ADMIN_REFUSED], 2);
}
END_TEST

START_TEST(operator_is_told_that_a_node_is_away)
{
	fake_disconnected = true;
	fake_advance(c, NODES_TICK_MS);
	ck_assert_int_eq(
	    post("/nodes/a/drain", "", "control hears nothing of a"), 409);
}
END_TEST

START_TEST(what_is_no_drain_is_refused)
{
	static const char *const PATHS[] = {"/", "/nodes/", "/nodes//drain",
	    "/nodes/a", "/nodes/a/drainx", "/node/a/drain", "/nodes/A/drain",
	    "/nodes/a/b/drain",
	    "/nodes/a234567890123456789012345678901234567890123456789/drain"};
	static const char *const QUERIES[] = {"timeout_ms=", "timeout_ms=x",
	    "timeout_ms=-1", "timeout_ms=86400001", "timeout_ms=100000000",
	    "timeout_ms=1&", "timeout=1", "x"};

	fake_forget_commands();
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		ck_assert_int_eq(post(PATHS[i], "", "/nodes/NAME/drain"), 404);
	for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++)
		ck_assert_int_eq(
		    post("/nodes/a/drain", QUERIES[i], "timeout_ms=0 to"), 400);
	fake_no_command();
}
END_TEST

static json_int_t
unknown_in_status(const char *state)
{
	json_t *status = status_new(c), *node, *nodes;
	json_int_t n = -1;
	size_t i;

	ck_assert_ptr_nonnull(status);
	nodes = json_object_get(status, "nodes");
	json_array_foreach(nodes, i, node)
	{
		if (strcmp(json_string_value(json_object_get(node, "name")),
			"a") != 0)
			continue;
		ck_assert_str_eq(
		    json_string_value(json_object_get(node, "state")), state);
		n = json_integer_value(json_object_get(node, "unknown"));
	}
	json_decref(status);
	return n;
}

static bool
metrics_have(const char *sample)
{
	struct evbuffer *out = evbuffer_new();
	bool found;

	ck_assert_int_eq(metrics_write(c, out), 0);
	(void)evbuffer_add(out, "", 1);
	found = strstr((char *)evbuffer_pullup(out, -1), sample) != NULL;
	evbuffer_free(out);
	return found;
}

START_TEST(status_and_metrics_show_a_drain)
{
	ck_assert_int_eq(unknown_in_status("ready"), 0);
	ck_assert(metrics_have("\ncarrick_nodes_draining 0\n"));
	beat(&a, IPC_NODE_DRAINS, 60000);
	ck_assert_int_eq(unknown_in_status("draining"), 0);
	ck_assert(metrics_have("\ncarrick_nodes_draining 1\n"));
	ck_assert(metrics_have("\ncarrick_nodes 2\n"));
}
END_TEST

START_TEST(pairs_of_a_node_that_falls_silent_are_unknown_and_charged)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_advance(c, IPC_LOST_MS - 1);
	ck_assert_int_eq(unknown_in_status("ready"), 0);
	fake_advance(c, 1);
	ck_assert_int_eq(unknown_in_status("away"), 1);
	ck_assert_uint_eq(client(7)->n_unknown, 1);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	ck_assert(metrics_have("\ncarrick_pairs_unknown 2\n")); /* 7's too */
}
END_TEST

START_TEST(list_of_a_node_that_is_back_settles_what_is_unknown)
{
	uint8_t lives[IPC_TAG_LEN], ended[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(lives, 1, 7);
	make_pair(ended, 3, 7);
	fake_advance(c, IPC_LOST_MS);
	ck_assert_uint_eq(client(7)->n_unknown, 2);
	fake_forget_commands();
	fake_ready(c, &a);
	ck_assert_uint_eq(client(7)->n_unknown, 2); /* not by a hello */
	list(&a, lives, 1);
	ck_assert_uint_eq(client(7)->n_unknown, 0);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	ck_assert_uint_eq(c->pairs.n_unknown, 0);
	ck_assert_int_eq(unknown_in_status("ready"), 0);
}
END_TEST

START_TEST(what_is_unknown_for_ten_minutes_is_charged_no_longer)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_advance(c, NODES_FORGET_PAIRS_MS - NODES_TICK_MS);
	ck_assert_uint_eq(client(7)->n_unknown, 1);
	fake_advance(c, 2 * NODES_TICK_MS);
	ck_assert_uint_eq(c->pairs.n_unknown, 0);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(node_on_another_host_is_not_gone_because_its_link_is)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	c->nodes.dir[0] = '\0'; /* as with tcp:// */
	fake_disconnected = true;
	fake_advance(c, NODES_FORGET_PAIRS_MS - NODES_TICK_MS);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	fake_advance(c, 2 * NODES_TICK_MS);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(goodbye_leaves_nothing_unknown)
{
	struct ipc_msg m = {.type = IPC_NODE_BYE};
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	m.u.node_bye.reason = REASON_SHUTDOWN;
	fake_send(c, &a, m);
	ck_assert_uint_eq(c->pairs.n_unknown, 0);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("drain");
	TCase *t = tcase_create("drain");
	SRunner *runner = srunner_create(s);
	int failures;

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, streams_over_a_node_that_drains_end_and_no_others);
	tcase_add_test(t, stream_that_is_held_at_such_a_node_ends_too);
	tcase_add_test(
	    t, pair_of_a_control_stream_is_none_that_a_drain_waits_for);
	tcase_add_test(t, new_stream_over_such_a_node_is_refused);
	tcase_add_test(t, peer_at_such_a_node_may_still_be_paired_there);
	tcase_add_test(t, client_that_comes_back_is_told_again_of_who_waits);
	tcase_add_test(
	    t, call_that_waits_for_its_turn_is_announced_at_the_next_stream);
	tcase_add_test(t, call_that_finds_no_room_among_the_early_ends);
	tcase_add_test(t, waiting_call_ends_when_its_client_does_not_come_back);
	tcase_add_test(t, caller_who_comes_before_the_client_is_back_is_held);
	tcase_add_test(t, next_session_of_a_node_begins_without_a_drain);
	tcase_add_test(t, drain_is_sent_to_a_node_that_has_a_session);
	tcase_add_test(t, operator_drains_a_node);
	tcase_add_test(t, operator_is_told_which_nodes_there_are);
	tcase_add_test(t, operator_is_told_that_a_node_is_away);
	tcase_add_test(t, what_is_no_drain_is_refused);
	tcase_add_test(t, status_and_metrics_show_a_drain);
	tcase_add_test(
	    t, pairs_of_a_node_that_falls_silent_are_unknown_and_charged);
	tcase_add_test(t, list_of_a_node_that_is_back_settles_what_is_unknown);
	tcase_add_test(t, what_is_unknown_for_ten_minutes_is_charged_no_longer);
	tcase_add_test(t, node_on_another_host_is_not_gone_because_its_link_is);
	tcase_add_test(t, goodbye_leaves_nothing_unknown);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
