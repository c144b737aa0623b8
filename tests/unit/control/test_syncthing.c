/* Syncthing's devices, from their first bytes to their pairs. */
#include <check.h>
#include <openssl/ssl.h>
#include <string.h>

#include "control/arrival.h"
#include "control/call.h"
#include "control/syncthing_client.h"
#include "control/syncthing_place.h"
#include "tests/unit/control/fake.h"

static struct control *c;
static struct fake_node a;
static uint8_t hello[2048];
static size_t hello_len;

/* What a device says first. */
static void
make_hello(void)
{
	static const unsigned char NAME[] = "\x09" SYNCTHING_ALPN;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	BIO *out = BIO_new(BIO_s_mem());
	int n;

	ck_assert_int_eq(SSL_set_alpn_protos(ssl, NAME, sizeof NAME - 1), 0);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	SSL_set_connect_state(ssl);
	(void)SSL_do_handshake(ssl);
	n = BIO_read(out, hello, sizeof hello);
	ck_assert_int_gt(n, 0);
	ck_assert_int_le(n, IPC_FIRST_MAX);
	hello_len = (size_t)n;
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void
set_up(void)
{
	c = fake_new();
	ck_assert_int_eq(frontends_enable(&c->frontends, "syncthing"), 0);
	fake_identity(c, 0xd5, 0, false);
	c->identities.list[1].frontend = &frontend_syncthing;
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	fake_ready(c, &a);
	if (hello_len == 0)
		make_hello();
}

static void
tear_down(void)
{
	fake_free(c);
}

/* Time, in which the node stays; what it is told is forgotten. */
static void
pass(uint64_t ms)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	while (ms > 0) {
		uint64_t step = ms < 1000 ? ms : 1000;

		fake_send(c, &a, beat);
		fake_advance(c, step);
		fake_forget_commands();
		ms -= step;
	}
}

/* A device's connection, its TLS done; its digest is 32 times byte. */
static struct stream *
device_at(uint64_t conn, uint8_t byte)
{
	struct stream *s;

	fake_show(c, &a, conn, byte, hello, hello_len, 0);
	(void)fake_command(IPC_CONN_HOLD);
	s = c->streams.live;
	fake_open_local(c, &a, conn + 1, fake_ticket);
	(void)fake_command(IPC_CONN_PAIR);
	stream_opened(s, fake_digest(byte), SYNCTHING_ALPN);
	return s;
}

static struct stream *
device(uint8_t byte)
{
	return device_at(1000u * byte, byte);
}

static void
say(struct stream *s, const struct syncthing_msg *m)
{
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t len = syncthing_encode(m, buf, sizeof buf);

	ck_assert_uint_eq(s->frontend->received(s, buf, len), len);
}

static void
say_type(struct stream *s, enum syncthing_type type)
{
	struct syncthing_msg m = {.type = type};

	say(s, &m);
}

/* The next message that s was told; its views are good until the next. */
static struct syncthing_msg
told(const struct stream *s)
{
	struct syncthing_msg m;
	size_t len = 0, used;
	const uint8_t *p = fake_said(s, &len);

	ck_assert_msg(p != NULL, "nothing was said");
	ck_assert_int_eq(syncthing_decode(&m, p, len, &used), PARSE_OK);
	ck_assert_uint_eq(used, len);
	return m;
}

static void
told_nothing(const struct stream *s)
{
	size_t len;

	ck_assert_ptr_null(fake_said(s, &len));
}

static void
told_code(const struct stream *s, enum syncthing_code code)
{
	struct syncthing_msg m = told(s);

	ck_assert_int_eq(m.type, SYNCTHING_RESPONSE);
	ck_assert_int_eq(m.u.response.code, (int)code);
}

static void
told_ping(const struct stream *s)
{
	ck_assert_int_eq(told(s).type, SYNCTHING_PING);
}

static uint64_t
ended(enum stream_end why)
{
	return c->counters.streams_ended[why];
}

