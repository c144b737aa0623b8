/* Keys of sessions, from the invitation to the pair. */
#include <stdio.h>
#include <string.h>

#include "control/syncthing_client.h"
#include "tests/unit/control/devices.h"

/* All keys that were wiped, by themselves or in a message. */
static uint8_t wiped[8192];
static size_t wiped_len;

void __real_secret_wipe(void *p, size_t len);
void __wrap_secret_wipe(void *p, size_t len);

void
__wrap_secret_wipe(void *p, size_t len)
{
	bool is_key = len == SYNCTHING_KEY_LEN;
	size_t total;

	if ((is_key || syncthing_measure(p, len, &total) == PARSE_OK) &&
	    len <= sizeof wiped - wiped_len) {
		memcpy(wiped + wiped_len, p, len);
		wiped_len += len;
	}
	__real_secret_wipe(p, len);
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

START_TEST(both_are_invited_with_keys_of_their_own)
{
	struct keys keys;

	meet(&keys);
	ck_assert_mem_ne(keys.server, keys.client, SYNCTHING_KEY_LEN);
	ck_assert_uint_eq(streams_ended(STREAM_END_INVITED), 1);
	ck_assert_uint_eq(c->tokens.issued.n, 2);
	ck_assert_uint_eq(counted(COUNT_NOTICES), 1);
}
END_TEST

static bool
is_wiped(const uint8_t key[SYNCTHING_KEY_LEN])
{
	return memmem(wiped, wiped_len, key, SYNCTHING_KEY_LEN) != NULL;
}

START_TEST(keys_are_wiped_where_they_were_written_and_kept)
{
	struct keys keys;

	wiped_len = 0;
	meet(&keys);
	ck_assert(is_wiped(keys.server));
	ck_assert(is_wiped(keys.client));
	wiped_len = 0;
	(void)bring(1, keys.client, "");
	(void)bring(2, keys.server, "");
	ck_assert(is_wiped(keys.server));
	ck_assert(is_wiped(keys.client));
}
END_TEST

START_TEST(first_is_let_in_at_once_and_may_have_said_all)
{
	struct ipc_msg m;
	struct keys keys;
	size_t len;

	meet(&keys);
	len = bring(1, keys.client, "early");
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.conn, 1);
	ck_assert_uint_eq(m.u.conn_hold.skip, len);
	ck_assert_int_eq(m.u.conn_hold.on_fin, IPC_FIN_KEEPS);
	check_words(&m.u.conn_hold.say, SYNCTHING_SUCCESS);
	fake_fin(c, &a, 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_STATE), 0);
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

/* What a session with 7, who has joined, is limited to; pairs at 1 byte a
 * second, devices at 2, all at 3. */
static struct ipc_limits
limits_of_session(struct stream *client)
{
	struct stream *server = joined(7);
	struct keys keys;

	c->config.max_bytes_per_s_per_pair = 1;
	c->config.max_bytes_per_s_per_client = 2;
	c->config.max_bytes_per_s = 3;
	ask(client, 7);
	invited(client, 7, false, keys.client);
	invited(server, client->digest[0], true, keys.server);
	(void)bring(1, keys.client, "");
	(void)bring(2, keys.server, "");
	(void)fake_command(IPC_CONN_HOLD);
	return fake_command(IPC_CONN_PAIR).u.conn_pair.limits;
}

START_TEST(session_draws_from_the_rates_of_both_devices)
{
	struct ipc_limits limits = limits_of_session(device(8));

	ck_assert_uint_eq(limits.n_rates, 4);
	ck_assert_uint_eq(limits.rates[0].bytes_per_s, 1);
	ck_assert_uint_eq(limits.rates[1].bytes_per_s, 3);
	ck_assert_uint_eq(limits.rates[2].bytes_per_s, 2);
	ck_assert_uint_eq(limits.rates[3].bytes_per_s, 2);
	ck_assert_uint_ne(limits.rates[2].group, limits.rates[3].group);
}
END_TEST

START_TEST(session_of_one_device_draws_from_its_rate_once)
{
	ck_assert_uint_eq(limits_of_session(device_at(5000, 7)).n_rates, 3);
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

START_TEST(key_ends_where_it_says)
{
	struct syncthing_msg m = {.type = SYNCTHING_JOIN_SESSION_REQUEST};
	uint8_t buf[SYNCTHING_MSG_MAX];
	struct keys keys;
	size_t len;

	meet(&keys);
	m.u.key = (struct syncthing_bytes){keys.client, SYNCTHING_KEY_LEN};
	len = syncthing_encode(&m, buf, sizeof buf);
	buf[SYNCTHING_HEADER_LEN + 3] = SYNCTHING_KEY_LEN - 4;
	fake_show(c, &a, 1, 1, buf, len, 0);
	check_refused(1, len, SYNCTHING_NOT_FOUND);
	ck_assert_uint_eq(c->tokens.issued.n, 2);
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
	ck_assert_uint_eq(calls_ended(CALL_END_PEER_GONE), 1);
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

START_TEST(device_that_has_come_is_not_invited_again)
{
	struct stream *client = device(8), *server = joined(7);
	struct keys keys;

	ask(client, 7);
	invited(client, 7, false, keys.client);
	invited(server, 8, true, keys.server);
	(void)bring(1, keys.server, "");
	(void)fake_command(IPC_CONN_HOLD);
	stream_end(server, STREAM_END_DRAINED);
	told_nothing(joined(7));
	(void)bring(2, keys.client, "");
	(void)fake_command(IPC_CONN_PAIR);
}
END_TEST

START_TEST(nobody_is_waited_for_for_ever)
{
	struct keys keys;
	size_t len;

	meet(&keys);
	(void)bring(1, keys.client, "");
	live(c->config.connection_timeout_ms);
	ck_assert_uint_eq(calls_ended(CALL_END_EXPIRED), 1);
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

int
main(void)
{
	TCase *t = world_case("syncthing_sessions", devices_set_up);

	tcase_add_test(t, written_out_words_are_what_the_codec_writes);
	tcase_add_test(t, both_are_invited_with_keys_of_their_own);
	tcase_add_test(t, keys_are_wiped_where_they_were_written_and_kept);
	tcase_add_test(t, first_is_let_in_at_once_and_may_have_said_all);
	tcase_add_test(t, second_is_let_in_by_the_pair);
	tcase_add_test(t, who_asked_is_a_whoever_came_first);
	tcase_add_test(t, session_draws_from_the_rates_of_both_devices);
	tcase_add_test(t, session_of_one_device_draws_from_its_rate_once);
	tcase_add_test(t, key_is_good_once);
	tcase_add_test(t, key_ends_where_it_says);
	tcase_add_test(t, keys_die_with_whoever_came_first);
	tcase_add_test(t, device_that_a_drain_sent_elsewhere_is_invited_again);
	tcase_add_test(t, device_that_has_come_is_not_invited_again);
	tcase_add_test(t, nobody_is_waited_for_for_ever);
	tcase_add_test(t, key_is_no_token_of_another_frontend);
	tcase_add_test(t, bad_session_bytes_are_answered);
	tcase_add_test(t, session_bytes_are_waited_for);
	return suite_run("syncthing_sessions", (TCase *[]){t, NULL});
}
