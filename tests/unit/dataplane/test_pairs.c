/* What control is told of pairs that it asks after. */
#include <check.h>
#include <string.h>

#include "common/fd.h"
#include "tests/unit/dataplane/fixture.h"
#include "tests/unit/suite.h"

START_TEST(pairs_outlive_control_and_are_listed)
{
	struct ipc_msg m, ask = {.type = IPC_PAIR_LIST_ASK};
	const struct ipc_pair_list *list;
	int a, b;
	char c;

	(void)fixture_session(NULL);
	m = fixture_pair(
	    fixture_open(&a, false, "a"), fixture_open(&b, false, "b"));
	fixture_command(&m);
	fixture_lose();
	sockets_put(a, "z", 1);
	fixture_rounds(10);
	ck_assert_int_eq(sockets_get(b, &c, 1), 1);
	fixture_welcome(NEXT_SESSION);
	ask.from = NEXT_SESSION;
	ask.u.pair_list_ask.ask = 77;
	fixture_command(&ask);
	list = &fixture_event(IPC_PAIR_LIST, 0)->u.pair_list;
	ck_assert_uint_eq(list->ask, 77);
	ck_assert_int_eq(list->flags, IPC_PAIR_LIST_LAST);
	ck_assert_int_eq(list->n_tags, 1);
	ck_assert_int_eq(list->tags[0], 't');
	fd_close(&a);
	fd_close(&b);
	fixture_end();
}
END_TEST

START_TEST(how_a_pairs_sides_are_is_told)
{
	struct ipc_msg m, ask = {.type = IPC_PAIR_ASK};
	const struct ipc_pair_heard *heard;
	int a, b;

	(void)fixture_session(NULL);
	m = fixture_pair(
	    fixture_open(&a, false, "a"), fixture_open(&b, true, "b"));
	fixture_command(&m);
	memcpy(ask.u.pair_ask.tag, m.u.conn_pair.tag, IPC_TAG_LEN);
	fixture_command(&ask);
	heard = &fixture_event(IPC_PAIR_HEARD, 0)->u.pair_heard;
	ck_assert_mem_eq(heard->tag, m.u.conn_pair.tag, IPC_TAG_LEN);
	ck_assert_uint_lt(heard->a_ms, 60000);
	ck_assert_uint_eq(heard->b_ms, IPC_HEARD_UNKNOWN_MS);
	ask.u.pair_ask.tag[0] ^= 1;
	fixture_command(&ask);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_HEARD), 1);
	fd_close(&a);
	fd_close(&b);
	fixture_end();
}
END_TEST

START_TEST(a_long_list_comes_in_parts)
{
	struct ipc_msg ask = {.type = IPC_PAIR_LIST_ASK};
	const bool local[2] = {true, true};
	size_t n_pairs = IPC_LIST_MAX + (size_t)_i;

	(void)fixture_session(NULL);
	for (size_t i = 0; i < n_pairs; i++)
		pairs_add(fixture.node,
		    pair_new((const int[]){-1, -1}, local, NULL, 0, 0));
	fixture_command(&ask);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_LIST), _i == 0 ? 1 : 2);
	ck_assert_int_eq(fixture_event(IPC_PAIR_LIST, 0)->u.pair_list.flags,
	    IPC_PAIR_LIST_LAST);
	ck_assert_int_eq(fixture_event(IPC_PAIR_LIST, 0)->u.pair_list.n_tags,
	    _i == 0 ? IPC_LIST_MAX : 1);
	fixture_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("pairs");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, pairs_outlive_control_and_are_listed);
	tcase_add_test(t, how_a_pairs_sides_are_is_told);
	tcase_add_loop_test(t, a_long_list_comes_in_parts, 0, 2);
	return suite_run("pairs", (TCase *[]){t, NULL});
}