/* A device that has joined. */
static struct stream *
joined(uint8_t byte)
{
	struct stream *s = device(byte);

	say_type(s, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(s, SYNCTHING_SUCCESS);
	ck_assert_int_eq(s->state, STREAM_REGISTERED);
	return s;
}

static void
ask(struct stream *s, uint8_t byte)
{
	struct syncthing_msg m = {.type = SYNCTHING_CONNECT_REQUEST};

	m.u.id = (struct syncthing_bytes){fake_digest(byte), DIGEST_LEN};
	say(s, &m);
}

/* The key that s is invited with; the rest is as it should be. */
static void
invited(const struct stream *s, uint8_t from, bool server_socket,
    uint8_t key[SYNCTHING_KEY_LEN])
{
	struct syncthing_msg m = told(s);

	ck_assert_int_eq(m.type, SYNCTHING_SESSION_INVITATION);
	ck_assert_uint_eq(m.u.invitation.from.len, DIGEST_LEN);
	ck_assert_mem_eq(m.u.invitation.from.p, fake_digest(from), DIGEST_LEN);
	ck_assert_uint_eq(m.u.invitation.key.len, SYNCTHING_KEY_LEN);
	ck_assert_uint_eq(m.u.invitation.address.len, 0);
	ck_assert_uint_eq(m.u.invitation.port, 7443);
	ck_assert_int_eq(m.u.invitation.server_socket, server_socket);
	memcpy(key, m.u.invitation.key.p, SYNCTHING_KEY_LEN);
}

/* Two devices' keys: of 7, who has joined, and of 8, who asked. */
struct keys {
	uint8_t server[SYNCTHING_KEY_LEN];
	uint8_t client[SYNCTHING_KEY_LEN];
};

static void
meet(struct keys *keys)
{
	struct stream *server = joined(7), *client = device(8);

	ask(client, 7);
	invited(client, 7, false, keys->client);
	invited(server, 8, true, keys->server);
}

static size_t
bring(uint64_t conn, const uint8_t key[SYNCTHING_KEY_LEN], const char *early)
{
	struct syncthing_msg m = {.type = SYNCTHING_JOIN_SESSION_REQUEST};
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t len;

	m.u.key = (struct syncthing_bytes){key, SYNCTHING_KEY_LEN};
	len = syncthing_encode(&m, buf, sizeof buf);
	memcpy(buf + len, early, strlen(early));
	fake_show(c, &a, conn, 1, buf, len + strlen(early), 0);
	return len;
}

static void
check_words(const struct ipc_bytes *said, enum syncthing_code code)
{
	const struct syncthing_msg m = syncthing_response(code);
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t len = syncthing_encode(&m, buf, sizeof buf);

	ck_assert_uint_eq(said->len, len);
	ck_assert_mem_eq(said->p, buf, len);
}

static void
check_refused(uint64_t conn, size_t skip, enum syncthing_code code)
{
	struct ipc_msg m = fake_command(IPC_CONN_DROP);

	ck_assert_uint_eq(m.u.conn_drop.conn, conn);
	ck_assert_uint_eq(m.u.conn_drop.skip, skip);
	ck_assert_int_eq(m.u.conn_drop.how, IPC_DROP_ORDERLY);
	check_words(&m.u.conn_drop.say, code);
}

START_TEST(written_out_words_are_what_the_codec_writes)
{
	const struct ipc_bytes success = syncthing_success(),
			       not_found = syncthing_not_found(),
			       unexpected = syncthing_unexpected();

	check_words(&success, SYNCTHING_SUCCESS);
	check_words(&not_found, SYNCTHING_NOT_FOUND);
	check_words(&unexpected, SYNCTHING_UNEXPECTED_MESSAGE);
}
END_TEST

START_TEST(hello_is_waited_for_and_then_held_whole)
{
	struct ipc_msg m, more = {.type = IPC_CONN_MORE};

	fake_show(c, &a, 1, 1, hello, 100, 0);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.n, hello_len);
	more.u.conn_more.conn = 1;
	more.u.conn_more.bytes = (struct ipc_bytes){hello, hello_len};
	fake_send(c, &a, more);
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.skip, 0);
	ck_assert_uint_eq(m.u.conn_hold.say.len, 0);
	ck_assert_int_eq(m.u.conn_hold.on_fin, IPC_FIN_DROPS);
}
END_TEST

