#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/visitor.h"
#include "proto/tx3.h"
#include "tests/unit/client/both.h"
#include "tests/unit/suite.h"

/* The peer, as far as its relay, is the script's; so is who visits. */
struct world {
	struct visitors visitors;
	int near;
	int far;
	unsigned n_full;
	unsigned n_room;
	char heard[16];
	size_t n_heard;
	int error;
};

static struct world w;

static void
on_full(void *arg, bool full)
{
	(void)arg;
	if (full)
		w.n_full++;
	else
		w.n_room++;
}

static void
setup(void)
{
	both_setup();
	memset(&w, 0, sizeof w);
	visitors_init(&w.visitors, &both.way, 1, both.client, 2);
	visitors_start(&w.visitors, both.loop, on_full, NULL);
	far_pair(&w.near, &w.far);
}

static void
teardown(void)
{
	visitors_fini(&w.visitors);
	both_teardown();
	(void)close(w.far);
}

/* One visitor until it is gone. */
static void
visit(void)
{
	visitor_arrives(&w.visitors, w.near);
	both_run_until_none(&w.visitors.n);
}

static void *
answers(void *arg)
{
	uint8_t preamble[TX3_PREAMBLE_LEN];
	int fd = accept(both.listener, NULL, NULL);
	SSL *ssl;

	ck_assert_int_eq(
	    recv(fd, preamble, sizeof preamble, MSG_WAITALL), sizeof preamble);
	ck_assert_mem_eq(preamble, both.them->digest, sizeof preamble);
	ssl = far_tls(both.server, fd, TLS_ROLE_SERVER);
	ck_assert_ptr_nonnull(ssl);
	far_write(w.far, "question", 8);
	(void)shutdown(w.far, SHUT_WR);
	w.n_heard = far_ssl_read(ssl, w.heard, sizeof w.heard, &w.error);
	far_ssl_write(ssl, "answer", 6);
	far_finish(ssl);
	ck_assert_int_eq(
	    recv(w.far, preamble, sizeof preamble, MSG_WAITALL), 6);
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_visitor_reaches_the_peer)
{
	pthread_t thread;

	far_start(&thread, answers, NULL);
	visit();
	far_join(thread);
	ck_assert_str_eq(w.heard, "question");
	ck_assert_int_eq(w.error, 0);
	ck_assert_uint_eq(w.visitors.n, 0);
}
END_TEST

START_TEST(a_call_that_fails_resets_the_visitor)
{
	(void)close(both.listener);
	visit();
	(void)far_read(w.far, w.heard, sizeof w.heard, &w.error);
	ck_assert_int_eq(w.error, ECONNRESET);
	both.listener = -1;
}
END_TEST

START_TEST(the_last_place_is_told_and_so_is_room_again)
{
	int near, far;

	far_pair(&near, &far);
	visitor_arrives(&w.visitors, w.near);
	ck_assert_uint_eq(w.n_full, 0);
	visitor_arrives(&w.visitors, near);
	ck_assert_uint_eq(w.n_full, 1);
	ck_assert_uint_eq(w.n_room, 0);
	visitors_fini(&w.visitors);
	ck_assert_uint_eq(w.visitors.n, 0);
	ck_assert_uint_eq(w.n_room, 1);
	(void)close(far);
}
END_TEST

START_TEST(an_end_of_all_resets_them)
{
	visitor_arrives(&w.visitors, w.near);
	visitors_fini(&w.visitors);
	(void)far_read(w.far, w.heard, sizeof w.heard, &w.error);
	ck_assert_int_eq(w.error, ECONNRESET);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("visitor");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_visitor_reaches_the_peer);
	tcase_add_test(t, a_call_that_fails_resets_the_visitor);
	tcase_add_test(t, the_last_place_is_told_and_so_is_room_again);
	tcase_add_test(t, an_end_of_all_resets_them);
	return suite_run("visitor", (TCase *[]){t, NULL});
}
