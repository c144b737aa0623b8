/* Pairs' ends: who may tell of them, and what is kept of them. */
#include "tests/unit/control/world.h"

START_TEST(node_can_not_touch_the_pairs_of_another)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	fake_pair_end(c, &b, tag);
	list(&b, tag, 1);
	fake_pair_refused(c, &b, tag, 0, IPC_GONE_B);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_TAG_UNKNOWN), 3);
	ck_assert_uint_eq(node_of(&b)->n_pairs, 0);
}
END_TEST

START_TEST(end_of_a_pair_that_nobody_knew_counts_its_bytes)
{
	uint8_t tag[IPC_TAG_LEN];

	tag_of(tag, PAIR_CALL, 1, 7);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(counted(COUNT_BYTES), 30);
	ck_assert_uint_eq(c->counters.pairs_ended[REASON_FINISHED], 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_TAG_UNKNOWN), 0);
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
	ck_assert_uint_eq(fake_log_count("pair-ended"), PAIRS_RECORDS_BURST);
	fake_advance(c, 1000);
	for (unsigned i = 0; i < 2 * PAIRS_RECORDS_PER_S; i++)
		fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(fake_log_count("pair-ended"),
	    PAIRS_RECORDS_BURST + PAIRS_RECORDS_PER_S);
}
END_TEST

START_TEST(pair_that_was_given_up_has_its_one_record)
{
	uint8_t tag[IPC_TAG_LEN];
	unsigned before;

	fake_client(c, &a, 7);
	make_pair(tag, 1, 7);
	list(&a, NULL, 0);
	ck_assert_uint_eq(
	    fake_log_count("pair-ended"), 0); /* it is younger than the ask */
	ask_pairs(&a);
	list(&a, tag, 1);
	before = fake_log_count("pair-ended"); /* the control stream's */
	ask_pairs(&a);
	list(&a, NULL, 0);
	ck_assert_uint_eq(fake_log_count("pair-ended"), before + 1);
	fake_pair_end(c, &a, tag);
	ck_assert_uint_eq(fake_log_count("pair-ended"), before + 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_TAG_UNKNOWN), 1);
}
END_TEST

START_TEST(goodbye_ends_the_pairs_of_the_node)
{
	uint8_t tag[IPC_TAG_LEN];

	fake_client(c, &b, 7);
	make_pair(tag, 1, 7);
	fake_bye(c, &a);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
	ck_assert_uint_eq(c->pairs.n_streams, 1); /* on the other node */
}
END_TEST

START_TEST(call_that_can_not_be_paired_for_want_of_room_is_dropped)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	fake_forget_commands();
	c->pairs.by_tag.max = c->pairs.by_tag.n;
	fake_open(c, &a, 2, 2, token);
	(void)fake_command(IPC_CONN_DROP);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(client_of(7)->quota.callers.n_pending, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
	ck_assert_uint_eq(calls_ended(CALL_END_RESOURCES), 1);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("pairs", two_nodes);

	tcase_add_test(t, node_can_not_touch_the_pairs_of_another);
	tcase_add_test(t, end_of_a_pair_that_nobody_knew_counts_its_bytes);
	tcase_add_test(t, ends_that_nobody_knew_have_few_records_a_second);
	tcase_add_test(t, pair_that_was_given_up_has_its_one_record);
	tcase_add_test(t, goodbye_ends_the_pairs_of_the_node);
	tcase_add_test(
	    t, call_that_can_not_be_paired_for_want_of_room_is_dropped);
	return suite_run("pairs", (TCase *[]){t, NULL});
}