START_TEST(tx3_is_still_served_beside_it)
{
	ck_assert_ptr_nonnull(fake_client(c, &a, 7));
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(7)));
	ck_assert_ptr_null(
	    registry_find(&c->registry, &frontend_syncthing, fake_digest(7)));
}
END_TEST

START_TEST(one_digest_may_be_a_client_of_both)
{
	(void)fake_client(c, &a, 7);
	(void)device_at(1, 7);
	say_type(c->streams.live, SYNCTHING_JOIN_RELAY_REQUEST);
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_tx3, fake_digest(7)));
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_syncthing, fake_digest(7)));
	ck_assert_uint_eq(c->registry.clients.n, 2);
}
END_TEST

START_TEST(digest_of_tx3s_that_looks_like_a_session_is_refused)
{
	uint8_t digest[DIGEST_LEN] = {0x9e, 0x79, 0xbc, 0x40};
	struct stream *s;

	fake_open(c, &a, 1, 1, fake_relay(c));
	s = c->streams.live;
	fake_open_local(c, &a, 2, fake_ticket);
	stream_opened(s, digest, "");
	ck_assert_uint_eq(ended(STREAM_END_DIGEST), 1);
}
END_TEST

START_TEST(device_without_the_name_is_no_device)
{
	struct stream *s;

	fake_show(c, &a, 1, 1, hello, hello_len, 0);
	s = c->streams.live;
	fake_open_local(c, &a, 2, fake_ticket);
	stream_opened(s, fake_digest(7), "");
	ck_assert_uint_eq(ended(STREAM_END_TLS_ALPN), 1);
}
END_TEST

START_TEST(joining_is_answered_once_and_makes_a_client)
{
	struct stream *s = joined(7);

	told_nothing(s);
	ck_assert_ptr_nonnull(
	    registry_find(&c->registry, &frontend_syncthing, fake_digest(7)));
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
	ck_assert_uint_eq(c->budget.n_streams, 1);
}
END_TEST

START_TEST(who_does_not_join_in_time_is_let_go)
{
	(void)device(7);
	pass(c->config.handshake_timeout_ms);
	ck_assert_uint_eq(ended(STREAM_END_TIMEOUT), 1);
	ck_assert_uint_eq(c->budget.n_handshakes, 0);
}
END_TEST

START_TEST(joining_twice_ends_the_stream)
{
	struct stream *s = joined(7);

	say_type(s, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(s, SYNCTHING_ALREADY_CONNECTED);
	ck_assert_uint_eq(ended(STREAM_END_DUPLICATE), 1);
}
END_TEST

START_TEST(joined_device_is_pinged_every_minute_and_let_go_after_two)
{
	struct stream *s = joined(7);

	pass(SYNCTHING_PING_MS - 1000);
	told_nothing(s);
	pass(1000);
	told_ping(s);
	say_type(s, SYNCTHING_PONG);
	pass(SYNCTHING_PING_MS);
	told_ping(s);
	pass(SYNCTHING_PING_MS - 1000);
	ck_assert_uint_eq(ended(STREAM_END_SILENT), 0);
	pass(1000);
	ck_assert_uint_eq(ended(STREAM_END_SILENT), 1);
	told_nothing(s);
}
END_TEST

START_TEST(any_byte_shows_that_a_device_is_there)
{
	struct stream *s = joined(7);

	for (int i = 0; i < 5; i++) {
		pass(SYNCTHING_PING_MS);
		told_ping(s);
		ck_assert_uint_eq(
		    s->frontend->received(s, (const uint8_t *)"\x9e", 1), 0);
	}
	ck_assert_uint_eq(ended(STREAM_END_SILENT), 0);
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
		ck_assert_uint_eq(ended(STREAM_END_PROTOCOL), i + 1);
	}
}
END_TEST

