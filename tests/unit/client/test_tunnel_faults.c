#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/client/far.h"
#include "tests/unit/client/tunnel_world.h"
#include "tests/unit/suite.h"

static void *
tls_is_cut(void *arg)
{
	SSL *ssl = tunnel_world_call();

	far_ssl_write(ssl, "half a sen", 10);
	(void)shutdown(w.far[TLS], SHUT_WR);
	tunnel_world_hear_plain();
	far_hang_up(ssl);
	(void)close(w.far[PLAIN]);
	return arg;
}

START_TEST(a_fin_without_close_notify_resets_the_plain_side)
{
	tunnel_world_play(tls_is_cut);
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
	SSL *ssl = tunnel_world_call();

	far_ssl_write(ssl, "x", 1);
	ck_assert_int_eq(read(w.far[PLAIN], w.heard[PLAIN], 1), 1);
	SSL_free(ssl);
	far_reset(w.far[TLS]);
	tunnel_world_hear_plain();
	(void)close(w.far[PLAIN]);
	return arg;
}

START_TEST(a_reset_of_the_tls_side_resets_the_plain_side)
{
	tunnel_world_play(tls_is_reset);
	ck_assert_int_eq(w.error[PLAIN], ECONNRESET);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, TLS);
	ck_assert_int_eq(w.result.how, STREAM_FAILED);
}
END_TEST

static void *
plain_speaks_and_resets(void *arg)
{
	SSL *ssl = tunnel_world_call();
	char c;

	far_write(w.far[PLAIN], "early", 5);
	ck_assert_int_eq(SSL_read(ssl, &c, 1), 1);
	far_reset(w.far[PLAIN]);
	tunnel_world_hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_reset_of_the_plain_side_ends_tls_without_close_notify)
{
	tunnel_world_play(plain_speaks_and_resets);
	ck_assert_str_eq(w.heard[TLS], "arly");
	ck_assert_int_eq(w.error[TLS], -1);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, PLAIN);
}
END_TEST

static void *
plain_resets_after_its_end(void *arg)
{
	SSL *ssl = tunnel_world_call();

	(void)shutdown(w.far[PLAIN], SHUT_WR);
	tunnel_world_hear(ssl); /* the end has come through */
	far_reset(w.far[PLAIN]);
	ck_assert_int_eq(read(w.far[TLS], w.heard[TLS], 1), 0);
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_reset_is_seen_where_nothing_is_wanted)
{
	tunnel_world_play(plain_resets_after_its_end);
	ck_assert(!w.result.finished);
	ck_assert_uint_eq(w.result.leg, PLAIN);
}
END_TEST

static void *
plain_answers_early(void *arg)
{
	SSL *ssl = tunnel_world_call();
	char c;

	far_ssl_write(ssl, w.big, 100000);
	ck_assert_int_eq(read(w.far[PLAIN], &c, 1), 1);
	far_write(w.far[PLAIN], "413", 3);
	(void)close(w.far[PLAIN]); /* unread bytes make it a reset */
	tunnel_world_hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(what_was_said_before_a_reset_still_arrives)
{
	tunnel_world_play(plain_answers_early);
	ck_assert_str_eq(w.heard[TLS], "413");
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
	ck_assert_ptr_nonnull(
	    tunnel_start(w.loop, legs, tunnel_world_ended, NULL));
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
	w.tunnel = tunnel_start(w.loop, legs, tunnel_world_ended, NULL);
	tunnel_cancel(w.tunnel);
	tunnel_cancel(NULL);
	tunnel_world_hear_plain();
	ck_assert_int_eq(w.error[PLAIN], ECONNRESET);
	(void)close(w.far[TLS]);
	(void)close(w.far[PLAIN]);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("tunnel_faults");

	tcase_set_timeout(t, 9); /* s; no test may need TUNNEL_FLUSH_MS */
	tcase_add_checked_fixture(t, tunnel_world_setup, tunnel_world_teardown);
	tcase_add_test(t, a_fin_without_close_notify_resets_the_plain_side);
	tcase_add_test(t, a_reset_of_the_tls_side_resets_the_plain_side);
	tcase_add_test(
	    t, a_reset_of_the_plain_side_ends_tls_without_close_notify);
	tcase_add_test(t, a_reset_is_seen_where_nothing_is_wanted);
	tcase_add_test(t, what_was_said_before_a_reset_still_arrives);
	tcase_add_test(t, output_that_nobody_reads_ends_endless_input);
	tcase_add_test(t, a_cancelled_tunnel_leaves_nothing);
	return suite_run("tunnel_faults", (TCase *[]){t, NULL});
}
