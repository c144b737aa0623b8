#include <check.h>
#include <string.h>

#include "control/node_session.h"
#include "tests/unit/control/fake.h"

static struct control *c;
static struct fake_node a, b;

static unsigned n_records; /* of pairs' ends */

void __wrap_log_info(const char *event, const char *fmt, ...) LOG_PRINTF;

void
__wrap_log_info(const char *event, const char *fmt, ...)
{
	(void)fmt;
	n_records += strcmp(event, "pair-ended") == 0;
}

static void
set_up(void)
{
	n_records = 0;
	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	b = (struct fake_node){.name = "b", .epoch = 0xb1};
	fake_ready(c, &a);
	fake_ready(c, &b);
}

static void
tear_down(void)
{
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

/* A tag as an earlier control would have made it. */
static void
tag_of(uint8_t tag[IPC_TAG_LEN], uint8_t kind, uint8_t serial, uint8_t byte)
{
	memset(tag, 0, IPC_TAG_LEN);
	tag[0] = kind;
	tag[1] = 1;
	tag[11] = serial;
	memset(tag + 12, byte, PAIR_PREFIX_LEN);
}

static void
list(const struct fake_node *n, const uint8_t *tags, uint16_t n_tags,
    uint8_t flags)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};

	m.u.pair_list.ask = node_of(n)->ask;
	m.u.pair_list.flags = flags;
	m.u.pair_list.n_tags = n_tags;
	m.u.pair_list.tags = tags;
	fake_send(c, n, m);
}

/* A pair of a peer with the client of that byte, commanded now. */
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
	memcpy(tag, m.u.conn_pair.tag, IPC_TAG_LEN);
}

