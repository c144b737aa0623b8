/* Control's own connection to a node on another host, over real sockets. */
#include "control/ticket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/listen.h"
#include "control/control.h"
#include "tests/unit/suite.h"

static struct control c;
static struct node node;
static struct stream stream;
static int listener = -1, fd = -1;
static int ended;	  /* how the stream was, plus 1 */
static int connect_errno; /* not 0: connect fails so */
static bool no_event;	  /* event_new fails */
static const uint8_t ZEROS[TICKET_LEN];

void __wrap_stream_end(struct stream *s, enum stream_end why);
int __real_connect(int s, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int s, const struct sockaddr *sa, socklen_t len);
struct event *__real_event_new(struct event_base *base, evutil_socket_t s,
    short what, event_callback_fn fn, void *arg);
struct event *__wrap_event_new(struct event_base *base, evutil_socket_t s,
    short what, event_callback_fn fn, void *arg);

void
__wrap_stream_end(struct stream *s, enum stream_end why)
{
	ck_assert_ptr_eq(s, &stream);
	ended = (int)why + 1;
}

int
__wrap_connect(int s, const struct sockaddr *sa, socklen_t len)
{
	if (connect_errno == 0)
		return __real_connect(s, sa, len);
	errno = connect_errno;
	return -1;
}

struct event *
__wrap_event_new(struct event_base *base, evutil_socket_t s, short what,
    event_callback_fn fn, void *arg)
{
	return no_event ? NULL : __real_event_new(base, s, what, fn, arg);
}

static void
set_up(void)
{
	struct addr any;

	memset(&c, 0, sizeof c); /* no folder: its nodes are elsewhere */
	memset(&node, 0, sizeof node);
	memset(&stream, 0, sizeof stream);
	ended = connect_errno = 0;
	no_event = false;
	c.config.max_handshakes = 4;
	c.loop = loop_new();
	ck_assert_ptr_nonnull(c.loop);
	ck_assert_int_eq(tickets_init(&c), 0);
	ck_assert_int_eq(hops_init(&c.hops), 0);
	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0"), 0);
	listener = listen_tcp(&any, &node.accept);
	ck_assert_int_ne(listener, -1);
}

static void
tear_down(void)
{
	ticket_revoke(&c, &stream);
	ck_assert_uint_eq(c.tickets.streams.n, 0);
	ck_assert_mem_eq(stream.ticket, ZEROS, TICKET_LEN);
	tickets_fini(&c.tickets);
	hops_fini(&c.hops);
	fd_close(&fd);
	fd_close(&listener);
	loop_free(c.loop);
}

static void
turns(void)
{
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(loop_turn(c.loop), 0);
}

/* What a node reads there. */
static ssize_t
read_there(uint8_t *buf, size_t cap)
{
	int there = accept(listener, NULL, NULL);
	ssize_t n;

	ck_assert_int_ne(there, -1);
	n = recv(there, buf, cap, MSG_DONTWAIT);
	(void)close(there);
	return n;
}

START_TEST(a_far_node_is_told_the_ticket_once_connected)
{
	uint8_t said[TICKET_LEN + 1];

	fd = ticket_send(&c, &node, &stream);
	ck_assert_int_ne(fd, -1);
	ck_assert_ptr_eq(
	    table_find(&c.tickets.streams, stream.ticket), &stream);
	turns();
	ck_assert_int_eq(read_there(said, sizeof said), TICKET_LEN);
	ck_assert_mem_eq(said, stream.ticket, TICKET_LEN);
	ck_assert_ptr_null(stream.knock);
	ck_assert_int_eq(ended, 0);
}
END_TEST

START_TEST(a_stream_whose_node_takes_nobody_ends)
{
	fd_close(&listener);
	fd = ticket_send(&c, &node, &stream);
	ck_assert_int_ne(fd, -1);
	turns();
	ck_assert_int_eq(ended, STREAM_END_ACCEPT_SOCKET + 1);
	ck_assert_ptr_null(stream.knock);
}
END_TEST

START_TEST(a_connect_that_fails_at_once_is_told_at_once)
{
	connect_errno = ENETUNREACH;
	ck_assert_int_eq(ticket_send(&c, &node, &stream), -1);
	ck_assert_ptr_null(stream.knock);
}
END_TEST

START_TEST(without_memory_to_wait_for_it_there_is_no_connection)
{
	no_event = true;
	ck_assert_int_eq(ticket_send(&c, &node, &stream), -1);
	ck_assert_ptr_null(stream.knock);
}
END_TEST

START_TEST(a_far_node_that_vanishes_is_not_waited_for_for_ever)
{
	int on = 0, idle_s = 0;
	socklen_t len = sizeof on;

	fd = ticket_send(&c, &node, &stream);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(
	    getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &len), 0);
	ck_assert_int_eq(on, 1);
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, &len), 0);
	ck_assert_int_eq(idle_s, 60);
}
END_TEST

START_TEST(a_stream_that_ended_meanwhile_says_nothing)
{
	uint8_t said[TICKET_LEN];

	fd = ticket_send(&c, &node, &stream);
	ck_assert_int_ne(fd, -1);
	ticket_revoke(&c, &stream);
	turns();
	ck_assert_int_eq(read_there(said, sizeof said), -1);
	ck_assert_int_eq(ended, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("ticket");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_far_node_is_told_the_ticket_once_connected);
	tcase_add_test(tc, a_stream_whose_node_takes_nobody_ends);
	tcase_add_test(tc, a_connect_that_fails_at_once_is_told_at_once);
	tcase_add_test(
	    tc, without_memory_to_wait_for_it_there_is_no_connection);
	tcase_add_test(tc, a_far_node_that_vanishes_is_not_waited_for_for_ever);
	tcase_add_test(tc, a_stream_that_ended_meanwhile_says_nothing);
	return suite_run("ticket", (TCase *[]){tc, NULL});
}
