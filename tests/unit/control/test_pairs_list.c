/* Nodes' lists of their pairs, and what they are believed. */
#include "tests/unit/control/world.h"

START_TEST(pairs_of_an_earlier_control_are_charged_to_their_client)
{
	uint8_t tags[2 * IPC_TAG_LEN];

	tag_of(tags, PAIR_CALL, 1, 7);
	tag_of(tags + IPC_TAG_LEN, PAIR_CALL, 2, 7);
	list(&a, tags, 2);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 2);
	ck_assert_uint_eq(node_of(&a)->n_pairs, 2);
	ck_assert_uint_eq(counted(COUNT_PAIRS_ADOPTED), 2);
	fake_pair_end(c, &a, tags);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
}
END_TEST

START_TEST(client_that_registers_finds_its_earlier_pairs_charged)
{
	uint8_t tag[IPC_TAG_LEN];

	c->config.max_relays_per_client = 1;
	tag_of(tag, PAIR_CALL, 1, 7);
	list(&a, tag, 1);
	ck_assert(!is_registered(7));
	fake_forget_commands();
	fake_client(c, &a, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 1);
	fake_pair_end(c, &a, tag);
	fake_open(c, &a, 2, 1, fake_digest(7));
	ck_assert_uint_eq(counted(COUNT_CALLS), 1);
}
END_TEST

START_TEST(list_in_parts_ends_pairs_at_its_last_part_alone)
{
	uint8_t one[IPC_TAG_LEN], two[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(one, 1, 7);
	make_pair(two, 3, 7);
	ask_pairs(&a);
	fake_pair_list(c, &a, one, 1, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 2);
	list(&a, NULL, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	/* The other, and the pair below the client's control stream. */
	ck_assert_uint_eq(counted(COUNT_PAIRS_MISSING), 2);
}
END_TEST

START_TEST(pair_commanded_after_the_ask_is_not_missed_in_its_list)
{
	uint8_t before[IPC_TAG_LEN], after[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(before, 1, 7);
	ask_pairs(&a);
	make_pair(after, 3, 7); /* on its way while the list is */
	list(&a, NULL, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_pair_end(c, &a, before); /* it comes late, for nobody */
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	fake_pair_end(c, &a, after);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
}
END_TEST

START_TEST(pair_whose_end_comes_before_its_list_is_not_charged_again)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	ask_pairs(&a);
	fake_pair_end(c, &a, tag);
	list(&a, NULL, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
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
	ck_assert_ptr_null(client_of(7));
	ck_assert_uint_eq(dropped(EVENT_DROP_LIST_OLD), 1);
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
	list(&a, tags, 4);
	ck_assert_uint_eq(dropped(EVENT_DROP_TAG_BAD), 4);
	ck_assert_ptr_null(client_of(7));
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

START_TEST(pairs_in_all_are_bounded)
{
	uint8_t tags[3 * IPC_TAG_LEN];

	c->pairs.by_tag.max = 2;
	for (uint8_t i = 0; i < 3; i++)
		tag_of(tags + i * IPC_TAG_LEN, PAIR_CALL, i, 7);
	fake_pair_list(c, &a, tags, 2, 0);
	ck_assert_uint_eq(dropped(EVENT_DROP_PAIR_LIMIT), 0);
	list(&a, tags, 3);
	ck_assert_uint_eq(dropped(EVENT_DROP_PAIR_LIMIT), 1);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 2);
}
END_TEST

/* All of one client, or each of its own. */
static void
list_pairs(unsigned n, bool has_one_client)
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
			if (!has_one_client)
				memcpy(tag + TAG_PREFIX, tag + 5, 3);
		}
		fake_pair_list(c, &a, tags, (uint16_t)part,
		    i == n ? IPC_PAIR_LIST_LAST : 0);
	}
}

static void
list_many(unsigned n)
{
	list_pairs(n, true);
}

START_TEST(pairs_that_one_node_names_are_bounded)
{
	list_many(PAIRS_ADOPTED_PER_NODE_MAX);
	ck_assert_uint_eq(dropped(EVENT_DROP_PAIR_LIMIT), 0);
	list_many(PAIRS_ADOPTED_PER_NODE_MAX + 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_PAIR_LIMIT), 1);
	ck_assert_uint_eq(node_of(&a)->n_pairs, PAIRS_ADOPTED_PER_NODE_MAX);
	ask_pairs(&a);
	list_many(1); /* the others end, and give their places */
	list_many(2);
	ck_assert_uint_eq(node_of(&a)->n_adopted, 2);
}
END_TEST

START_TEST(clients_that_a_node_names_leave_room_for_those_that_come)
{
	uint8_t tag[IPC_TAG_LEN];

	list_pairs(PAIRS_ADOPTED_PER_NODE_MAX, false);
	ck_assert_uint_eq(node_of(&a)->n_pairs, PAIRS_ADOPTED_PER_NODE_MAX);
	ck_assert_uint_eq(c->registry.clients.n, REGISTRY_LISTED_MAX);
	(void)fake_client(c, &b, 9);
	ck_assert(is_registered(9));
	tag_of(tag, PAIR_CALL, 1, 7);
	list(&b, tag, 1);
	ck_assert_uint_eq(node_of(&b)->n_pairs, 2); /* 9's stream is one */
	ck_assert_ptr_null(client_of(7)); /* nobody is charged for it */
	fake_pair_end(c, &b, tag);
	ck_assert_uint_eq(node_of(&b)->n_pairs, 1);
}
END_TEST

START_TEST(node_names_no_more_pairs_than_its_beat_says)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	beat.u.node_beat.n_pairs = 3;
	fake_send(c, &a, beat);
	list_many(4);
	ck_assert_uint_eq(node_of(&a)->n_pairs, 3);
	ck_assert_uint_eq(dropped(EVENT_DROP_PAIR_LIMIT), 1);
	fake_forget_commands();
	fake_ready(c, &a); /* and has said nothing in this session */
	list_many(4);
	ck_assert_uint_eq(node_of(&a)->n_pairs, 4);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("pairs_list", two_nodes);

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
	tcase_add_test(
	    t, clients_that_a_node_names_leave_room_for_those_that_come);
	tcase_add_test(t, node_names_no_more_pairs_than_its_beat_says);
	return suite_run("pairs_list", (TCase *[]){t, NULL});
}
