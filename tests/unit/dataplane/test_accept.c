/* What comes in on accept_listen: tickets, and strangers who have none. */
#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/dataplane/fixture.h"
#include "tests/unit/suite.h"

static const char TICKET[IPC_TICKET_LEN + 1] =
    "0123456789abcdef0123456789ABCDEF";

static void
set_up(void)
{
	const char *const settings[] = {"listen=[\"127.0.0.1:0\"]",
	    "accept_listen=127.0.0.1:0", "siblings=[\"127.0.0.1:1\"]",
	    "max_accept_connections=2", "max_sibling_connections=2", NULL};
	char why[CONF_WHY_CAP];

	(void)fixture_session(settings);
	ck_assert_msg(listeners_bind(fixture.node, why) == 0, "%s", why);
	ck_assert_int_eq(listeners_accept(fixture.node), 0);
}

static int
come(void)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&fixture.node->accept.bound, &ss);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	fixture_rounds(3);
	return fd;
}

static bool
is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

START_TEST(a_ticket_is_shown_once_it_is_there_whole)
{
	const struct ipc_conn_open *b;
	int fd = come();

	sockets_put(fd, TICKET, (size_t)_i);
	fixture_rounds(3);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 0);
	sockets_put(fd, TICKET + _i, sizeof TICKET - 1 - (size_t)_i);
	fixture_rounds(3);
	b = &fixture_event(IPC_CONN_OPEN, 0)->u.conn_open;
	ck_assert_int_eq(b->flags, IPC_CONN_LOCAL);
	ck_assert_int_eq(b->listener, IPC_LISTENER_LOCAL);
	ck_assert_mem_eq(b->first.p, TICKET, IPC_TICKET_LEN);
	fd_close(&fd);
}
END_TEST

START_TEST(who_says_no_whole_ticket_is_closed_after_5_s)
{
	int fd = come();

	sockets_put(fd, TICKET, (size_t)_i);
	fixture_advance(PENDING_TICKET_MS - 1);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 1);
	fixture_advance(1);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 0);
	ck_assert_uint_eq(fixture_ended(REASON_PREAMBLE_TIMEOUT), 1);
	ck_assert_uint_eq(fixture_count(IPC_CONN_OPEN), 0);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_ACCEPT], 0);
	fd_close(&fd);
}
END_TEST

/* Control is told, and turns it away. */
START_TEST(a_ticket_cut_short_by_a_fin_is_shown)
{
	int fd = come();

	sockets_put(fd, TICKET, 1);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	fixture_rounds(3);
	ck_assert_int_eq(fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.flags,
	    IPC_CONN_LOCAL | IPC_CONN_FINISHED);
	fd_close(&fd);
}
END_TEST

START_TEST(on_the_public_ports_there_is_all_the_time_of_the_configuration)
{
	int fd = fixture_arrive(false, 1);

	fixture_advance(fixture.node->config.preamble_timeout_ms - 1);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 1);
	fixture_advance(1);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 0);
	fd_close(&fd);
}
END_TEST

START_TEST(strangers_take_no_place_of_a_join)
{
	struct admissions *as = &fixture.node->admissions;
	int fds[] = {come(), come(), come()};
	struct admission a[3];

	ck_assert_uint_eq(as->n[ADMISSION_ACCEPT], 2);
	ck_assert(is_closed(fds[2]));
	ck_assert_uint_eq(fixture_ended(REASON_LIMIT_CONNECTIONS), 1);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    admission_take(as, &a[i], &fixture.node->accept.bound,
			ADMISSION_SIBLING),
		    REASON_NONE);
	ck_assert_int_eq(admission_take(as, &a[2], &fixture.node->accept.bound,
			     ADMISSION_SIBLING),
	    REASON_LIMIT_CONNECTIONS);
	for (int i = 0; i < 2; i++)
		admission_give(as, &a[i]);
	for (int i = 0; i < 3; i++)
		fd_close(&fds[i]);
}
END_TEST

START_TEST(joins_take_no_place_of_what_comes_in)
{
	struct admissions *as = &fixture.node->admissions;
	struct admission a[2];
	int fd;

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    admission_take(as, &a[i], &fixture.node->accept.bound,
			ADMISSION_SIBLING),
		    REASON_NONE);
	fd = come();
	ck_assert_uint_eq(as->n[ADMISSION_ACCEPT], 1);
	for (int i = 0; i < 2; i++)
		admission_give(as, &a[i]);
	fd_close(&fd);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("accept");

	tcase_add_checked_fixture(t, set_up, fixture_end);
	tcase_add_loop_test(
	    t, a_ticket_is_shown_once_it_is_there_whole, 0, IPC_TICKET_LEN);
	tcase_add_loop_test(
	    t, who_says_no_whole_ticket_is_closed_after_5_s, 0, IPC_TICKET_LEN);
	tcase_add_test(t, a_ticket_cut_short_by_a_fin_is_shown);
	tcase_add_test(
	    t, on_the_public_ports_there_is_all_the_time_of_the_configuration);
	tcase_add_test(t, strangers_take_no_place_of_a_join);
	tcase_add_test(t, joins_take_no_place_of_what_comes_in);
	return suite_run("accept", (TCase *[]){t, NULL});
}
