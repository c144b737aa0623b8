#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/guest.h"
#include "common/fd.h"
#include "proto/proxy2.h"
#include "tests/unit/client/both.h"
#include "tests/unit/suite.h"

/* We are behind a relay that the script plays with the peer and the service. */
struct world {
	int service;
	struct addr relay_addr;
	struct service exposed;
	struct guests guests;
	struct tx3_notice notice;
	char heard[64];
	size_t n_heard;
	int error;
};

static struct world w;

static void
setup(void)
{
	both_setup();
	memset(&w, 0, sizeof w);
	ck_assert_int_eq(addr_parse(&w.relay_addr, "127.0.0.1:0"), 0);
	w.relay_addr.port = both.way.port;
	strcpy(w.exposed.host, "127.0.0.1");
	w.service = far_listen(&w.exposed.port);
	memset(w.notice.token, 0x5a, sizeof w.notice.token);
	ck_assert_int_eq(addr_parse(&w.notice.origin, "192.0.2.7:40000"), 0);
}

static void
teardown(void)
{
	guests_fini(&w.guests);
	both_teardown();
	(void)close(w.service);
}

/* ctx NULL: bytes as they are. */
static void
start(SSL_CTX *ctx, size_t max)
{
	guests_init(&w.guests, both.loop, ctx, &w.exposed, max);
}

/* One guest and the script's ends of it, until both are done. */
static void
play(void *(*script)(void *))
{
	pthread_t thread;

	far_start(&thread, script, NULL);
	guest_arrives(&w.guests, &w.notice, &w.relay_addr);
	both_run_until_none(&w.guests.n);
	far_join(thread);
}

/* What the peer holds once the token was brought back. */
static int
take_token(void)
{
	uint8_t token[TX3_TOKEN_LEN];
	int fd = accept(both.listener, NULL, NULL);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(
	    recv(fd, token, sizeof token, MSG_WAITALL), sizeof token);
	ck_assert_mem_eq(token, w.notice.token, sizeof token);
	return fd;
}

/* The service hears all, answers "answer", and ends. */
static void
serve(void)
{
	int fd = accept(w.service, NULL, NULL);

	ck_assert_int_ne(fd, -1);
	w.n_heard = far_read(fd, w.heard, sizeof w.heard, &w.error);
	far_write(fd, "answer", 6);
	(void)close(fd);
}

static void *
asks_by_tls(void *arg)
{
	SSL *ssl = far_tls(both.client, take_token(), TLS_ROLE_CLIENT);
	char answer[8] = "";
	int error;

	ck_assert_ptr_nonnull(ssl);
	far_ssl_write(ssl, "question", 8);
	far_finish(ssl);
	serve();
	ck_assert_uint_eq(far_ssl_read(ssl, answer, sizeof answer, &error), 6);
	ck_assert_str_eq(answer, "answer");
	ck_assert_int_eq(error, 0);
	far_hang_up(ssl);
	return arg;
}

START_TEST(a_guest_reaches_the_service)
{
	start(both.server, 1);
	play(asks_by_tls);
	ck_assert_str_eq(w.heard, "question");
	ck_assert_uint_eq(w.guests.n, 0);
}
END_TEST

static void *
asks_raw(void *arg)
{
	int fd = take_token(), error;
	char answer[8] = "";

	far_write(fd, "question", 8);
	(void)shutdown(fd, SHUT_WR);
	serve();
	ck_assert_uint_eq(far_read(fd, answer, sizeof answer, &error), 6);
	ck_assert_str_eq(answer, "answer");
	(void)close(fd);
	return arg;
}

START_TEST(raw_bytes_pass_as_they_are)
{
	start(NULL, 1);
	play(asks_raw);
	ck_assert_str_eq(w.heard, "question");
}
END_TEST

static void
check_introduced(const struct addr *origin)
{
	struct addr dst = w.relay_addr;
	uint8_t header[PROXY2_CAP];
	size_t len;

	dst.port = w.exposed.port;
	len = proxy2_put(origin, &dst, header);
	ck_assert_uint_eq(w.n_heard, len + 8);
	ck_assert_mem_eq(w.heard, header, len);
	ck_assert_mem_eq(w.heard + len, "question", 8);
}

