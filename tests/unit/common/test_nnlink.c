#include "common/nnlink.h"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_LEN 1000

static char dir[] = "/tmp/test_nnlink.XXXXXX";
static char path[64], url[80];
static struct loop *loop;
static struct nnlink_in *in;
static struct nnlink_out *out;
static uint32_t n_received, n_wanted, n_idles;
static size_t last_len;

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/s", dir);
	(void)snprintf(url, sizeof url, "ipc://%s", path);
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
}

static void
tear_down(void)
{
	nnlink_in_free(in);
	nnlink_out_free(out);
	loop_free(loop);
	(void)unlink(path);
	(void)rmdir(dir);
}

/* Messages are numbered from 0 in their first 4 bytes. */
static void
on_message(void *arg, const void *p, size_t len)
{
	uint32_t number;

	ck_assert_ptr_eq(arg, &n_received);
	ck_assert_uint_ge(len, sizeof number);
	memcpy(&number, p, sizeof number);
	ck_assert_uint_eq(number, n_received);
	n_received++;
	last_len = len;
	if (n_received == n_wanted)
		loop_stop(loop);
}

static void
on_idle(void *arg)
{
	ck_assert_ptr_eq(arg, &n_received);
	n_idles++;
}

static struct nnlink_in *
bind_in(void)
{
	return nnlink_in_new(
	    loop, url, 0660, MAX_LEN, on_message, on_idle, &n_received);
}

static void
open_both(void)
{
	in = bind_in();
	ck_assert_ptr_nonnull(in);
	out = nnlink_out_new(loop, url, 10000);
	ck_assert_ptr_nonnull(out);
}

static int
send_number(uint32_t number, size_t len)
{
	char message[2 * MAX_LEN] = {0};

	memcpy(message, &number, sizeof number);
	return nnlink_send(out, message, len);
}

static void
receive(uint32_t n)
{
	n_wanted = n;
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_uint_eq(n_received, n);
}

/* For what nanomsg tells nobody: look every millisecond. */
struct look {
	struct deadline again;
	bool (*is_so)(void);
};

static void
on_look(struct deadline *d, void *arg)
{
	struct look *l = arg;

	if (l->is_so())
		loop_stop(loop);
	else
		ck_assert_int_eq(loop_arm(loop, d, 1), 0);
}

static void
wait_until(bool (*is_so)(void))
{
	struct look l = {.is_so = is_so};

	deadline_init(&l.again, on_look, &l);
	ck_assert_int_eq(loop_arm(loop, &l.again, 0), 0);
	ck_assert_int_eq(loop_run(loop), 0);
}

static bool
is_connected(void)
{
	return nnlink_out_is_connected(out);
}

static bool
is_alone(void)
{
	return !nnlink_out_is_connected(out);
}

static bool
has_a_peer(void)
{
	return nnlink_in_peers(in) == 1;
}

START_TEST(messages_come_whole_and_in_their_order)
{
	open_both();
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(send_number(i, 100 + i), 0);
	receive(3);
	ck_assert_uint_eq(last_len, 102);
	ck_assert_uint_ge(n_idles, 1);
	ck_assert_uint_le(n_idles, 3);
}
END_TEST

START_TEST(more_than_nanomsg_takes_waits_its_turn)
{
	open_both();
	wait_until(is_connected);
	for (uint32_t i = 0; i < 10000; i++)
		ck_assert_int_eq(send_number(i, 120), 0);
	receive(10000);
	ck_assert_uint_ge(n_idles, 10000 / 256);
	ck_assert_uint_lt(n_idles, 10000);
}
END_TEST

START_TEST(what_is_sent_to_nobody_waits_for_somebody)
{
	out = nnlink_out_new(loop, url, 10);
	ck_assert_ptr_nonnull(out);
	ck_assert(!nnlink_out_is_waiting(out));
	ck_assert_int_eq(send_number(0, 8), 0);
	ck_assert(nnlink_out_is_waiting(out));
	ck_assert_int_eq(send_number(1, 8), 0);
	in = bind_in();
	ck_assert_ptr_nonnull(in);
	receive(2);
	ck_assert(!nnlink_out_is_waiting(out));
}
END_TEST

START_TEST(a_full_queue_refuses_and_never_blocks)
{
	out = nnlink_out_new(loop, url, 2);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(send_number(0, 8), 0);
	ck_assert_int_eq(send_number(1, 8), 0);
	ck_assert_int_eq(send_number(2, 8), -1);
	ck_assert_int_eq(errno, ENOBUFS);
}
END_TEST

START_TEST(what_is_flushed_is_never_sent)
{
	out = nnlink_out_new(loop, url, 2);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(send_number(7, 8), 0);
	ck_assert_int_eq(send_number(8, 8), 0);
	nnlink_out_flush(out);
	in = bind_in();
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(send_number(0, 8), 0);
	receive(1);
}
END_TEST

START_TEST(each_end_sees_the_other_come_and_go)
{
	open_both();
	wait_until(is_connected);
	wait_until(has_a_peer);
	nnlink_in_free(in);
	in = NULL;
	wait_until(is_alone);
	ck_assert_int_eq(access(path, F_OK), -1);
	in = bind_in();
	wait_until(is_connected);
	ck_assert_int_eq(send_number(0, 8), 0);
	receive(1);
}
END_TEST

START_TEST(a_message_of_the_greatest_length_comes)
{
	open_both();
	ck_assert_int_eq(send_number(0, MAX_LEN), 0);
	receive(1);
	ck_assert_uint_eq(last_len, MAX_LEN);
}
END_TEST

