#include "proto/batch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define MSG_MAX 100

static uint8_t buf[BATCH_CAP + 1];
static struct wire_writer w;
static size_t n_msgs;

static void
set_up(void)
{
	wire_writer_init(&w, buf, sizeof buf);
	n_msgs = 0;
}

/* A message of len times its own number. */
static void
put(size_t len)
{
	uint8_t msg[BATCH_CAP];

	memset(msg, (int)n_msgs++, sizeof msg);
	wire_put_vec(&w, msg, len);
	ck_assert(!w.bad);
}

static enum parse_result
check(void)
{
	return batch_check(buf, w.len, MSG_MAX);
}

START_TEST(messages_stand_in_their_order_behind_their_lengths)
{
	static const uint8_t bytes[] = {0, 3, 0, 0, 0, 0, 1, 1, 0, 2, 2, 2};
	struct wire_reader r;
	size_t len;

	put(3);
	put(1);
	put(2);
	ck_assert_uint_eq(w.len, sizeof bytes);
	ck_assert_mem_eq(buf, bytes, sizeof bytes);
	ck_assert_int_eq(check(), PARSE_OK);
	wire_reader_init(&r, buf, w.len);
	ck_assert_ptr_eq(wire_get_vec(&r, MSG_MAX, &len), buf + 2);
	ck_assert_uint_eq(len, 3);
	ck_assert_ptr_eq(wire_get_vec(&r, MSG_MAX, &len), buf + 7);
	ck_assert_uint_eq(len, 1);
	ck_assert_ptr_eq(wire_get_vec(&r, MSG_MAX, &len), buf + 10);
	ck_assert_uint_eq(len, 2);
	ck_assert(wire_done(&r));
}
END_TEST

START_TEST(one_cut_short_is_whole_between_messages_alone)
{
	bool is_whole[64] = {false};

	for (size_t i = 0; i < 3; i++) {
		put(9 - 4 * i);
		is_whole[w.len] = true;
	}
	for (size_t len = 0; len <= w.len; len++) {
		uint8_t *part = malloc(len + 1); /* so that ASan sees its end */

		memcpy(part, buf, len);
		ck_assert_int_eq(batch_check(part, len, MSG_MAX),
		    is_whole[len] ? PARSE_OK : PARSE_MORE);
		free(part);
	}
}
END_TEST

START_TEST(an_empty_message_is_bad_wherever_it_stands)
{
	for (size_t i = 0; i < 3; i++) {
		set_up();
		for (size_t j = 0; j < 3; j++)
			put(i == j ? 0 : 5);
		ck_assert_int_eq(check(), PARSE_BAD);
	}
}
END_TEST

START_TEST(a_message_has_a_greatest_length)
{
	static const enum parse_result results[] = {
	    PARSE_OK, PARSE_OK, PARSE_BAD};

	for (size_t i = 0; i < 3; i++) {
		set_up();
		put(1);
		put(MSG_MAX - 1 + i);
		ck_assert_int_eq(check(), results[i]);
	}
	ck_assert_int_eq(batch_check(buf, 5, MSG_MAX), PARSE_BAD);
}
END_TEST

START_TEST(it_holds_no_more_than_so_many_messages)
{
	while (n_msgs < BATCH_MSGS_MAX) {
		ck_assert(batch_has_room(w.len, n_msgs, 1));
		put(1);
		ck_assert_int_eq(check(), PARSE_OK);
	}
	ck_assert(!batch_has_room(w.len, n_msgs, 1));
	put(1);
	ck_assert_int_eq(check(), PARSE_BAD);
}
END_TEST

START_TEST(it_holds_no_more_than_so_many_bytes)
{
	const size_t half = BATCH_CAP / 2 - BATCH_HEAD_LEN;

	put(half);
	ck_assert(batch_has_room(w.len, 1, half - 1));
	ck_assert(batch_has_room(w.len, 1, half));
	ck_assert(!batch_has_room(w.len, 1, half + 1));
	put(half);
	ck_assert_uint_eq(w.len, BATCH_CAP);
	ck_assert_int_eq(batch_check(buf, w.len, half), PARSE_OK);
	ck_assert(!batch_has_room(w.len, 2, 1));
	ck_assert_int_eq(batch_check(buf, w.len + 1, half), PARSE_BAD);
}
END_TEST

START_TEST(the_longest_message_has_a_batch_to_itself)
{
	ck_assert(batch_has_room(0, 0, BATCH_MSG_MAX));
	put(BATCH_MSG_MAX);
	ck_assert_int_eq(batch_check(buf, w.len, BATCH_MSG_MAX), PARSE_OK);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("batch");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, messages_stand_in_their_order_behind_their_lengths);
	tcase_add_test(tc, one_cut_short_is_whole_between_messages_alone);
	tcase_add_test(tc, an_empty_message_is_bad_wherever_it_stands);
	tcase_add_test(tc, a_message_has_a_greatest_length);
	tcase_add_test(tc, it_holds_no_more_than_so_many_messages);
	tcase_add_test(tc, it_holds_no_more_than_so_many_bytes);
	tcase_add_test(tc, the_longest_message_has_a_batch_to_itself);
	return suite_run("batch", (TCase *[]){tc, NULL});
}