START_TEST(what_is_no_message_ends_the_stream_without_a_word)
{
	struct stream *s = device(7);

	(void)s->frontend->received(s, (const uint8_t *)"GET /", 5);
	told_nothing(s);
	ck_assert_uint_eq(ended(STREAM_END_PROTOCOL), 1);
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
	ck_assert_uint_eq(ended(STREAM_END_TOKEN), 7);
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
	ck_assert_uint_eq(ended(STREAM_END_FULL), 1);
	asker = device(9);
	ask(asker, 7);
	ck_assert_uint_eq(ended(STREAM_END_INVITED), 1);
}
END_TEST

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
	ck_assert_uint_eq(ended(STREAM_END_ABSENT), 2);
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
	ck_assert_uint_eq(c->counters.refused[REFUSAL_LIMIT_CLIENT], 1);
}
END_TEST

START_TEST(both_are_invited_with_keys_of_their_own)
{
	struct keys keys;

	meet(&keys);
	ck_assert_mem_ne(keys.server, keys.client, SYNCTHING_KEY_LEN);
	ck_assert_uint_eq(ended(STREAM_END_INVITED), 1);
	ck_assert_uint_eq(c->tokens.issued.n, 2);
	ck_assert_uint_eq(c->counters.counts[COUNT_NOTICES], 1);
}
END_TEST

START_TEST(first_is_let_in_at_once_and_may_have_said_all)
{
	struct ipc_msg m, fin = {.type = IPC_CONN_FIN};
	struct keys keys;
	size_t len;

	meet(&keys);
	len = bring(1, keys.client, "early");
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.conn, 1);
	ck_assert_uint_eq(m.u.conn_hold.skip, len);
	ck_assert_int_eq(m.u.conn_hold.on_fin, IPC_FIN_KEEPS);
	check_words(&m.u.conn_hold.say, SYNCTHING_SUCCESS);
	fin.u.conn_fin.conn = 1;
	fake_send(c, &a, fin);
	ck_assert_uint_eq(c->counters.events_dropped[EVENT_DROP_CONN_STATE], 0);
}
END_TEST

START_TEST(second_is_let_in_by_the_pair)
{
	struct ipc_msg m;
	struct keys keys;
	size_t len;

	meet(&keys);
	(void)bring(1, keys.client, "");
	(void)fake_command(IPC_CONN_HOLD);
	len = bring(2, keys.server, "");
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.a, 1);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, 0);
	ck_assert_uint_eq(m.u.conn_pair.say_a.len, 0);
	ck_assert_uint_eq(m.u.conn_pair.b, 2);
	ck_assert_uint_eq(m.u.conn_pair.skip_b, len);
	check_words(&m.u.conn_pair.say_b, SYNCTHING_SUCCESS);
	ck_assert_uint_eq(m.u.conn_pair.tag[1], frontend_syncthing.number);
	ck_assert_uint_eq(
	    fake_find(c, &frontend_syncthing, 7)->quota.n_paired, 1);
}
END_TEST

START_TEST(who_asked_is_a_whoever_came_first)
{
	struct ipc_msg m;
	struct keys keys;

	meet(&keys);
	(void)bring(1, keys.server, "");
	(void)bring(2, keys.client, "");
	(void)fake_command(IPC_CONN_HOLD);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.a, 2);
	ck_assert_uint_eq(m.u.conn_pair.b, 1);
	check_words(&m.u.conn_pair.say_a, SYNCTHING_SUCCESS);
	ck_assert_uint_eq(m.u.conn_pair.say_b.len, 0);
}
END_TEST