START_TEST(pairs_of_an_earlier_control_are_charged_to_their_client)
{
	uint8_t tags[2 * IPC_TAG_LEN];

	tag_of(tags, PAIR_CALL, 1, 7);
	tag_of(tags + IPC_TAG_LEN, PAIR_CALL, 2, 7);
	list(&a, tags, 2, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(client(7)->quota.n_paired, 2);
	ck_assert_uint_eq(node_of(&a)->n_pairs, 2);
	ck_assert_uint_eq(c->counters.counts[COUNT_PAIRS_ADOPTED], 2);
	fake_pair_end(c, &a, tags);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(client_that_registers_finds_its_earlier_pairs_charged)
{
	uint8_t tag[IPC_TAG_LEN];

	c->config.max_relays_per_client = 1;
	tag_of(tag, PAIR_CALL, 1, 7);
	list(&a, tag, 1, IPC_PAIR_LIST_LAST);
	ck_assert_ptr_null(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(7)));
	fake_forget_commands();
	fake_client(c, &a, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	ck_assert_uint_eq(c->counters.refused[REFUSAL_LIMIT_CLIENT], 1);
	fake_pair_end(c, &a, tag);
	fake_open(c, &a, 2, 1, fake_digest(7));
	ck_assert_uint_eq(c->counters.counts[COUNT_CALLS], 1);
}
END_TEST

START_TEST(list_in_parts_ends_pairs_at_its_last_part_alone)
{
	uint8_t one[IPC_TAG_LEN], two[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(one, 1, 7);
	make_pair(two, 3, 7);
	node_ask_pairs(c, node_of(&a));
	list(&a, one, 1, 0);
	ck_assert_uint_eq(client(7)->quota.n_paired, 2);
	list(&a, NULL, 0, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	/* The other, and the pair below the client's control stream. */
	ck_assert_uint_eq(c->counters.counts[COUNT_PAIRS_MISSING], 2);
}
END_TEST

START_TEST(pair_commanded_after_the_ask_is_not_missed_in_its_list)
{
	uint8_t before[IPC_TAG_LEN], after[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(before, 1, 7);
	node_ask_pairs(c, node_of(&a));
	make_pair(after, 3, 7); /* on its way while the list is */
	list(&a, NULL, 0, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	fake_pair_end(c, &a, before); /* it comes late, for nobody */
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	fake_pair_end(c, &a, after);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(pair_whose_end_comes_before_its_list_is_not_charged_again)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	node_ask_pairs(c, node_of(&a));
	fake_pair_end(c, &a, tag);
	list(&a, NULL, 0, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(list_that_answers_no_ask_is_dropped)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};
	uint8_t tag[IPC_TAG_LEN];

	tag_of(tag, PAIR_CALL, 1, 7);
	m.u.pair_list.ask = node_of(&a)->ask + 1;
	m.u.pair_list.n_tags = 1;
	m.u.pair_list.tags = tag;
	fake_send(c, &a, m);
	ck_assert_ptr_null(client(7));
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_LIST_OLD], 1);
}
END_TEST

START_TEST(tags_that_control_never_made_are_dropped)
{
	uint8_t tags[4 * IPC_TAG_LEN];

	tag_of(tags, 0, 1, 7);
	tag_of(tags + IPC_TAG_LEN, 4, 1, 7);
	tag_of(tags + 2 * IPC_TAG_LEN, PAIR_CALL, 1, 7);
	tags[2 * IPC_TAG_LEN + 1] = 0;
	tag_of(tags + 3 * IPC_TAG_LEN, PAIR_CALL, 1, 7);
	tags[3 * IPC_TAG_LEN + 3] = 1;
	list(&a, tags, 4, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_TAG_BAD], 4);
	ck_assert_ptr_null(client(7));
}
END_TEST

START_TEST(node_can_not_touch_the_pairs_of_another)
{
	struct ipc_msg m = {.type = IPC_PAIR_REFUSED};
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_pair_end(c, &b, tag);
	list(&b, tag, 1, IPC_PAIR_LIST_LAST);
	memcpy(m.u.pair_refused.tag, tag, sizeof tag);
	m.u.pair_refused.seq = b.seq++;
	m.u.pair_refused.gone = IPC_GONE_B;
	fake_send(c, &b, m);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	ck_assert_uint_eq(
	    c->counters.events_dropped[EVENT_DROP_TAG_UNKNOWN], 3);
	ck_assert_uint_eq(node_of(&b)->n_pairs, 0);
}
END_TEST

START_TEST(end_of_a_pair_that_nobody_knew_counts_its_bytes)
{
	uint8_t tag[IPC_TAG_LEN];

	tag_of(tag, PAIR_CALL, 1, 7);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(c->counters.counts[COUNT_BYTES], 30);
	ck_assert_uint_eq(c->counters.pairs_ended[REASON_FINISHED], 1);
	ck_assert_uint_eq(
	    c->counters.events_dropped[EVENT_DROP_TAG_UNKNOWN], 0);
}
END_TEST

START_TEST(ends_that_nobody_knew_have_few_records_a_second)
{
	uint8_t tag[IPC_TAG_LEN];

	tag_of(tag, PAIR_CALL, 1, 7);
	for (unsigned i = 0; i < 2 * PAIRS_RECORDS_BURST; i++) {
		tag[4] = (uint8_t)(i >> 8);
		tag[5] = (uint8_t)i;
		fake_pair_end(c, &a, tag);
		fake_forget_commands();
	}
	ck_assert_uint_eq(n_records, PAIRS_RECORDS_BURST);
	fake_advance(c, 1000);
	for (unsigned i = 0; i < 2 * PAIRS_RECORDS_PER_S; i++)
		fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(n_records, PAIRS_RECORDS_BURST + PAIRS_RECORDS_PER_S);
}
END_TEST

START_TEST(pair_that_was_given_up_has_its_one_record)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	list(&a, NULL, 0, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(n_records, 0); /* it is younger than the ask */
	node_ask_pairs(c, node_of(&a));
	list(&a, tag, 1, IPC_PAIR_LIST_LAST);
	n_records = 0; /* that of the control stream's pair */
	node_ask_pairs(c, node_of(&a));
	list(&a, NULL, 0, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(n_records, 1);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(n_records, 1);
	ck_assert_uint_eq(
	    c->counters.events_dropped[EVENT_DROP_TAG_UNKNOWN], 1);
}
END_TEST

static void
list_many(unsigned n)
{
	static uint8_t tags[IPC_LIST_MAX * IPC_TAG_LEN];

	for (unsigned i = 0; i < n;) {
		unsigned part = n - i < IPC_LIST_MAX ? n - i : IPC_LIST_MAX;

		for (unsigned k = 0; k < part; k++, i++) {
			uint8_t *tag = tags + (size_t)k * IPC_TAG_LEN;

			tag_of(tag, PAIR_CALL, 0, 7);
			tag[5] = (uint8_t)(i >> 16);
			tag[6] = (uint8_t)(i >> 8);
			tag[7] = (uint8_t)i;
		}
		list(&a, tags, (uint16_t)part, i == n ? IPC_PAIR_LIST_LAST : 0);
	}
}

START_TEST(pairs_that_one_node_names_are_bounded)
{
	list_many(PAIRS_ADOPTED_PER_NODE_MAX);
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_PAIR_LIMIT], 0);
	list_many(PAIRS_ADOPTED_PER_NODE_MAX + 1);
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_PAIR_LIMIT], 1);
	ck_assert_uint_eq(node_of(&a)->n_pairs, PAIRS_ADOPTED_PER_NODE_MAX);
	node_ask_pairs(c, node_of(&a));
	list_many(1); /* the others end, and give their places */
	list_many(2);
	ck_assert_uint_eq(node_of(&a)->n_adopted, 2);
}
END_TEST

