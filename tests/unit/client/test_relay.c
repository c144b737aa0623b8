#include <check.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/relay.h"
#include "common/clock.h"
#include "tests/unit/client/far.h"

#define SLEEP_MS (60 * 60 * 1000)

struct world {
	struct loop *loop;
	struct identity *us;
	struct identity *them;
	SSL_CTX *client;
	SSL_CTX *server;
	int listener;
	struct url url;
	struct relay *relay;
	unsigned n_registered;
	unsigned stop_at; /* registrations */
	unsigned n_tokens;
	uint8_t token[TX3_TOKEN_LEN];
	struct fault fault;
	bool sleeps; /* after the first registration */
	uint64_t slept_ms;
};

static struct world w;

uint64_t __real_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void);

/* The machine's sleep: the clock that goes on in it jumps ahead. */
uint64_t
__wrap_clock_boot_ms(void)
{
	return __real_clock_boot_ms() + w.slept_ms;
}

static void
setup(void)
{
	memset(&w, 0, sizeof w);
	w.loop = loop_new_boot();
	w.us = far_identity();
	w.them = far_identity();
	w.client = far_context(TLS_ROLE_CLIENT, w.us);
	w.server = far_context(TLS_ROLE_SERVER, w.them);
	w.listener = far_listen(&w.url.port);
	strcpy(w.url.host, "127.0.0.1");
	memcpy(w.url.digest, w.them->digest, DIGEST_LEN);
}

static void
teardown(void)
{
	relay_free(w.relay);
	loop_free(w.loop);
	SSL_CTX_free(w.client);
	SSL_CTX_free(w.server);
	identity_free(w.us);
	identity_free(w.them);
	(void)close(w.listener);
}

static void
on_registered(void *arg)
{
	(void)arg;
	if (++w.n_registered == w.stop_at)
		loop_stop(w.loop);
	else if (w.sleeps)
		w.slept_ms += SLEEP_MS;
}

static void
on_token(void *arg, const uint8_t token[TX3_TOKEN_LEN], const struct addr *addr)
{
	(void)arg;
	ck_assert(addr_is_loopback(addr));
	memcpy(w.token, token, sizeof w.token);
	w.n_tokens++;
	loop_stop(w.loop);
}

static void
on_hopeless(void *arg, const struct fault *fault)
{
	(void)arg;
	w.fault = *fault;
	loop_stop(w.loop);
}

static void
play(void *(*script)(void *))
{
	static const struct relay_events events = {
	    on_registered, on_token, on_hopeless};
	pthread_t thread;

	far_start(&thread, script, NULL);
	w.relay = relay_start(w.loop, &w.url, w.client, &events, NULL);
	ck_assert_ptr_nonnull(w.relay);
	ck_assert_int_eq(loop_run(w.loop), 0);
	relay_free(w.relay);
	w.relay = NULL;
	far_join(thread);
}

/* One registration, up to what comes behind TLS; NULL if that failed. */
static SSL *
take_one(void)
{
	uint8_t preamble[TX3_PREAMBLE_LEN];
	int fd = accept(w.listener, NULL, NULL);
	SSL *ssl;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(
	    recv(fd, preamble, sizeof preamble, MSG_WAITALL), sizeof preamble);
	ck_assert_mem_eq(preamble, w.url.digest, sizeof preamble);
	ssl = far_tls(w.server, fd, TLS_ROLE_SERVER);
	if (ssl == NULL)
		(void)close(fd);
	return ssl;
}

static void *
clears_and_calls(void *arg)
{
	SSL *ssl = take_one();
	uint8_t token[TX3_TOKEN_LEN];
	int error;

	memset(token, 0x5a, sizeof token);
	far_ssl_write(ssl, "\0", 1);
	far_ssl_write(ssl, token, 7);
	far_ssl_write(ssl, token, sizeof token - 7);
	(void)far_ssl_read(ssl, token, 1, &error);
	ck_assert_int_eq(error, 0); /* it said goodbye, and not a byte */
	far_hang_up(ssl);
	return arg;
}

