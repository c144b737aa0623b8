#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/handshake.h"
#include "client/tunnel.h"
#include "tests/unit/client/far.h"

enum { TLS, PLAIN };

#define HANDSHAKE_MS 3000
#define BIG_LEN	     (4u << 20)
#define SEVERAL_LEN  200000 /* several of the tunnel's buffers */

/* far TLS end <-> leg 0, tunnel, leg 1 <-> far plain end. */
struct world {
	struct loop *loop;
	struct identity *id;
	SSL_CTX *server;
	SSL_CTX *client;
	int near[2];
	int far[2];
	struct tunnel *tunnel;
	struct tunnel_result result;
	uint8_t *big;
	/* what the script saw */
	char heard[2][64];
	size_t n_heard[2];
	int error[2];
};

static struct world w;

static void
setup(void)
{
	memset(&w, 0, sizeof w);
	w.loop = loop_new_boot();
	w.id = far_identity();
	w.server = far_context(TLS_ROLE_SERVER, w.id);
	w.client = far_context(TLS_ROLE_CLIENT, w.id);
	far_pair(&w.near[TLS], &w.far[TLS]);
	far_pair(&w.near[PLAIN], &w.far[PLAIN]);
	w.big = malloc(BIG_LEN);
	for (size_t i = 0; i < BIG_LEN; i++)
		w.big[i] = (uint8_t)(i * 7 + i / 251);
}

static void
teardown(void)
{
	loop_free(w.loop);
	SSL_CTX_free(w.server);
	SSL_CTX_free(w.client);
	identity_free(w.id);
	free(w.big);
}

static void
on_end(void *arg, const struct tunnel_result *result)
{
	(void)arg;
	w.result = *result;
	loop_stop(w.loop);
}

static void
on_handshake(
    void *arg, enum handshake_end how, struct stream *s, const char *why)
{
	struct stream legs[2];

	(void)arg;
	(void)why;
	ck_assert_int_eq(how, HANDSHAKE_DONE);
	legs[TLS] = *s;
	stream_from_socket(&legs[PLAIN], w.near[PLAIN]);
	w.tunnel = tunnel_start(w.loop, legs, on_end, NULL);
	ck_assert_ptr_nonnull(w.tunnel);
}

/* Run the far ends' script against a tunnel until both have ended. */
static void
play(void *(*script)(void *))
{
	pthread_t thread;

	ck_assert_ptr_nonnull(handshake_start(w.loop, w.near[TLS], w.server,
	    TLS_ROLE_SERVER, HANDSHAKE_MS, on_handshake, NULL));
	far_start(&thread, script, NULL);
	ck_assert_int_eq(loop_run(w.loop), 0);
	far_join(thread);
}

static SSL *
call(void)
{
	SSL *ssl = far_tls(w.client, w.far[TLS], TLS_ROLE_CLIENT);

	ck_assert_ptr_nonnull(ssl);
	return ssl;
}

static void
hear(SSL *ssl)
{
	w.n_heard[TLS] =
	    far_ssl_read(ssl, w.heard[TLS], sizeof w.heard[TLS], &w.error[TLS]);
}

static void
hear_plain(void)
{
	w.n_heard[PLAIN] = far_read(w.far[PLAIN], w.heard[PLAIN],
	    sizeof w.heard[PLAIN], &w.error[PLAIN]);
}