START_TEST(key_is_good_once)
{
	struct keys keys;
	size_t len;

	meet(&keys);
	(void)bring(1, keys.client, "");
	(void)fake_command(IPC_CONN_HOLD);
	len = bring(2, keys.client, "");
	check_refused(2, len, SYNCTHING_NOT_FOUND);
}
END_TEST

START_TEST(keys_die_with_whoever_came_first)
{
	struct keys keys;
	size_t len;

	meet(&keys);
	(void)bring(1, keys.client, "");
	(void)fake_command(IPC_CONN_HOLD);
	fake_gone(c, &a, 1);
	fake_forget_commands();
	len = bring(2, keys.server, "");
	check_refused(2, len, SYNCTHING_NOT_FOUND);
	ck_assert_uint_eq(c->counters.calls_ended[CALL_END_PEER_GONE], 1);
}
END_TEST

START_TEST(device_that_a_drain_sent_elsewhere_is_invited_again)
{
	struct stream *client, *server = joined(7);
	uint8_t first[SYNCTHING_KEY_LEN], second[SYNCTHING_KEY_LEN];

	client = device(8);
	ask(client, 7);
	invited(client, 7, false, first);
	invited(server, 8, true, first);
	stream_end(server, STREAM_END_DRAINED);
	server = device_at(1, 7);
	say_type(server, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(server, SYNCTHING_SUCCESS);
	invited(server, 8, true, second);
	ck_assert_mem_eq(first, second, SYNCTHING_KEY_LEN);
}
END_TEST

START_TEST(nobody_is_waited_for_for_ever)
{
	struct keys keys;
	size_t len;

	meet(&keys);
	(void)bring(1, keys.client, "");
	pass(c->config.connection_timeout_ms);
	ck_assert_uint_eq(c->counters.calls_ended[CALL_END_EXPIRED], 1);
	len = bring(2, keys.server, "");
	check_refused(2, len, SYNCTHING_NOT_FOUND);
}
END_TEST

START_TEST(key_is_no_token_of_another_frontend)
{
	struct keys keys;

	meet(&keys);
	fake_open(c, &a, 1, 1, keys.client);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.say.len, 0);
	(void)bring(2, keys.client, "");
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

static void
show_hex(uint64_t conn, const char *hex)
{
	uint8_t bytes[64];
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		unsigned byte;

		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
	fake_show(c, &a, conn, 1, bytes, len, 0);
}

START_TEST(bad_session_bytes_are_answered)
{
	show_hex(1, "9e79bc400000000000000000");
	check_refused(1, 12, SYNCTHING_UNEXPECTED_MESSAGE);
	show_hex(2, "9e79bc400000006300000000");
	check_refused(2, 12, SYNCTHING_NOT_FOUND);
	show_hex(3, "9e79bc400000000300000401");
	check_refused(3, 12, SYNCTHING_NOT_FOUND);
	show_hex(4, "9e79bc40000000030000000400000000");
	check_refused(4, 16, SYNCTHING_NOT_FOUND);
}
END_TEST

START_TEST(session_bytes_are_waited_for)
{
	show_hex(1, "9e");
	ck_assert_uint_eq(fake_command(IPC_CONN_WAIT).u.conn_wait.n, 12);
	show_hex(2, "9e79bc4000000003000000240000");
	ck_assert_uint_eq(fake_command(IPC_CONN_WAIT).u.conn_wait.n, 48);
	show_hex(3, "9e79bc41");
	ck_assert_uint_eq(fake_command(IPC_CONN_WAIT).u.conn_wait.n, 32);
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

/* So that nobody is announced before time has passed. */
static struct stream *
waiting_asker(struct stream *server)
{
	struct stream *asker = device(9);

	c->config.max_notices_burst = 1;
	rate_take(&server->client->quota.notices,
	    rate_available(
		&server->client->quota.notices, loop_now_ms(c->loop)));
	ask(asker, 7);
	told_nothing(asker);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 1);
	return asker;
}

START_TEST(asker_waits_for_its_turn_in_no_handshakes_place)
{
	struct stream *server = joined(7), *asker = waiting_asker(server);
	uint8_t key[SYNCTHING_KEY_LEN];

	ck_assert_uint_eq(c->budget.n_handshakes, 0);
	pass(1000);
	invited(asker, 7, false, key);
	invited(server, 9, true, key);
}
END_TEST

START_TEST(call_of_an_asker_that_leaves_is_over)
{
	struct stream *server = joined(7);

	stream_end(waiting_asker(server), STREAM_END_CLOSED);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 0);
	ck_assert_uint_eq(c->counters.calls_ended[CALL_END_PEER_GONE], 1);
}
END_TEST

