/* Syncthing's devices, from their first bytes until they have joined. */
#include <string.h>

#include "control/syncthing_client.h"
#include "tests/unit/control/devices.h"

static bool
is_syncthings(uint8_t byte)
{
	return registry_find(&c->registry, &frontend_syncthing,
		   fake_digest(byte)) != NULL;
}

START_TEST(hello_is_waited_for_and_then_held_whole)
{
	struct ipc_msg m;

	fake_show(c, &a, 1, 1, device_hello, 100, 0);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.n, device_hello_len);
	fake_show_more(c, &a, 1, device_hello, device_hello_len, 0);
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.skip, 0);
	ck_assert_uint_eq(m.u.conn_hold.say.len, 0);
	ck_assert_int_eq(m.u.conn_hold.on_fin, IPC_FIN_DROPS);
}
END_TEST

START_TEST(tx3_is_still_served_beside_it)
{
	ck_assert_ptr_nonnull(fake_client(c, &a, 7));
	ck_assert(is_registered(7));
	ck_assert(!is_syncthings(7));
}
END_TEST

START_TEST(one_digest_may_be_a_client_of_both)
{
	(void)fake_client(c, &a, 7);
	(void)device_at(1, 7);
	say_type(c->streams.live, SYNCTHING_JOIN_RELAY_REQUEST);
	ck_assert(is_registered(7));
	ck_assert(is_syncthings(7));
	ck_assert_uint_eq(c->registry.clients.n, 2);
}
END_TEST

START_TEST(digest_of_tx3s_that_looks_like_a_session_is_refused)
{
	uint8_t digest[DIGEST_LEN] = {0x9e, 0x79, 0xbc, 0x40};

	(void)fake_stream(c, &a, 1, 1, fake_relay(c), digest);
	ck_assert_uint_eq(streams_ended(STREAM_END_DIGEST), 1);
}
END_TEST

START_TEST(device_without_the_name_is_no_device)
{
	struct stream *s;

	fake_show(c, &a, 1, 1, device_hello, device_hello_len, 0);
	s = c->streams.live;
	fake_open_local(c, &a, 2, fake_ticket);
	stream_opened(s, fake_digest(7), "");
	ck_assert_uint_eq(streams_ended(STREAM_END_TLS_ALPN), 1);
}
END_TEST

START_TEST(joining_is_answered_once_and_makes_a_client)
{
	struct stream *s = joined(7);

	told_nothing(s);
	ck_assert(is_syncthings(7));
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
	ck_assert_uint_eq(c->budget.n_streams, 1);
}
END_TEST

START_TEST(who_does_not_join_in_time_is_let_go)
{
	(void)device(7);
	live(c->config.handshake_timeout_ms);
	ck_assert_uint_eq(streams_ended(STREAM_END_TIMEOUT), 1);
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
}
END_TEST