static void *
tls_asks_and_ends_first(void *arg)
{
	SSL *ssl = call();

	far_ssl_write(ssl, "question", 8);
	far_finish(ssl);
	hear_plain();
	far_write(w.far[PLAIN], "answer", 6);
	(void)close(w.far[PLAIN]);
	hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(the_tls_side_may_end_first_and_still_hear_the_answer)
{
	play(tls_asks_and_ends_first);
	ck_assert_str_eq(w.heard[PLAIN], "question");
	ck_assert_int_eq(w.error[PLAIN], 0);
	ck_assert_str_eq(w.heard[TLS], "answer");
	ck_assert_int_eq(w.error[TLS], 0);
	ck_assert(w.result.finished);
	ck_assert_uint_eq(w.result.n_bytes[TLS], 8);
	ck_assert_uint_eq(w.result.n_bytes[PLAIN], 6);
}
END_TEST

static void *
plain_greets_and_ends_first(void *arg)
{
	SSL *ssl = call();

	far_write(w.far[PLAIN], "greeting", 8);
	(void)shutdown(w.far[PLAIN], SHUT_WR);
	hear(ssl);
	far_ssl_write(ssl, "thanks", 6);
	far_finish(ssl);
	hear_plain();
	far_hang_up(ssl);
	(void)close(w.far[PLAIN]);
	return arg;
}

START_TEST(the_plain_side_may_end_first_and_still_hear_the_answer)
{
	play(plain_greets_and_ends_first);
	ck_assert_str_eq(w.heard[TLS], "greeting");
	ck_assert_int_eq(w.error[TLS], 0);
	ck_assert_str_eq(w.heard[PLAIN], "thanks");
	ck_assert_int_eq(w.error[PLAIN], 0);
	ck_assert(w.result.finished);
}
END_TEST

static void *
tls_is_cut(void *arg)
{
	SSL *ssl = call();

	far_ssl_write(ssl, "half a sen", 10);
	(void)shutdown(w.far[TLS], SHUT_WR);
	hear_plain();
	far_hang_up(ssl);
	(void)close(w.far[PLAIN]);
	return arg;
}

START_TEST(a_fin_without_close_notify_resets_the_plain_side)
{
	play(tls_is_cut);
	ck_assert_int_eq(w.error[PLAIN], ECONNRESET);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, TLS);
	ck_assert_int_eq(w.result.how, STREAM_CUT);
	ck_assert_ptr_nonnull(strstr(w.result.why, "close_notify"));
}
END_TEST

static void *
tls_is_reset(void *arg)
{
	SSL *ssl = call();

	far_ssl_write(ssl, "x", 1);
	ck_assert_int_eq(read(w.far[PLAIN], w.heard[PLAIN], 1), 1);
	SSL_free(ssl);
	far_reset(w.far[TLS]);
	hear_plain();
	(void)close(w.far[PLAIN]);
	return arg;
}

START_TEST(a_reset_of_the_tls_side_resets_the_plain_side)
{
	play(tls_is_reset);
	ck_assert_int_eq(w.error[PLAIN], ECONNRESET);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, TLS);
	ck_assert_int_eq(w.result.how, STREAM_FAILED);
}
END_TEST

static void *
plain_speaks_and_resets(void *arg)
{
	SSL *ssl = call();
	char c;

	far_write(w.far[PLAIN], "early", 5);
	ck_assert_int_eq(SSL_read(ssl, &c, 1), 1);
	far_reset(w.far[PLAIN]);
	hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_reset_of_the_plain_side_ends_tls_without_close_notify)
{
	play(plain_speaks_and_resets);
	ck_assert_str_eq(w.heard[TLS], "arly");
	ck_assert_int_eq(w.error[TLS], -1);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, PLAIN);
}
END_TEST

static void *
plain_resets_after_its_end(void *arg)
{
	SSL *ssl = call();

	(void)shutdown(w.far[PLAIN], SHUT_WR);
	hear(ssl); /* the end has come through */
	far_reset(w.far[PLAIN]);
	ck_assert_int_eq(read(w.far[TLS], w.heard[TLS], 1), 0);
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_reset_is_seen_where_nothing_is_wanted)
{
	play(plain_resets_after_its_end);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, PLAIN);
}
END_TEST