START_TEST(asker_is_told_when_the_client_goes)
{
	struct stream *server = joined(7), *asker = waiting_asker(server);

	stream_end(server, STREAM_END_CLOSED);
	told_code(asker, SYNCTHING_NOT_FOUND);
	ck_assert_uint_eq(ended(STREAM_END_ABSENT), 1);
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
	pass(100);
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

START_TEST(newcomer_is_turned_away_if_the_holder_answers)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	told_ping(holder);
	told_nothing(newcomer);
	pass(SYNCTHING_CONTEST_MS - 100);
	say_type(holder, SYNCTHING_PONG);
	told_code(newcomer, SYNCTHING_ALREADY_CONNECTED);
	ck_assert_uint_eq(ended(STREAM_END_DUPLICATE), 1);
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
	fake_advance(c, SYNCTHING_CONTEST_MS);
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
	ck_assert_uint_eq(ended(STREAM_END_REPLACED), 0);
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
	ck_assert_uint_eq(ended(STREAM_END_REPLACED), 1);
	ck_assert_ptr_eq(
	    fake_find(c, &frontend_syncthing, 7)->stream, newcomer);
}
END_TEST

START_TEST(node_that_does_not_answer_is_not_waited_for)
{
	struct ipc_msg asked;
	struct stream *newcomer = contested(&asked);

	fake_advance(c, SYNCTHING_JUDGE_MS);
	told_code(newcomer, SYNCTHING_SUCCESS);
	ck_assert_uint_eq(ended(STREAM_END_REPLACED), 1);
	node_says(&asked, 0); /* late: of a pair that carries nobody now */
	ck_assert_int_eq(newcomer->state, STREAM_REGISTERED);
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
	pass(SYNCTHING_CONTEST_MS);
	told_code(newcomer, SYNCTHING_SUCCESS);
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
	pass(50);
	told_code(newcomer, SYNCTHING_SUCCESS);
}
END_TEST