static bool
one_came(void)
{
	ck_assert_int_eq(send_number(0, 8), 0);
	return n_received > 0;
}

static void
on_any(void *arg, const void *p, size_t len)
{
	(void)arg;
	(void)p;
	ck_assert_uint_le(len, MAX_LEN);
	n_received++;
}

START_TEST(an_oversize_message_does_not_come_but_later_ones_do)
{
	in = nnlink_in_new(loop, url, 0600, MAX_LEN, on_any, NULL, NULL);
	out = nnlink_out_new(loop, url, 10000);
	wait_until(is_connected);
	ck_assert_int_eq(send_number(0, MAX_LEN + 1), 0);
	wait_until(one_came);
}
END_TEST

START_TEST(the_socket_has_its_mode_whatever_the_umask)
{
	struct stat st;

	(void)umask(077);
	in = bind_in();
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
}
END_TEST

/* nanomsg 1.1.5 leaks its endpoint when the bind fails; LeakSanitizer asks
 * here what is not to be counted. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:nn_bipc_create\nleak:nn_btcp_create\n";
}

START_TEST(a_live_owner_keeps_its_socket)
{
	open_both();
	ck_assert_ptr_null(bind_in());
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_int_eq(send_number(0, 8), 0);
	receive(1);
}
END_TEST

START_TEST(a_stale_socket_is_replaced)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strcpy(un.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	(void)close(fd);
	open_both();
	ck_assert_int_eq(send_number(0, 8), 0);
	receive(1);
}
END_TEST

START_TEST(a_file_in_the_way_stays)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	(void)fclose(f);
	ck_assert_ptr_null(bind_in());
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_folder_that_may_not_be_written_is_refused)
{
	bool is_root = geteuid() == 0;

	ck_assert_int_eq(chmod(dir, 0500), 0);
	if (is_root)
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_ptr_null(bind_in());
	ck_assert_int_eq(errno, EACCES);
	if (is_root)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_ptr_null(bind_in());
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(a_queue_is_bounded)
{
	ck_assert_ptr_null(nnlink_out_new(loop, url, 0));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(nnlink_out_new(loop, url, 65537));
	ck_assert_int_eq(errno, EINVAL);
	out = nnlink_out_new(loop, url, 65536);
	ck_assert_ptr_nonnull(out);
}
END_TEST

/* url: of a port that is free at this moment. */
static void
choose_port(const char *host)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	(void)close(fd);
	(void)snprintf(
	    url, sizeof url, "tcp://%s:%u", host, ntohs(sin.sin_port));
}

static bool
has_ipv6(void)
{
	struct sockaddr_in6 sin6 = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has =
	    fd != -1 && bind(fd, (struct sockaddr *)&sin6, sizeof sin6) == 0;

	if (fd != -1)
		(void)close(fd);
	return has;
}

static const struct {
	const char *bind, *connect;
	bool v6;
} TCP[] = {
    {"127.0.0.1", "127.0.0.1", false},
    {"*", "127.0.0.1", false},
    {"0.0.0.0", "127.0.0.1", false},
    {"[::]", "127.0.0.1", true},
    {"*", "[::1]", true},
    {"[::1]", "[::1]", true},
};

START_TEST(messages_come_over_tcp_as_well)
{
	char to[80];

	if (TCP[_i].v6 && !has_ipv6())
		return;
	choose_port(TCP[_i].bind);
	(void)snprintf(
	    to, sizeof to, "tcp://%s%s", TCP[_i].connect, strrchr(url, ':'));
	in = bind_in();
	out = nnlink_out_new(loop, to, 100);
	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(out);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(send_number(i, 100 + i), 0);
	receive(3);
	ck_assert_uint_eq(last_len, 102);
}
END_TEST

START_TEST(a_tcp_port_has_one_owner)
{
	choose_port("127.0.0.1");
	in = bind_in();
	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_null(bind_in());
	ck_assert_int_eq(errno, EADDRINUSE);
}
END_TEST

START_TEST(an_address_of_another_machine_is_refused)
{
	(void)snprintf(url, sizeof url, "tcp://192.0.2.1:7447");
	ck_assert_ptr_null(bind_in());
	ck_assert_int_eq(errno, EADDRNOTAVAIL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nnlink");
	TCase *tc = tcase_create("nnlink");
	SRunner *runner = srunner_create(s);
	int failures;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, messages_come_whole_and_in_their_order);
	tcase_add_test(tc, more_than_nanomsg_takes_waits_its_turn);
	tcase_add_test(tc, what_is_sent_to_nobody_waits_for_somebody);
	tcase_add_test(tc, a_full_queue_refuses_and_never_blocks);
	tcase_add_test(tc, what_is_flushed_is_never_sent);
	tcase_add_test(tc, each_end_sees_the_other_come_and_go);
	tcase_add_test(tc, a_message_of_the_greatest_length_comes);
	tcase_add_test(tc, an_oversize_message_does_not_come_but_later_ones_do);
	tcase_add_test(tc, the_socket_has_its_mode_whatever_the_umask);
	tcase_add_test(tc, a_live_owner_keeps_its_socket);
	tcase_add_test(tc, a_stale_socket_is_replaced);
	tcase_add_test(tc, a_file_in_the_way_stays);
	tcase_add_test(tc, a_folder_that_may_not_be_written_is_refused);
	tcase_add_test(tc, a_queue_is_bounded);
	tcase_add_loop_test(
	    tc, messages_come_over_tcp_as_well, 0, sizeof TCP / sizeof *TCP);
	tcase_add_test(tc, a_tcp_port_has_one_owner);
	tcase_add_test(tc, an_address_of_another_machine_is_refused);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
