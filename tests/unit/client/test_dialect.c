#include <string.h>
#include <unistd.h>

#include "tests/unit/client/far.h"
#include "tests/unit/client/relay_world.h"
#include "tests/unit/suite.h"

static const enum tx3_dialect LATER = TX3_NOTICE50;
static const enum tx3_dialect FIRST = TX3_NOTICE32;

/* What the relay does about ALPN: once a client offers some, it counts, and
 * answers so. */
static unsigned n_offers;
static int alpn_answer;

static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	n_offers++;
	ck_assert_uint_eq(in_len, 1 + strlen(TX3_ALPN));
	ck_assert_mem_eq(in + 1, TX3_ALPN, in[0]);
	*out = in + 1;
	*out_len = in[0];
	return alpn_answer;
}

static void
setup(void)
{
	relay_world_setup();
	n_offers = 0;
}

static void
relay_answers(int answer)
{
	alpn_answer = answer;
	SSL_CTX_set_alpn_select_cb(both.server, on_alpn, NULL);
}

static struct tx3_notice
sample(void)
{
	struct tx3_notice n;

	ck_assert_int_eq(addr_parse(&n.origin, "[2001:db8::7]:40000"), 0);
	memset(n.token, 0x5a, sizeof n.token);
	return n;
}

/* A notice in two pieces. */
static void
say_notice(SSL *ssl, enum tx3_dialect dialect)
{
	struct tx3_notice n = sample();
	uint8_t buf[TX3_NOTICE_MAX];
	size_t len = tx3_notice_encode(dialect, &n, buf);

	far_ssl_write(ssl, buf, 20);
	far_ssl_write(ssl, buf + 20, len - 20);
}

static void
clear_and_call(enum tx3_dialect dialect)
{
	SSL *ssl = relay_world_clear();
	char c;
	int error;

	say_notice(ssl, dialect);
	(void)far_ssl_read(ssl, &c, 1, &error);
	far_hang_up(ssl);
}

static void *
calls_with_50(void *arg)
{
	clear_and_call(TX3_NOTICE50);
	return arg;
}

static void *
calls_with_32(void *arg)
{
	clear_and_call(TX3_NOTICE32);
	return arg;
}

static void
check_notice(bool has_origin)
{
	struct tx3_notice want = sample();

	ck_assert_uint_eq(w.n_peers, 1);
	ck_assert_mem_eq(w.notice.token, want.token, sizeof want.token);
	ck_assert_int_eq(
	    addr_equal(&w.notice.origin, &want.origin), has_origin);
	ck_assert_int_eq(addr_is_unspecified(&w.notice.origin), !has_origin);
}

START_TEST(a_relay_that_takes_up_the_offer_tells_origins)
{
	relay_answers(SSL_TLSEXT_ERR_OK);
	relay_world_play(calls_with_50);
	check_notice(true);
}
END_TEST

START_TEST(a_relay_that_ignores_the_offer_tells_tokens_alone)
{
	relay_answers(SSL_TLSEXT_ERR_NOACK);
	relay_world_play(calls_with_32);
	ck_assert_uint_eq(n_offers, 1);
	check_notice(false);
}
END_TEST

START_TEST(a_relay_without_alpn_tells_tokens_alone)
{
	relay_world_play(calls_with_32);
	check_notice(false);
}
END_TEST

static void *
refuses_then_calls(void *arg)
{
	ck_assert_ptr_null(relay_world_take());
	return calls_with_32(arg);
}

START_TEST(a_relay_that_refuses_the_offer_is_tried_without_at_once)
{
	relay_answers(SSL_TLSEXT_ERR_ALERT_FATAL);
	relay_world_play(refuses_then_calls);
	ck_assert_uint_eq(n_offers, 1);
	check_notice(false);
}
END_TEST

static void *
refuses_clears_and_ends_twice(void *arg)
{
	for (int i = 0; i < 2; i++) {
		ck_assert_ptr_null(relay_world_take());
		far_hang_up(relay_world_clear());
	}
	return arg;
}

START_TEST(each_registration_offers_anew)
{
	w.stop_at = 2;
	relay_answers(SSL_TLSEXT_ERR_ALERT_FATAL);
	relay_world_play(refuses_clears_and_ends_twice);
	ck_assert_uint_eq(n_offers, 2);
}
END_TEST

START_TEST(a_fixed_later_dialect_is_not_offered)
{
	w.fixed = &LATER;
	relay_answers(SSL_TLSEXT_ERR_ALERT_FATAL);
	relay_world_play(calls_with_50);
	ck_assert_uint_eq(n_offers, 0);
	check_notice(true);
}
END_TEST

START_TEST(a_fixed_first_dialect_is_not_offered)
{
	w.fixed = &FIRST;
	relay_answers(SSL_TLSEXT_ERR_OK);
	relay_world_play(calls_with_32);
	ck_assert_uint_eq(n_offers, 0);
	check_notice(false);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("dialect");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, relay_world_teardown);
	tcase_add_test(t, a_relay_that_takes_up_the_offer_tells_origins);
	tcase_add_test(t, a_relay_that_ignores_the_offer_tells_tokens_alone);
	tcase_add_test(t, a_relay_without_alpn_tells_tokens_alone);
	tcase_add_test(
	    t, a_relay_that_refuses_the_offer_is_tried_without_at_once);
	tcase_add_test(t, each_registration_offers_anew);
	tcase_add_test(t, a_fixed_later_dialect_is_not_offered);
	tcase_add_test(t, a_fixed_first_dialect_is_not_offered);
	return suite_run("dialect", (TCase *[]){t, NULL});
}