START_TEST(newcomer_that_ends_leaves_the_holder_in_peace)
{
	struct stream *holder = joined(7), *newcomer = device_at(1, 7);

	say_type(newcomer, SYNCTHING_JOIN_RELAY_REQUEST);
	told_ping(holder);
	stream_end(newcomer, STREAM_END_CLOSED);
	pass(SYNCTHING_CONTEST_MS + SYNCTHING_JUDGE_MS);
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
	pass(SYNCTHING_CONTEST_MS + SYNCTHING_JUDGE_MS);
	told_code(newcomer, SYNCTHING_SUCCESS);
	ck_assert_uint_eq(ended(STREAM_END_REPLACED), 1);
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

START_TEST(advertised_port_is_invited_to_unless_the_dialled_one_is_among_them)
{
	char *places[] = {strdup("relay.example:443"), strdup("[::1]:7443")};
	struct conf_list was = c->config.advertise;

	ck_assert_uint_eq(publish_port(c, 7443), 7443);
	c->config.advertise.items = (void **)places;
	c->config.advertise.n = 1;
	ck_assert_uint_eq(publish_port(c, 7443), 443);
	c->config.advertise.n = 2;
	ck_assert_uint_eq(publish_port(c, 7443), 7443);
	ck_assert_uint_eq(publish_port(c, 22), 443);
	c->config.advertise = was;
	free(places[0]);
	free(places[1]);
}
END_TEST

static bool
place(const char *listener, const char *remote, struct addr *at)
{
	struct node node = {.n_listeners = 2};
	struct stream s = {.is_proxied = false};

	ck_assert_int_eq(addr_parse(&node.listeners[0], "0.0.0.0:7443"), 0);
	ck_assert_int_eq(addr_parse(&node.listeners[1], listener), 0);
	ck_assert_int_eq(addr_parse(&s.remote, remote), 0);
	if (!syncthing_place_at(at, &node, &s))
		return false;
	s.is_proxied = true;
	ck_assert(!syncthing_place_at(at, &node, &s));
	return true;
}

START_TEST(nodes_own_address_is_a_public_one_of_the_devices_family)
{
	struct addr at;
	char text[ADDR_TEXT_CAP];

	ck_assert(place("203.0.113.5:7444", "198.51.100.1:5", &at));
	ck_assert_str_eq(addr_format(&at, text), "203.0.113.5:7444");
	ck_assert(place("203.0.113.5:7444", "10.0.0.1:5", &at));
	ck_assert(place("[2001:db8::5]:7444", "[2001:db8:1::1]:5", &at));
	ck_assert(place("127.0.0.1:7444", "127.0.0.1:5", &at));
	ck_assert(!place("[2001:db8::5]:7444", "198.51.100.1:5", &at));
	ck_assert(!place("203.0.113.5:7444", "[2001:db8::1]:5", &at));
	ck_assert(!place("10.0.0.5:7444", "10.0.0.1:5", &at));
	ck_assert(!place("169.254.0.5:7444", "169.254.0.1:5", &at));
	ck_assert(!place("127.0.0.1:7444", "198.51.100.1:5", &at));
	ck_assert(!place("[::]:7444", "[2001:db8::1]:5", &at));
	ck_assert(!place("203.0.113.5:0", "198.51.100.1:5", &at));
}
END_TEST

START_TEST(of_several_nodes_both_come_to_the_askers)
{
	struct fake_node b = {.name = "b", .epoch = 0xb1};
	struct stream *server = joined(7), *client = device(8);
	struct node *node = client->pair->node;
	struct syncthing_msg m;

	ck_assert_int_eq(
	    addr_parse(&node->listeners[0], "203.0.113.5:7444"), 0);
	fake_ready(c, &b);
	ask(client, 7);
	for (int i = 0; i < 2; i++) {
		m = told(i == 0 ? client : server);
		ck_assert_uint_eq(m.u.invitation.address.len, 4);
		ck_assert_mem_eq(
		    m.u.invitation.address.p, "\xcb\x00\x71\x05", 4);
		ck_assert_uint_eq(m.u.invitation.port, 7444);
	}
	client = device(9);
	node->drains = true;
	ask(client, 7);
	ck_assert_uint_eq(told(client).u.invitation.address.len, 0);
	node->drains = false;
}
END_TEST

static TCase *
arrivals(void)
{
	TCase *t = tcase_create("arrivals");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, written_out_words_are_what_the_codec_writes);
	tcase_add_test(t, hello_is_waited_for_and_then_held_whole);
	tcase_add_test(t, tx3_is_still_served_beside_it);
	tcase_add_test(t, one_digest_may_be_a_client_of_both);
	tcase_add_test(t, digest_of_tx3s_that_looks_like_a_session_is_refused);
	tcase_add_test(t, device_without_the_name_is_no_device);
	tcase_add_test(t, bad_session_bytes_are_answered);
	tcase_add_test(t, session_bytes_are_waited_for);
	return t;
}