static void *
plain_answers_early(void *arg)
{
	SSL *ssl = call();
	char c;

	far_ssl_write(ssl, w.big, 100000);
	ck_assert_int_eq(read(w.far[PLAIN], &c, 1), 1);
	far_write(w.far[PLAIN], "413", 3);
	(void)close(w.far[PLAIN]); /* unread bytes make it a reset */
	hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(what_was_said_before_a_reset_still_arrives)
{
	play(plain_answers_early);
	ck_assert_str_eq(w.heard[TLS], "413");
}
END_TEST

static void *
much_there_and_back(void *arg)
{
	SSL *ssl = call();
	uint8_t *copy = malloc(BIG_LEN + 1);
	int error;

	far_ssl_write(ssl, w.big, SEVERAL_LEN);
	far_finish(ssl);
	w.n_heard[PLAIN] = far_read(w.far[PLAIN], copy, BIG_LEN + 1, &error);
	ck_assert_int_eq(error, 0);
	ck_assert_mem_eq(copy, w.big, SEVERAL_LEN);
	free(copy);
	(void)close(w.far[PLAIN]);
	hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(several_buffers_full_arrive_whole)
{
	play(much_there_and_back);
	ck_assert_uint_eq(w.n_heard[PLAIN], SEVERAL_LEN);
	ck_assert(w.result.finished);
}
END_TEST

/* Write until nothing more is taken for a while. Returns how much it was. */
static size_t
write_until_stuck(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	size_t len = 0;

	while (len < BIG_LEN && poll(&p, 1, 200) == 1) {
		ssize_t n = send(fd, w.big + len, BIG_LEN - len, MSG_DONTWAIT);

		ck_assert_int_gt(n, 0);
		len += (size_t)n;
	}
	return len;
}

static void *
tls_reads_late(void *arg)
{
	SSL *ssl = call();
	uint8_t *copy = malloc(BIG_LEN);
	int small = 4096;
	size_t n;

	(void)setsockopt(
	    w.far[PLAIN], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	n = write_until_stuck(w.far[PLAIN]);
	ck_assert_uint_lt(n, BIG_LEN);
	(void)shutdown(w.far[PLAIN], SHUT_WR);
	w.n_heard[TLS] = far_ssl_read(ssl, copy, BIG_LEN, &w.error[TLS]);
	ck_assert_uint_eq(w.n_heard[TLS], n);
	ck_assert_mem_eq(copy, w.big, n);
	far_finish(ssl);
	hear_plain();
	free(copy);
	far_hang_up(ssl);
	(void)close(w.far[PLAIN]);
	return arg;
}

/* The kernel's buffers would take it all otherwise. */
static void
shrink(int near, int far)
{
	int small = 4096;

	(void)setsockopt(near, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	(void)setsockopt(near, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	(void)setsockopt(far, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
}

START_TEST(a_side_that_does_not_read_stops_the_one_that_writes)
{
	shrink(w.near[TLS], w.far[TLS]);
	shrink(w.near[PLAIN], w.far[PLAIN]);
	play(tls_reads_late);
	ck_assert_int_eq(w.error[TLS], 0);
	ck_assert(w.result.finished);
}
END_TEST

/* Standard input that never ends, standard output that nobody reads. */
static void
stdio_of_yes_and_head(struct stream *s)
{
	int out[2];

	ck_assert_int_eq(pipe(out), 0);
	(void)close(out[0]);
	ck_assert_int_eq(dup2(open("/dev/zero", O_RDONLY), STDIN_FILENO), 0);
	ck_assert_int_eq(dup2(out[1], STDOUT_FILENO), 1);
	(void)close(out[1]);
	ck_assert_int_eq(stream_from_stdio(s), 0);
}

START_TEST(output_that_nobody_reads_ends_endless_input)
{
	struct stream legs[2];

	stdio_of_yes_and_head(&legs[0]);
	stream_from_socket(&legs[1], w.near[PLAIN]);
	far_write(w.far[PLAIN], "x", 1);
	ck_assert_ptr_nonnull(tunnel_start(w.loop, legs, on_end, NULL));
	ck_assert_int_eq(loop_run(w.loop), 0);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, 0);
	(void)close(w.near[TLS]);
	(void)close(w.far[TLS]);
	(void)close(w.far[PLAIN]);
}
END_TEST

START_TEST(a_cancelled_tunnel_leaves_nothing)
{
	struct stream legs[2];

	stream_from_socket(&legs[0], w.near[TLS]);
	stream_from_socket(&legs[1], w.near[PLAIN]);
	w.tunnel = tunnel_start(w.loop, legs, on_end, NULL);
	tunnel_cancel(w.tunnel);
	tunnel_cancel(NULL);
	hear_plain();
	ck_assert_int_eq(w.error[PLAIN], ECONNRESET);
	(void)close(w.far[TLS]);
	(void)close(w.far[PLAIN]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tunnel");
	TCase *t = tcase_create("tunnel");
	SRunner *r;
	int failures;

	tcase_set_timeout(t, 9); /* s; no test may need TUNNEL_FLUSH_MS */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_tls_side_may_end_first_and_still_hear_the_answer);
	tcase_add_test(
	    t, the_plain_side_may_end_first_and_still_hear_the_answer);
	tcase_add_test(t, a_fin_without_close_notify_resets_the_plain_side);
	tcase_add_test(t, a_reset_of_the_tls_side_resets_the_plain_side);
	tcase_add_test(
	    t, a_reset_of_the_plain_side_ends_tls_without_close_notify);
	tcase_add_test(t, a_reset_is_seen_where_nothing_is_wanted);
	tcase_add_test(t, what_was_said_before_a_reset_still_arrives);
	tcase_add_test(t, several_buffers_full_arrive_whole);
	tcase_add_test(t, a_side_that_does_not_read_stops_the_one_that_writes);
	tcase_add_test(t, output_that_nobody_reads_ends_endless_input);
	tcase_add_test(t, a_cancelled_tunnel_leaves_nothing);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