START_TEST(registered_and_told_of_a_peer)
{
	uint8_t token[TX3_TOKEN_LEN];

	memset(token, 0x5a, sizeof token);
	play(clears_and_calls);
	ck_assert_uint_eq(w.n_registered, 1);
	ck_assert_uint_eq(w.n_tokens, 1);
	ck_assert_mem_eq(w.token, token, sizeof token);
}
END_TEST

static void *
shows_another_key(void *arg)
{
	SSL *ssl = take_one();

	if (ssl != NULL)
		far_hang_up(ssl);
	return arg;
}

START_TEST(another_key_at_first_is_hopeless)
{
	w.url.digest[0] ^= 1;
	play(shows_another_key);
	ck_assert_int_eq(w.fault.code, EXITCODE_RELAY_KEY);
	ck_assert_uint_eq(w.n_registered, 0);
}
END_TEST

static void *
clears_then_shows_another_key_then_clears(void *arg)
{
	SSL_CTX *other = far_context(TLS_ROLE_SERVER, w.us), *right = w.server;
	SSL *ssl = take_one();

	far_ssl_write(ssl, "\0", 1);
	far_hang_up(ssl);
	w.server = other;
	(void)shows_another_key(NULL);
	w.server = right;
	ssl = take_one();
	far_ssl_write(ssl, "\0", 1);
	far_hang_up(ssl);
	SSL_CTX_free(other);
	return arg;
}

START_TEST(another_key_later_is_tried_again)
{
	w.stop_at = 2;
	play(clears_then_shows_another_key_then_clears);
	ck_assert_uint_eq(w.n_registered, 2);
	ck_assert_int_eq(w.fault.code, EXITCODE_OK);
}
END_TEST

static void *
closes_always(void *arg)
{
	for (int i = 0; i < RELAY_CLOSES_MAX; i++) {
		int fd = accept(w.listener, NULL, NULL);

		(void)close(fd);
	}
	return arg;
}

START_TEST(a_relay_that_only_closes_is_hopeless)
{
	play(closes_always);
	ck_assert_int_eq(w.fault.code, EXITCODE_NOBODY);
}
END_TEST

static void *
closes_twice_then_clears(void *arg)
{
	SSL *ssl;

	for (int i = 0; i < RELAY_CLOSES_MAX - 1; i++)
		(void)close(accept(w.listener, NULL, NULL));
	ssl = take_one();
	far_ssl_write(ssl, "\0", 1);
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_relay_that_is_just_starting_is_waited_for)
{
	w.stop_at = 1;
	play(closes_twice_then_clears);
	ck_assert_uint_eq(w.n_registered, 1);
}
END_TEST

static void *
clears_with_a_wrong_byte_then_right(void *arg)
{
	SSL *ssl = take_one();

	far_ssl_write(ssl, "\1", 1);
	far_hang_up(ssl);
	ssl = take_one();
	far_ssl_write(ssl, "\0", 1);
	far_hang_up(ssl);
	return arg;
}

START_TEST(without_an_all_clear_there_is_no_registration)
{
	w.stop_at = 1;
	play(clears_with_a_wrong_byte_then_right);
	ck_assert_uint_eq(w.n_registered, 1);
}
END_TEST

static void *
clears_twice_and_stays(void *arg)
{
	SSL *first = take_one(), *second;

	far_ssl_write(first, "\0", 1);
	far_ssl_write(first, "part of a token", 15); /* wakes the loop */
	second = take_one();
	far_ssl_write(second, "\0", 1);
	far_hang_up(first);
	far_hang_up(second);
	return arg;
}

START_TEST(a_machine_that_slept_registers_anew)
{
	w.stop_at = 2;
	w.sleeps = true;
	play(clears_twice_and_stays);
	ck_assert_uint_eq(w.n_registered, 2);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("relay");
	TCase *t = tcase_create("relay");
	SRunner *r;
	int failures;

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, registered_and_told_of_a_peer);
	tcase_add_test(t, another_key_at_first_is_hopeless);
	tcase_add_test(t, another_key_later_is_tried_again);
	tcase_add_test(t, a_relay_that_only_closes_is_hopeless);
	tcase_add_test(t, a_relay_that_is_just_starting_is_waited_for);
	tcase_add_test(t, without_an_all_clear_there_is_no_registration);
	tcase_add_test(t, a_machine_that_slept_registers_anew);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
