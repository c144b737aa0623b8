#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/call.h"
#include "proto/tx3.h"
#include "tests/unit/client/both.h"
#include "tests/unit/suite.h"

struct world {
	struct url ways[2];
	uint8_t preamble[TX3_PREAMBLE_LEN]; /* as the far end got it */
	bool succeeded;
	struct called called;
	struct fault fault;
};

static struct world w;

static void
setup(void)
{
	both_setup();
	memset(&w, 0, sizeof w);
	w.ways[0] = w.ways[1] = both.way;
}

static void
on_called(void *arg, const struct called *called, const struct fault *fault)
{
	(void)arg;
	w.called = *called;
	w.succeeded = fault == NULL;
	if (fault != NULL)
		w.fault = *fault;
	else
		stream_close(called->stream);
	loop_stop(both.loop);
}

static void
make_calls(size_t n_ways)
{
	ck_assert_ptr_nonnull(call_start(
	    both.loop, w.ways, n_ways, both.client, on_called, NULL));
	ck_assert_int_eq(loop_run(both.loop), 0);
}

static void
call_with(void *(*script)(void *), size_t n_ways)
{
	pthread_t thread;

	far_start(&thread, script, NULL);
	make_calls(n_ways);
	far_join(thread);
}

static int
take_preamble(void)
{
	int fd = accept(both.listener, NULL, NULL);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(recv(fd, w.preamble, sizeof w.preamble, MSG_WAITALL),
	    sizeof w.preamble);
	return fd;
}

static void *
answers(void *arg)
{
	int fd = take_preamble();
	SSL *ssl = far_tls(both.server, fd, TLS_ROLE_SERVER);

	/* NULL: it hung up on us, as it should on a wrong key */
	if (ssl != NULL)
		far_hang_up(ssl);
	else
		(void)close(fd);
	return arg;
}

static void *
answers_directly(void *arg)
{
	int fd = accept(both.listener, NULL, NULL);
	SSL *ssl = far_tls(both.server, fd, TLS_ROLE_SERVER);

	ck_assert_ptr_nonnull(ssl);
	far_hang_up(ssl);
	return arg;
}

static void *
closes(void *arg)
{
	int fd = take_preamble();

	(void)close(fd);
	return arg;
}

static void *
speaks_http(void *arg)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	int fd = take_preamble();

	far_write(fd, answer, sizeof answer - 1);
	(void)close(fd);
	return arg;
}

START_TEST(whoever_has_the_key_is_reached)
{
	call_with(answers, 1);
	ck_assert(w.succeeded);
	ck_assert_mem_eq(w.preamble, both.them->digest, DIGEST_LEN);
	ck_assert(w.called.connected);
	ck_assert_uint_gt(w.called.handshake_us, 0);
	ck_assert_uint_eq(w.called.addr.port, w.ways[0].port);
}
END_TEST

START_TEST(a_direct_call_has_no_preamble)
{
	w.ways[0].kind = URL_DIRECT;
	call_with(answers_directly, 1);
	ck_assert(w.succeeded);
}
END_TEST

START_TEST(another_key_is_told)
{
	w.ways[0].digest[31] ^= 1;
	call_with(answers, 1);
	ck_assert(!w.succeeded);
	ck_assert_int_eq(w.fault.code, EXITCODE_PEER_KEY);
	ck_assert_ptr_null(w.called.stream);
}
END_TEST

START_TEST(a_close_without_a_word_is_not_guessed_at)
{
	call_with(closes, 1);
	ck_assert_int_eq(w.fault.code, EXITCODE_NOBODY);
	ck_assert_ptr_nonnull(strstr(w.fault.text, "nobody answers"));
	ck_assert_ptr_nonnull(strstr(w.fault.text, "at a limit"));
	ck_assert(w.called.connected);
}
END_TEST

START_TEST(what_speaks_no_tls_is_told)
{
	call_with(speaks_http, 1);
	ck_assert_int_eq(w.fault.code, EXITCODE_NOBODY);
	ck_assert_ptr_nonnull(strstr(w.fault.text, "does not speak"));
}
END_TEST

/* The port is known, and closed. */
static void
stop_listening(void)
{
	(void)close(both.listener);
	both.listener = -1;
}

START_TEST(a_relay_that_is_not_there_is_not_reached)
{
	stop_listening();
	make_calls(1);
	ck_assert_int_eq(w.fault.code, EXITCODE_RELAY_NOT_REACHED);
	ck_assert(!w.called.connected);
}
END_TEST

START_TEST(a_direct_peer_that_is_not_there_is_nobody)
{
	stop_listening();
	w.ways[0].kind = URL_DIRECT;
	make_calls(1);
	ck_assert_int_eq(w.fault.code, EXITCODE_NOBODY);
}
END_TEST

START_TEST(the_second_way_is_tried_when_the_first_fails)
{
	uint16_t closed;

	(void)close(far_listen(&closed));
	w.ways[0].port = closed;
	call_with(answers, 2);
	ck_assert(w.succeeded);
	ck_assert_ptr_eq(w.called.way, &w.ways[1]);
}
END_TEST

START_TEST(a_name_is_looked_up)
{
	strcpy(w.ways[0].host, "localhost");
	call_with(answers, 1);
	ck_assert(w.succeeded);
}
END_TEST

START_TEST(a_name_that_nobody_has_is_not_reached)
{
	strcpy(w.ways[0].host, "no-such-host.invalid");
	make_calls(1);
	ck_assert_int_eq(w.fault.code, EXITCODE_RELAY_NOT_REACHED);
	ck_assert_ptr_nonnull(strstr(w.fault.text, "no-such-host.invalid"));
}
END_TEST

START_TEST(a_cancelled_call_says_nothing)
{
	struct call *c =
	    call_start(both.loop, w.ways, 1, both.client, on_called, NULL);

	ck_assert_ptr_nonnull(c);
	call_cancel(c);
	call_cancel(NULL);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("call");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, both_teardown);
	tcase_add_test(t, whoever_has_the_key_is_reached);
	tcase_add_test(t, a_direct_call_has_no_preamble);
	tcase_add_test(t, another_key_is_told);
	tcase_add_test(t, a_close_without_a_word_is_not_guessed_at);
	tcase_add_test(t, what_speaks_no_tls_is_told);
	tcase_add_test(t, a_relay_that_is_not_there_is_not_reached);
	tcase_add_test(t, a_direct_peer_that_is_not_there_is_nobody);
	tcase_add_test(t, the_second_way_is_tried_when_the_first_fails);
	tcase_add_test(t, a_name_is_looked_up);
	tcase_add_test(t, a_name_that_nobody_has_is_not_reached);
	tcase_add_test(t, a_cancelled_call_says_nothing);
	return suite_run("call", (TCase *[]){t, NULL});
}