static TCase *
joining(void)
{
	TCase *t = tcase_create("joining");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, joining_is_answered_once_and_makes_a_client);
	tcase_add_test(t, who_does_not_join_in_time_is_let_go);
	tcase_add_test(t, joining_twice_ends_the_stream);
	tcase_add_test(
	    t, joined_device_is_pinged_every_minute_and_let_go_after_two);
	tcase_add_test(t, any_byte_shows_that_a_device_is_there);
	tcase_add_test(t, ping_is_answered_before_and_after_joining);
	tcase_add_test(t, other_messages_are_unexpected);
	tcase_add_test(t, what_is_no_message_ends_the_stream_without_a_word);
	tcase_add_test(t, token_must_be_the_relays);
	tcase_add_test(t, full_relay_says_so_and_serves_who_asks);
	return t;
}

static TCase *
asking(void)
{
	TCase *t = tcase_create("asking");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, who_asks_for_nobody_is_told_so);
	tcase_add_test(t, who_asks_beyond_a_limit_is_told_that_nobody_is_there);
	tcase_add_test(t, device_may_ask_for_itself);
	tcase_add_test(
	    t, nodes_own_address_is_a_public_one_of_the_devices_family);
	tcase_add_test(t, of_several_nodes_both_come_to_the_askers);
	tcase_add_test(t, who_has_joined_may_not_ask_on_that_stream);
	tcase_add_test(t, asker_waits_for_its_turn_in_no_handshakes_place);
	tcase_add_test(t, call_of_an_asker_that_leaves_is_over);
	tcase_add_test(t, asker_is_told_when_the_client_goes);
	tcase_add_test(t, asker_that_waits_may_begin_nothing_else);
	tcase_add_test(t, asker_waits_for_a_device_that_is_expected_back);
	tcase_add_test(t, who_waits_for_a_device_leaves_it_its_place);
	tcase_add_test(t,
	    advertised_port_is_invited_to_unless_the_dialled_one_is_among_them);
	return t;
}

static TCase *
sessions(void)
{
	TCase *t = tcase_create("sessions");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, both_are_invited_with_keys_of_their_own);
	tcase_add_test(t, first_is_let_in_at_once_and_may_have_said_all);
	tcase_add_test(t, second_is_let_in_by_the_pair);
	tcase_add_test(t, who_asked_is_a_whoever_came_first);
	tcase_add_test(t, key_is_good_once);
	tcase_add_test(t, keys_die_with_whoever_came_first);
	tcase_add_test(t, device_that_a_drain_sent_elsewhere_is_invited_again);
	tcase_add_test(t, nobody_is_waited_for_for_ever);
	tcase_add_test(t, key_is_no_token_of_another_frontend);
	return t;
}

static TCase *
duplicates(void)
{
	TCase *t = tcase_create("duplicates");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, newcomer_is_turned_away_if_the_holder_answers);
	tcase_add_test(t, holder_whose_tcp_acknowledged_is_there);
	tcase_add_loop_test(t, holder_whose_tcp_did_not_is_replaced, 0, 2);
	tcase_add_test(t, node_that_does_not_answer_is_not_waited_for);
	tcase_add_test(t, answer_that_nobody_asked_for_changes_nothing);
	tcase_add_test(t, holder_behind_a_balancer_has_but_its_ping);
	tcase_add_test(t, third_is_turned_away_while_two_contest);
	tcase_add_test(t, holder_that_ends_leaves_its_place_at_once);
	tcase_add_test(t, newcomer_that_ends_leaves_the_holder_in_peace);
	tcase_add_test(t, newcomer_gets_the_very_place_of_its_holder);
	tcase_add_test(t, all_ends_in_good_order_with_control);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("syncthing");
	SRunner *runner;
	int failures;

	suite_add_tcase(s, arrivals());
	suite_add_tcase(s, joining());
	suite_add_tcase(s, asking());
	suite_add_tcase(s, sessions());
	suite_add_tcase(s, duplicates());
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
