/* Devices that ask for another, and wait until it is told. */
#include "tests/unit/control/devices.h"

START_TEST(who_asks_for_nobody_is_told_so)
{
	struct syncthing_msg m = {.type = SYNCTHING_CONNECT_REQUEST};
	struct stream *s = device(7);

	ask(s, 8);
	told_code(s, SYNCTHING_NOT_FOUND);
	s = device(9);
	m.u.id = (struct syncthing_bytes){(const uint8_t *)"short", 5};
	say(s, &m);
	told_code(s, SYNCTHING_NOT_FOUND);
	ck_assert_uint_eq(streams_ended(STREAM_END_ABSENT), 2);
}
END_TEST

START_TEST(id_ends_where_it_says)
{
	struct syncthing_msg m = {.type = SYNCTHING_CONNECT_REQUEST};
	uint8_t buf[SYNCTHING_MSG_MAX];
	struct stream *s;
	size_t len;

	(void)joined(7);
	m.u.id = (struct syncthing_bytes){fake_digest(7), DIGEST_LEN};
	len = syncthing_encode(&m, buf, sizeof buf);
	buf[SYNCTHING_HEADER_LEN + 3] = DIGEST_LEN - 4;
	s = device(8);
	ck_assert_uint_eq(s->frontend->received(s, buf, len), len);
	told_code(s, SYNCTHING_NOT_FOUND);
}
END_TEST

START_TEST(who_asks_beyond_a_limit_is_told_that_nobody_is_there)
{
	struct stream *s;

	(void)joined(7);
	c->config.max_relays_per_client = 1;
	ask(device(8), 7);
	s = device(9);
	ask(s, 7);
	told_code(s, SYNCTHING_NOT_FOUND);
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_CLIENT), 1);
}
END_TEST

START_TEST(device_may_ask_for_itself)
{
	struct stream *server = joined(7), *client = device_at(1, 7);
	uint8_t key[SYNCTHING_KEY_LEN];

	ask(client, 7);
	invited(client, 7, false, key);
	invited(server, 7, true, key);
}
END_TEST

START_TEST(who_has_joined_may_not_ask_on_that_stream)
{
	struct stream *s = joined(7);

	ask(s, 7);
	told_code(s, SYNCTHING_UNEXPECTED_MESSAGE);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 0);
}
END_TEST

START_TEST(asker_waits_for_its_turn_in_no_handshakes_place)
{
	struct stream *server = joined(7), *asker = waiting_asker(server);
	uint8_t key[SYNCTHING_KEY_LEN];

	ck_assert_uint_eq(c->budget.n_handshakes, 0);
	live(1000);
	invited(asker, 7, false, key);
	invited(server, 9, true, key);
}
END_TEST

START_TEST(call_of_an_asker_that_leaves_is_over)
{
	struct stream *server = joined(7);

	stream_end(waiting_asker(server), STREAM_END_CLOSED);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 0);
	ck_assert_uint_eq(calls_ended(CALL_END_PEER_GONE), 1);
}
END_TEST

START_TEST(asker_is_told_when_the_client_goes)
{
	struct stream *server = joined(7), *asker = waiting_asker(server);

	stream_end(server, STREAM_END_CLOSED);
	told_code(asker, SYNCTHING_NOT_FOUND);
	ck_assert_uint_eq(streams_ended(STREAM_END_ABSENT), 1);
}
END_TEST

START_TEST(asker_that_waits_may_begin_nothing_else)
{
	struct stream *server = joined(7), *asker = waiting_asker(server);

	say_type(asker, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(asker, SYNCTHING_UNEXPECTED_MESSAGE);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 0);
}
END_TEST

START_TEST(asker_waits_for_a_device_that_is_expected_back)
{
	uint8_t key[SYNCTHING_KEY_LEN];
	struct stream *asker, *server;

	early_expect(c);
	asker = device(8);
	ask(asker, 7);
	told_nothing(asker);
	server = joined(7);
	live(100);
	invited(asker, 7, false, key);
	invited(server, 8, true, key);
}
END_TEST

START_TEST(who_waits_for_a_device_leaves_it_its_place)
{
	struct stream *server;

	c->config.max_control_streams = 1;
	early_expect(c);
	ask(device(8), 7);
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
	ck_assert_uint_eq(c->budget.n_streams, 0);
	server = joined(7);
	ck_assert_int_eq(server->state, STREAM_REGISTERED);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("syncthing_asking", devices_set_up);

	tcase_add_test(t, who_asks_for_nobody_is_told_so);
	tcase_add_test(t, id_ends_where_it_says);
	tcase_add_test(t, who_asks_beyond_a_limit_is_told_that_nobody_is_there);
	tcase_add_test(t, device_may_ask_for_itself);
	tcase_add_test(t, who_has_joined_may_not_ask_on_that_stream);
	tcase_add_test(t, asker_waits_for_its_turn_in_no_handshakes_place);
	tcase_add_test(t, call_of_an_asker_that_leaves_is_over);
	tcase_add_test(t, asker_is_told_when_the_client_goes);
	tcase_add_test(t, asker_that_waits_may_begin_nothing_else);
	tcase_add_test(t, asker_waits_for_a_device_that_is_expected_back);
	tcase_add_test(t, who_waits_for_a_device_leaves_it_its_place);
	return suite_run("syncthing_asking", (TCase *[]){t, NULL});
}