START_TEST(node_names_no_more_pairs_than_its_beat_says)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	beat.u.node_beat.n_pairs = 3;
	fake_send(c, &a, beat);
	list_many(4);
	ck_assert_uint_eq(node_of(&a)->n_pairs, 3);
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_PAIR_LIMIT], 1);
	fake_forget_commands();
	fake_ready(c, &a); /* and has said nothing in this session */
	list_many(4);
	ck_assert_uint_eq(node_of(&a)->n_pairs, 4);
}
END_TEST

START_TEST(three_beats_that_differ_in_a_row_ask_for_the_list)
{
	struct ipc_msg wrong = {.type = IPC_NODE_BEAT};
	struct ipc_msg right = {.type = IPC_NODE_BEAT};

	fake_forget_commands();
	wrong.u.node_beat.n_pairs = 5;
	fake_send(c, &a, wrong);
	fake_send(c, &a, wrong);
	fake_send(c, &a, right);
	fake_send(c, &a, wrong);
	fake_send(c, &a, wrong);
	fake_no_command();
	fake_send(c, &a, wrong);
	(void)fake_command(IPC_PAIR_LIST_ASK);
	fake_no_command();
}
END_TEST

START_TEST(pairs_live_on_when_their_session_does_not)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_forget_commands();
	fake_advance(c, 60000); /* its process may be stopped */
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	fake_ready(c, &a);
	list(&a, tag, 1, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(node_that_never_comes_back_gives_its_places_in_the_end)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_advance(c, NODES_FORGET_PAIRS_MS - 1000);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	fake_advance(c, 2000);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
	ck_assert_uint_eq(c->nodes.n, 0);
}
END_TEST

START_TEST(node_whose_socket_has_nobody_gives_its_places_within_seconds)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_disconnected = true;
	fake_advance(c, NODES_GONE_MS - 1);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	fake_advance(c, NODES_TICK_MS);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

/* For so long, somebody who is not the node says its name again and again. */
static void
advance_amid_hellos(uint64_t ms)
{
	struct fake_node liar = {.name = "a", .epoch = 0xbad};

	for (uint64_t step = 1000; ms > 0; ms -= step) {
		step = ms < step ? ms : step;
		fake_hello(c, &liar);
		fake_advance(c, step);
		fake_forget_commands();
	}
}

