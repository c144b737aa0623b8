#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/notice.h"
#include "client/stream.h"
#include "tests/unit/client/far.h"
#include "tests/unit/client/relay_world.h"
#include "tests/unit/suite.h"

#define CLOSES 5 /* more than a relay that just restarts would */

/* What was wiped while it was still a secret. */
static bool wiped_part;	    /* of a token, in a reader */
static bool wiped_buffer;   /* the token's bytes as they came */
static bool wiped_preamble; /* what a dial says */

/* What the last bytes from the relay were read into. */
static const void *read_into;
static size_t n_read;

void __real_secret_wipe(void *p, size_t len);
void __wrap_secret_wipe(void *p, size_t len);
enum stream_answer
__real_stream_read(struct stream *s, void *p, size_t len, size_t *n);
enum stream_answer
__wrap_stream_read(struct stream *s, void *p, size_t len, size_t *n);

enum stream_answer
__wrap_stream_read(struct stream *s, void *p, size_t len, size_t *n)
{
	enum stream_answer answer = __real_stream_read(s, p, len, n);

	if (answer == STREAM_OK) {
		read_into = p;
		n_read = *n;
	}
	return answer;
}

static bool
is_full_of(const uint8_t *p, size_t len, uint8_t byte)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] != byte)
			return false;
	}
	return true;
}

void
__wrap_secret_wipe(void *p, size_t len)
{
	const struct notice_reader *reader = p;

	if (len == sizeof *reader && reader->len > 0)
		wiped_part |= is_full_of(reader->bytes, reader->len, 0x5a);
	else if (p == read_into && n_read > 0)
		wiped_buffer |= is_full_of(p, n_read, 0x5a);
	else if (len == TX3_PREAMBLE_LEN)
		wiped_preamble |= memcmp(p, both.way.digest, len) == 0;
	if (p == read_into)
		n_read = 0;
	__real_secret_wipe(p, len);
	ck_assert(is_full_of(p, len, 0));
}

static void *
clears_and_calls(void *arg)
{
	SSL *ssl = relay_world_clear();
	uint8_t token[TX3_TOKEN_LEN];
	int error;

	memset(token, 0x5a, sizeof token);
	far_ssl_write(ssl, token, 7);
	far_ssl_write(ssl, token, sizeof token - 7);
	far_ssl_write(ssl, token, 9); /* of another */
	(void)far_ssl_read(ssl, token, 1, &error);
	ck_assert_int_eq(error, 0); /* it said goodbye, and not a byte */
	far_hang_up(ssl);
	return arg;
}

START_TEST(registered_and_told_of_a_peer)
{
	uint8_t token[TX3_TOKEN_LEN];

	memset(token, 0x5a, sizeof token);
	relay_world_play(clears_and_calls);
	ck_assert_uint_eq(w.n_registered, 1);
	ck_assert_uint_eq(w.n_peers, 1);
	ck_assert_mem_eq(w.notice.token, token, sizeof token);
	ck_assert(addr_is_unspecified(&w.notice.origin));
}
END_TEST

static void *
shows_another_key(void *arg)
{
	SSL *ssl = relay_world_take();

	if (ssl != NULL)
		far_hang_up(ssl);
	return arg;
}

START_TEST(tokens_are_wiped_wherever_they_were)
{
	wiped_part = wiped_buffer = wiped_preamble = false;
	relay_world_play(clears_and_calls);
	ck_assert(wiped_part);
	ck_assert(wiped_buffer);
	ck_assert(wiped_preamble);
}
END_TEST

START_TEST(another_key_at_first_is_hopeless)
{
	both.way.digest[0] ^= 1;
	relay_world_play(shows_another_key);
	ck_assert_int_eq(w.fault.code, EXITCODE_RELAY_KEY);
	ck_assert_uint_eq(w.n_registered, 0);
}
END_TEST

static void *
clears_then_shows_another_key_then_clears(void *arg)
{
	SSL_CTX *other = far_context(TLS_ROLE_SERVER, both.us),
		*right = both.server;
	SSL *ssl = relay_world_clear();

	far_hang_up(ssl);
	both.server = other;
	(void)shows_another_key(NULL);
	both.server = right;
	ssl = relay_world_clear();
	far_hang_up(ssl);
	SSL_CTX_free(other);
	return arg;
}

START_TEST(another_key_later_is_tried_again)
{
	w.stop_at = 2;
	relay_world_play(clears_then_shows_another_key_then_clears);
	ck_assert_uint_eq(w.n_registered, 2);
	ck_assert_int_eq(w.fault.code, EXITCODE_OK);
}
END_TEST

static void *
closes_often_then_clears(void *arg)
{
	SSL *ssl;

	for (int i = 0; i < CLOSES; i++)
		(void)close(accept(both.listener, NULL, NULL));
	ssl = relay_world_clear();
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_relay_that_only_closes_is_tried_until_it_clears)
{
	w.stop_at = 1;
	relay_world_play(closes_often_then_clears);
	ck_assert_uint_eq(w.n_registered, 1);
	ck_assert_int_eq(w.fault.code, EXITCODE_OK);
}
END_TEST

static void *
clears_with_a_wrong_byte_then_right(void *arg)
{
	SSL *ssl = relay_world_take();

	far_ssl_write(ssl, "\1", 1);
	far_hang_up(ssl);
	ssl = relay_world_clear();
	far_hang_up(ssl);
	return arg;
}

START_TEST(without_an_all_clear_there_is_no_registration)
{
	w.stop_at = 1;
	relay_world_play(clears_with_a_wrong_byte_then_right);
	ck_assert_uint_eq(w.n_registered, 1);
}
END_TEST

static void *
clears_twice_and_stays(void *arg)
{
	SSL *first = relay_world_clear(), *second;

	far_ssl_write(first, "part of a token", 15); /* wakes the loop */
	second = relay_world_clear();
	far_hang_up(first);
	far_hang_up(second);
	return arg;
}

START_TEST(a_machine_that_slept_registers_anew)
{
	w.stop_at = 2;
	w.sleeps = true;
	relay_world_play(clears_twice_and_stays);
	ck_assert_uint_eq(w.n_registered, 2);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("relay");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, relay_world_setup, relay_world_teardown);
	tcase_add_test(t, registered_and_told_of_a_peer);
	tcase_add_test(t, tokens_are_wiped_wherever_they_were);
	tcase_add_test(t, another_key_at_first_is_hopeless);
	tcase_add_test(t, another_key_later_is_tried_again);
	tcase_add_test(t, a_relay_that_only_closes_is_tried_until_it_clears);
	tcase_add_test(t, without_an_all_clear_there_is_no_registration);
	tcase_add_test(t, a_machine_that_slept_registers_anew);
	return suite_run("relay", (TCase *[]){t, NULL});
}
