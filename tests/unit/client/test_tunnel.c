#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/client/far.h"
#include "tests/unit/client/tunnel_world.h"
#include "tests/unit/suite.h"

#define SEVERAL_LEN 200000 /* several of the tunnel's buffers */

static void *
tls_asks_and_ends_first(void *arg)
{
	SSL *ssl = tunnel_world_call();

	far_ssl_write(ssl, "question", 8);
	far_finish(ssl);
	tunnel_world_hear_plain();
	far_write(w.far[PLAIN], "answer", 6);
	(void)close(w.far[PLAIN]);
	tunnel_world_hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(the_tls_side_may_end_first_and_still_hear_the_answer)
{
	tunnel_world_play(tls_asks_and_ends_first);
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
	SSL *ssl = tunnel_world_call();

	far_write(w.far[PLAIN], "greeting", 8);
	(void)shutdown(w.far[PLAIN], SHUT_WR);
	tunnel_world_hear(ssl);
	far_ssl_write(ssl, "thanks", 6);
	far_finish(ssl);
	tunnel_world_hear_plain();
	far_hang_up(ssl);
	(void)close(w.far[PLAIN]);
	return arg;
}

START_TEST(the_plain_side_may_end_first_and_still_hear_the_answer)
{
	tunnel_world_play(plain_greets_and_ends_first);
	ck_assert_str_eq(w.heard[TLS], "greeting");
	ck_assert_int_eq(w.error[TLS], 0);
	ck_assert_str_eq(w.heard[PLAIN], "thanks");
	ck_assert_int_eq(w.error[PLAIN], 0);
	ck_assert(w.result.finished);
}
END_TEST

static void *
much_there_and_back(void *arg)
{
	SSL *ssl = tunnel_world_call();
	uint8_t *copy = malloc(TUNNEL_WORLD_BIG + 1);
	int error;

	far_ssl_write(ssl, w.big, SEVERAL_LEN);
	far_finish(ssl);
	w.n_heard[PLAIN] =
	    far_read(w.far[PLAIN], copy, TUNNEL_WORLD_BIG + 1, &error);
	ck_assert_int_eq(error, 0);
	ck_assert_mem_eq(copy, w.big, SEVERAL_LEN);
	free(copy);
	(void)close(w.far[PLAIN]);
	tunnel_world_hear(ssl);
	far_hang_up(ssl);
	return arg;
}

START_TEST(several_buffers_full_arrive_whole)
{
	tunnel_world_play(much_there_and_back);
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

	while (len < TUNNEL_WORLD_BIG && poll(&p, 1, 200) == 1) {
		ssize_t n =
		    send(fd, w.big + len, TUNNEL_WORLD_BIG - len, MSG_DONTWAIT);

		ck_assert_int_gt(n, 0);
		len += (size_t)n;
	}
	return len;
}

static void *
tls_reads_late(void *arg)
{
	SSL *ssl = tunnel_world_call();
	uint8_t *copy = malloc(TUNNEL_WORLD_BIG);
	int small = 4096;
	size_t n;

	(void)setsockopt(
	    w.far[PLAIN], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	n = write_until_stuck(w.far[PLAIN]);
	ck_assert_uint_lt(n, TUNNEL_WORLD_BIG);
	(void)shutdown(w.far[PLAIN], SHUT_WR);
	w.n_heard[TLS] =
	    far_ssl_read(ssl, copy, TUNNEL_WORLD_BIG, &w.error[TLS]);
	ck_assert_uint_eq(w.n_heard[TLS], n);
	ck_assert_mem_eq(copy, w.big, n);
	far_finish(ssl);
	tunnel_world_hear_plain();
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
	tunnel_world_play(tls_reads_late);
	ck_assert_int_eq(w.error[TLS], 0);
	ck_assert(w.result.finished);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("tunnel");

	tcase_set_timeout(t, 9); /* s */
	tcase_add_checked_fixture(t, tunnel_world_setup, tunnel_world_teardown);
	tcase_add_test(t, the_tls_side_may_end_first_and_still_hear_the_answer);
	tcase_add_test(
	    t, the_plain_side_may_end_first_and_still_hear_the_answer);
	tcase_add_test(t, several_buffers_full_arrive_whole);
	tcase_add_test(t, a_side_that_does_not_read_stops_the_one_that_writes);
	return suite_run("tunnel", (TCase *[]){t, NULL});
}