START_TEST(hellos_in_a_dead_nodes_name_keep_none_of_its_pairs)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_disconnected = true;
	advance_amid_hellos(NODES_GONE_MS + NODES_TICK_MS);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(hellos_in_a_silent_nodes_name_do_not_keep_its_pairs_for_ever)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	advance_amid_hellos(NODES_FORGET_PAIRS_MS - NODES_TICK_MS);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
	advance_amid_hellos(2 * NODES_TICK_MS);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(pairs_given_up_too_early_are_charged_again)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_disconnected = true;
	fake_advance(c, NODES_GONE_MS + NODES_TICK_MS);
	fake_disconnected = false;
	fake_ready(c, &a);
	list(&a, tag, 1, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(client(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(goodbye_ends_the_pairs_of_the_node)
{
	struct ipc_msg m = {.type = IPC_NODE_BYE};
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	m.u.node_bye.reason = REASON_SHUTDOWN;
	fake_send(c, &a, m);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
	ck_assert_uint_eq(c->pairs.n_streams, 1); /* on the other node */
}
END_TEST

START_TEST(pairs_in_all_are_bounded)
{
	uint8_t tags[3 * IPC_TAG_LEN];

	c->pairs.by_tag.max = 2;
	for (uint8_t i = 0; i < 3; i++)
		tag_of(tags + i * IPC_TAG_LEN, PAIR_CALL, i, 7);
	list(&a, tags, 2, 0);
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_PAIR_LIMIT], 0);
	list(&a, tags, 3, IPC_PAIR_LIST_LAST);
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_PAIR_LIMIT], 1);
	ck_assert_uint_eq(client(7)->quota.n_paired, 2);
}
END_TEST

START_TEST(call_that_can_not_be_paired_for_want_of_room_is_dropped)
{
	uint8_t token[TX3_TOKEN_LEN];

	fake_client(c, &a, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	memcpy(token, fake_written, sizeof token);
	fake_forget_commands();
	c->pairs.by_tag.max = c->pairs.by_tag.n;
	fake_open(c, &a, 2, 2, token);
	(void)fake_command(IPC_CONN_DROP);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(client(7)->quota.callers.n_pending, 0);
	ck_assert_uint_eq(client(7)->quota.n_paired, 0);
	ck_assert_uint_eq(c->counters.calls_ended[CALL_END_RESOURCES], 1);
}
END_TEST

static TCase *
lists(void)
{
	TCase *t = tcase_create("lists");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(
	    t, pairs_of_an_earlier_control_are_charged_to_their_client);
	tcase_add_test(
	    t, client_that_registers_finds_its_earlier_pairs_charged);
	tcase_add_test(t, list_in_parts_ends_pairs_at_its_last_part_alone);
	tcase_add_test(
	    t, pair_commanded_after_the_ask_is_not_missed_in_its_list);
	tcase_add_test(
	    t, pair_whose_end_comes_before_its_list_is_not_charged_again);
	tcase_add_test(t, list_that_answers_no_ask_is_dropped);
	tcase_add_test(t, tags_that_control_never_made_are_dropped);
	tcase_add_test(t, three_beats_that_differ_in_a_row_ask_for_the_list);
	tcase_add_test(t, pairs_in_all_are_bounded);
	tcase_add_test(t, pairs_that_one_node_names_are_bounded);
	tcase_add_test(t, node_names_no_more_pairs_than_its_beat_says);
	return t;
}

static TCase *
ends(void)
{
	TCase *t = tcase_create("ends");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, node_can_not_touch_the_pairs_of_another);
	tcase_add_test(t, end_of_a_pair_that_nobody_knew_counts_its_bytes);
	tcase_add_test(t, ends_that_nobody_knew_have_few_records_a_second);
	tcase_add_test(t, pair_that_was_given_up_has_its_one_record);
	tcase_add_test(t, pairs_live_on_when_their_session_does_not);
	tcase_add_test(
	    t, node_that_never_comes_back_gives_its_places_in_the_end);
	tcase_add_test(
	    t, node_whose_socket_has_nobody_gives_its_places_within_seconds);
	tcase_add_test(t, hellos_in_a_dead_nodes_name_keep_none_of_its_pairs);
	tcase_add_test(
	    t, hellos_in_a_silent_nodes_name_do_not_keep_its_pairs_for_ever);
	tcase_add_test(t, pairs_given_up_too_early_are_charged_again);
	tcase_add_test(t, goodbye_ends_the_pairs_of_the_node);
	tcase_add_test(
	    t, call_that_can_not_be_paired_for_want_of_room_is_dropped);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("pairs");
	SRunner *runner;
	int failures;

	suite_add_tcase(s, lists());
	suite_add_tcase(s, ends());
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
