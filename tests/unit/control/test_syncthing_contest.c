/* A device that joins while it is there already: which of the two stays. */
#include <string.h>

#include "control/syncthing_client.h"
#include "tests/unit/control/devices.h"

START_TEST(newcomer_is_turned_away_if_the_holder_answers)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	told_ping(holder);
	told_nothing(newcomer);
	live(1900);
	say_type(holder, SYNCTHING_PONG);
	told_code(newcomer, SYNCTHING_ALREADY_CONNECTED);
	ck_assert_uint_eq(streams_ended(STREAM_END_DUPLICATE), 1);
	ck_assert_int_eq(holder->state, STREAM_REGISTERED);
}
END_TEST

/* A newcomer that waits until the node is asked; its holder is 7's. */
static struct stream *
contested(struct ipc_msg *asked)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	told_ping(holder);
	fake_forget_commands();
	fake_advance(c, 2000);
	*asked = fake_command(IPC_PAIR_ASK);
	told_nothing(newcomer);
	return newcomer;
}

static void
node_says(const struct ipc_msg *asked, uint32_t ms)
{
	struct ipc_msg m = {.type = IPC_PAIR_HEARD};

	memcpy(m.u.pair_heard.tag, asked->u.pair_ask.tag, IPC_TAG_LEN);
	m.u.pair_heard.a_ms = ms;
	m.u.pair_heard.b_ms = 0;
	fake_send(c, &a, m);
}

START_TEST(holder_whose_tcp_acknowledged_is_there)
{
	struct ipc_msg asked;
	struct stream *newcomer = contested(&asked);

	/* The ping itself, acknowledged before our clocks agreed on when. */
	node_says(&asked, SYNCTHING_CONTEST_MS + SYNCTHING_CLOCKS_MS);
	told_code(newcomer, SYNCTHING_ALREADY_CONNECTED);
	ck_assert_uint_eq(streams_ended(STREAM_END_REPLACED), 0);
}
END_TEST

START_TEST(holder_whose_tcp_did_not_is_replaced)
{
	static const uint32_t MS[] = {
	    SYNCTHING_CONTEST_MS + SYNCTHING_CLOCKS_MS + 1,
	    IPC_HEARD_UNKNOWN_MS};
	struct ipc_msg asked;
	struct stream *newcomer = contested(&asked);

	node_says(&asked, MS[_i]);
	told_code(newcomer, SYNCTHING_SUCCESS);
	ck_assert_uint_eq(streams_ended(STREAM_END_REPLACED), 1);
	ck_assert_ptr_eq(
	    fake_find(c, &frontend_syncthing, 7)->stream, newcomer);
}
END_TEST

START_TEST(node_that_does_not_answer_is_not_waited_for)
{
	struct ipc_msg asked;
	struct stream *newcomer = contested(&asked);

	fake_advance(c, 500);
	told_code(newcomer, SYNCTHING_SUCCESS);
	ck_assert_uint_eq(streams_ended(STREAM_END_REPLACED), 1);
	node_says(&asked, 0); /* late: of a pair that carries nobody now */
	ck_assert_int_eq(newcomer->state, STREAM_REGISTERED);
}
END_TEST

START_TEST(answer_to_an_earlier_question_decides_nothing)
{
	struct ipc_msg asked;
	struct stream *newcomer = contested(&asked);

	stream_end(newcomer, STREAM_END_CLOSED);
	newcomer = device_at(3, 7);
	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	node_says(&asked, IPC_HEARD_UNKNOWN_MS);
	node_says(&asked, 0);
	told_nothing(newcomer);
}
END_TEST

START_TEST(newcomer_that_waits_may_begin_nothing_else)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(newcomer, SYNCTHING_UNEXPECTED_MESSAGE);
	ck_assert_int_eq(holder->state, STREAM_REGISTERED);
}
END_TEST

START_TEST(answer_that_nobody_asked_for_changes_nothing)
{
	struct stream *holder = joined(7);
	struct ipc_msg asked = {.type = IPC_PAIR_ASK};

	memcpy(asked.u.pair_ask.tag, holder->pair->tag, IPC_TAG_LEN);
	node_says(&asked, 0);
	node_says(&asked, UINT32_MAX);
	ck_assert_int_eq(holder->state, STREAM_REGISTERED);
}
END_TEST