START_TEST(a_service_that_wants_it_is_told_the_origin_first)
{
	w.exposed.wants_proxy2 = true;
	start(both.server, 1);
	play(asks_by_tls);
	check_introduced(&w.notice.origin);
}
END_TEST

START_TEST(an_origin_that_was_not_told_is_local)
{
	memset(&w.notice.origin, 0, sizeof w.notice.origin);
	w.exposed.wants_proxy2 = true;
	start(NULL, 1);
	play(asks_raw);
	check_introduced(NULL);
}
END_TEST

/* The peer of a guest that comes to nothing. */
static void *
is_cut(void *arg)
{
	int fd = take_token();

	w.n_heard = far_read(fd, w.heard, sizeof w.heard, &w.error);
	(void)close(fd);
	return arg;
}

/* The port is known, and closed, until it is listened on again. */
static void
listen_again(uint16_t port)
{
	struct addr a = w.relay_addr;
	struct sockaddr_storage ss;
	socklen_t len;
	int one = 1;

	a.port = port;
	len = addr_to_sockaddr(&a, &ss);
	w.service = socket(AF_INET, SOCK_STREAM, 0);
	(void)setsockopt(w.service, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	ck_assert_int_eq(bind(w.service, (struct sockaddr *)&ss, len), 0);
	ck_assert_int_eq(listen(w.service, 1), 0);
}

START_TEST(a_service_that_is_down_cuts_its_guests_until_it_is_up)
{
	(void)close(w.service);
	start(NULL, 1);
	play(is_cut);
	ck_assert_uint_eq(w.n_heard, 0);
	ck_assert(w.guests.service_down);
	listen_again(w.exposed.port);
	play(asks_raw);
	ck_assert(!w.guests.service_down);
}
END_TEST

static void *
does_nothing(void *arg)
{
	return arg;
}

START_TEST(a_relay_that_is_gone_ends_this_guest_alone)
{
	(void)close(both.listener);
	start(both.server, 1);
	play(does_nothing);
	ck_assert_uint_eq(w.guests.n, 0);
	both.listener = far_listen(&w.relay_addr.port);
	play(asks_by_tls);
	ck_assert_str_eq(w.heard, "question");
}
END_TEST

static void *
speaks_http(void *arg)
{
	int fd = take_token();

	far_write(fd, "GET / HTTP/1.1\r\n\r\n", 18);
	w.n_heard = far_read(fd, w.heard, sizeof w.heard, &w.error);
	(void)close(fd);
	return arg;
}

START_TEST(a_peer_without_tls_does_not_reach_the_service)
{
	start(both.server, 1);
	play(speaks_http);
	ck_assert_int_eq(fd_set_nonblock(w.service), 0);
	ck_assert_int_eq(accept(w.service, NULL, NULL), -1);
	ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

START_TEST(tokens_beyond_the_most_are_left_to_expire)
{
	start(NULL, 2);
	guest_arrives(&w.guests, &w.notice, &w.relay_addr);
	ck_assert(!w.guests.full);
	guest_arrives(&w.guests, &w.notice, &w.relay_addr);
	ck_assert_uint_eq(w.guests.n, 2);
	ck_assert(!w.guests.full);
	guest_arrives(&w.guests, &w.notice, &w.relay_addr);
	ck_assert_uint_eq(w.guests.n, 2);
	ck_assert(w.guests.full);
	guests_fini(&w.guests);
	ck_assert_uint_eq(w.guests.n, 0);
	ck_assert(!w.guests.full);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("guest");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_guest_reaches_the_service);
	tcase_add_test(t, raw_bytes_pass_as_they_are);
	tcase_add_test(t, a_service_that_wants_it_is_told_the_origin_first);
	tcase_add_test(t, an_origin_that_was_not_told_is_local);
	tcase_add_test(
	    t, a_service_that_is_down_cuts_its_guests_until_it_is_up);
	tcase_add_test(t, a_relay_that_is_gone_ends_this_guest_alone);
	tcase_add_test(t, a_peer_without_tls_does_not_reach_the_service);
	tcase_add_test(t, tokens_beyond_the_most_are_left_to_expire);
	return suite_run("guest", (TCase *[]){t, NULL});
}