START_TEST(joining_twice_ends_the_stream)
{
	struct stream *s = joined(7);

	say_type(s, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(s, SYNCTHING_ALREADY_CONNECTED);
	ck_assert_uint_eq(streams_ended(STREAM_END_DUPLICATE), 1);
}
END_TEST

START_TEST(joined_device_is_pinged_every_minute_and_let_go_after_two)
{
	struct stream *s = joined(7);

	live(SYNCTHING_PING_MS - 1000);
	told_nothing(s);
	live(1000);
	told_ping(s);
	say_type(s, SYNCTHING_PONG);
	live(SYNCTHING_PING_MS);
	told_ping(s);
	live(SYNCTHING_PING_MS - 1000);
	ck_assert_uint_eq(streams_ended(STREAM_END_SILENT), 0);
	live(1000);
	ck_assert_uint_eq(streams_ended(STREAM_END_SILENT), 1);
	told_nothing(s);
}
END_TEST

START_TEST(two_minutes_of_silence_begin_with_the_last_byte)
{
	struct stream *s = joined(7);

	live(SYNCTHING_PING_MS);
	told_ping(s);
	live(1000);
	say_type(s, SYNCTHING_PONG);
	live(SYNCTHING_SILENCE_MS - 1000);
	told_ping(s);
	told_ping(s);
	ck_assert_uint_eq(streams_ended(STREAM_END_SILENT), 0);
	live(1000);
	ck_assert_uint_eq(streams_ended(STREAM_END_SILENT), 1);
}
END_TEST

START_TEST(any_byte_shows_that_a_device_is_there)
{
	struct stream *s = joined(7);

	for (int i = 0; i < 5; i++) {
		live(SYNCTHING_PING_MS);
		told_ping(s);
		ck_assert_uint_eq(
		    s->frontend->received(s, (const uint8_t *)"\x9e", 1), 0);
	}
	ck_assert_uint_eq(streams_ended(STREAM_END_SILENT), 0);
}
END_TEST

START_TEST(ping_is_answered_before_and_after_joining)
{
	struct stream *s = device(7);

	say_type(s, SYNCTHING_PING);
	ck_assert_int_eq(told(s).type, SYNCTHING_PONG);
	say_type(s, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(s, SYNCTHING_SUCCESS);
	say_type(s, SYNCTHING_PING);
	ck_assert_int_eq(told(s).type, SYNCTHING_PONG);
}
END_TEST

START_TEST(other_messages_are_unexpected)
{
	static const enum syncthing_type TYPES[] = {
	    SYNCTHING_JOIN_SESSION_REQUEST, SYNCTHING_RESPONSE,
	    SYNCTHING_SESSION_INVITATION, SYNCTHING_RELAY_FULL};

	for (unsigned i = 0; i < 4; i++) {
		struct stream *s = device((uint8_t)(10 + i));

		say_type(s, TYPES[i]);
		told_code(s, SYNCTHING_UNEXPECTED_MESSAGE);
		ck_assert_uint_eq(streams_ended(STREAM_END_PROTOCOL), i + 1);
	}
}
END_TEST

START_TEST(what_is_no_message_ends_the_stream_without_a_word)
{
	struct stream *s = device(7);

	(void)s->frontend->received(s, (const uint8_t *)"GET /", 5);
	told_nothing(s);
	ck_assert_uint_eq(streams_ended(STREAM_END_PROTOCOL), 1);
}
END_TEST

START_TEST(token_must_be_the_relays)
{
	struct syncthing_msg m = {.type = SYNCTHING_JOIN_RELAY_REQUEST};
	struct stream *s;

	memcpy(c->syncthing.token, "secret", 6);
	c->syncthing.token_len = 6;
	c->syncthing.has_token = true;
	for (size_t len = 0; len <= 7; len++) {
		s = device((uint8_t)(10 + len));
		m.u.token =
		    (struct syncthing_bytes){(const uint8_t *)"secret\0", len};
		say(s, &m);
		told_code(
		    s, len == 6 ? SYNCTHING_SUCCESS : SYNCTHING_WRONG_TOKEN);
	}
	ck_assert_uint_eq(streams_ended(STREAM_END_TOKEN), 7);
}
END_TEST

START_TEST(full_relay_says_so_and_serves_who_asks)
{
	struct stream *s, *asker;

	c->config.max_control_streams = 1;
	(void)joined(7);
	s = device(8);
	say_type(s, SYNCTHING_JOIN_RELAY_REQUEST);
	ck_assert_int_eq(told(s).type, SYNCTHING_RELAY_FULL);
	ck_assert_uint_eq(streams_ended(STREAM_END_FULL), 1);
	asker = device(9);
	ask(asker, 7);
	ck_assert_uint_eq(streams_ended(STREAM_END_INVITED), 1);
}
END_TEST

static TCase *
arrivals(void)
{
	TCase *t = world_case("arrivals", devices_set_up);

	tcase_add_test(t, hello_is_waited_for_and_then_held_whole);
	tcase_add_test(t, tx3_is_still_served_beside_it);
	tcase_add_test(t, one_digest_may_be_a_client_of_both);
	tcase_add_test(t, digest_of_tx3s_that_looks_like_a_session_is_refused);
	tcase_add_test(t, device_without_the_name_is_no_device);
	return t;
}

static TCase *
joining(void)
{
	TCase *t = world_case("joining", devices_set_up);

	tcase_add_test(t, joining_is_answered_once_and_makes_a_client);
	tcase_add_test(t, who_does_not_join_in_time_is_let_go);
	tcase_add_test(t, joining_twice_ends_the_stream);
	tcase_add_test(
	    t, joined_device_is_pinged_every_minute_and_let_go_after_two);
	tcase_add_test(t, two_minutes_of_silence_begin_with_the_last_byte);
	tcase_add_test(t, any_byte_shows_that_a_device_is_there);
	tcase_add_test(t, ping_is_answered_before_and_after_joining);
	tcase_add_test(t, other_messages_are_unexpected);
	tcase_add_test(t, what_is_no_message_ends_the_stream_without_a_word);
	tcase_add_test(t, token_must_be_the_relays);
	tcase_add_test(t, full_relay_says_so_and_serves_who_asks);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {arrivals(), joining(), NULL};

	return suite_run("syncthing", CASES);
}