START_TEST(holder_behind_a_balancer_has_but_its_ping)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	holder->is_proxied = true;
	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	live(SYNCTHING_CONTEST_MS);
	told_code(newcomer, SYNCTHING_SUCCESS);
}
END_TEST

START_TEST(holder_whose_pair_is_over_has_but_its_ping)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	fake_pair_end(c, &a, holder->pair->tag);
	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	live(SYNCTHING_CONTEST_MS);
	told_code(newcomer, SYNCTHING_SUCCESS);
}
END_TEST

START_TEST(nodes_word_on_who_has_not_proved_a_key_is_ignored)
{
	struct ipc_msg asked = {.type = IPC_PAIR_ASK};
	struct stream *s;

	fake_show(c, &a, 1, 1, device_hello, device_hello_len, 0);
	s = c->streams.live;
	fake_open_local(c, &a, 2, fake_ticket);
	memcpy(asked.u.pair_ask.tag, s->pair->tag, IPC_TAG_LEN);
	node_says(&asked, 0);
	ck_assert_int_eq(s->state, STREAM_HANDSHAKE);
}
END_TEST

START_TEST(third_is_turned_away_while_two_contest)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7), *third;

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	third = device_at(3, 7);
	say_type(third, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(third, SYNCTHING_ALREADY_CONNECTED);
	told_nothing(newcomer);
	told_ping(holder);
	told_nothing(holder);
}
END_TEST

START_TEST(holder_that_ends_leaves_its_place_at_once)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	stream_end(holder, STREAM_END_CLOSED);
	live(50);
	told_code(newcomer, SYNCTHING_SUCCESS);
}
END_TEST

START_TEST(newcomer_that_ends_leaves_the_holder_in_peace)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	told_ping(holder);
	stream_end(newcomer, STREAM_END_CLOSED);
	live(SYNCTHING_CONTEST_MS + SYNCTHING_JUDGE_MS);
	ck_assert_int_eq(holder->state, STREAM_REGISTERED);
	say_type(holder, SYNCTHING_PONG);
}
END_TEST

START_TEST(newcomer_gets_the_very_place_of_its_holder)
{
	struct stream *newcomer;

	c->config.max_control_streams = 1;
	(void)joined(7);
	newcomer = device_at(1, 7);
	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	live(SYNCTHING_CONTEST_MS + SYNCTHING_JUDGE_MS);
	told_code(newcomer, SYNCTHING_SUCCESS);
	ck_assert_uint_eq(streams_ended(STREAM_END_REPLACED), 1);
	ck_assert_uint_eq(c->budget.n_streams, 1);
}
END_TEST

START_TEST(all_ends_in_good_order_with_control)
{
	struct stream *newcomer;

	(void)joined(7);
	(void)waiting_asker(fake_find(c, &frontend_syncthing, 7)->stream);
	newcomer = device_at(1, 7);
	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	/* fake_free looks at what is left. */
}
END_TEST

int
main(void)
{
	TCase *t = world_case("syncthing_contest", devices_set_up);

	tcase_add_test(t, newcomer_is_turned_away_if_the_holder_answers);
	tcase_add_test(t, holder_whose_tcp_acknowledged_is_there);
	tcase_add_loop_test(t, holder_whose_tcp_did_not_is_replaced, 0, 2);
	tcase_add_test(t, node_that_does_not_answer_is_not_waited_for);
	tcase_add_test(t, answer_to_an_earlier_question_decides_nothing);
	tcase_add_test(t, newcomer_that_waits_may_begin_nothing_else);
	tcase_add_test(t, answer_that_nobody_asked_for_changes_nothing);
	tcase_add_test(t, holder_behind_a_balancer_has_but_its_ping);
	tcase_add_test(t, holder_whose_pair_is_over_has_but_its_ping);
	tcase_add_test(t, nodes_word_on_who_has_not_proved_a_key_is_ignored);
	tcase_add_test(t, third_is_turned_away_while_two_contest);
	tcase_add_test(t, holder_that_ends_leaves_its_place_at_once);
	tcase_add_test(t, newcomer_that_ends_leaves_the_holder_in_peace);
	tcase_add_test(t, newcomer_gets_the_very_place_of_its_holder);
	tcase_add_test(t, all_ends_in_good_order_with_control);
	return suite_run("syncthing_contest", (TCase *[]){t, NULL});
}
