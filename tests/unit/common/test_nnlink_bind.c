/* Where a pipeline is bound: sockets, ports, and what is in the way. */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/common/nnlink_ends.h"
#include "tests/unit/suite.h"

START_TEST(the_socket_has_its_mode_whatever_the_umask)
{
	static const mode_t UMASKS[] = {077, 0};
	struct stat st;

	(void)umask(UMASKS[_i]);
	in = ends_bind();
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	ck_assert_uint_eq(umask(077), UMASKS[_i]);
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
	ends_open();
	ck_assert_ptr_null(ends_bind());
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_int_eq(ends_send(0, 8), 0);
	ends_receive(1);
}
END_TEST

START_TEST(a_stale_socket_is_replaced)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strcpy(un.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	(void)close(fd);
	ends_open();
	ck_assert_int_eq(ends_send(0, 8), 0);
	ends_receive(1);
}
END_TEST

START_TEST(a_file_in_the_way_stays)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	(void)fclose(f);
	ck_assert_ptr_null(ends_bind());
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
	ck_assert_ptr_null(ends_bind());
	ck_assert_int_eq(errno, EACCES);
	if (is_root)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_ptr_null(ends_bind());
	ck_assert_int_eq(errno, ENOENT);
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
	ck_assert_int_eq(listen(fd, 1), 0); /* nnlink.h: not before */
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	(void)close(fd);
	(void)snprintf(
	    url, sizeof url, "tcp://%s:%u", host, ntohs(sin.sin_port));
}

/* in, at a port of host's; another process may take the one that was free. */
static void
bind_port(const char *host)
{
	for (int i = 0; i < 20 && in == NULL; i++) {
		choose_port(host);
		in = ends_bind();
		if (in == NULL)
			ck_assert_int_eq(errno, EADDRINUSE);
	}
	ck_assert_ptr_nonnull(in);
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
	bind_port(TCP[_i].bind);
	(void)snprintf(
	    to, sizeof to, "tcp://%s%s", TCP[_i].connect, strrchr(url, ':'));
	out = nnlink_out_new(loop, to, 100);
	ck_assert_ptr_nonnull(out);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(ends_send(i, 100 + i), 0);
	ends_receive(3);
	ck_assert_uint_eq(last_len, 102);
}
END_TEST

START_TEST(a_tcp_port_has_one_owner)
{
	bind_port("127.0.0.1");
	ck_assert_ptr_null(ends_bind());
	ck_assert_int_eq(errno, EADDRINUSE);
}
END_TEST

START_TEST(an_address_of_another_machine_is_refused)
{
	(void)snprintf(url, sizeof url, "tcp://192.0.2.1:7447");
	ck_assert_ptr_null(ends_bind());
	ck_assert_int_eq(errno, EADDRNOTAVAIL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nnlink_bind");

	tcase_add_checked_fixture(tc, ends_set_up, ends_tear_down);
	tcase_add_loop_test(
	    tc, the_socket_has_its_mode_whatever_the_umask, 0, 2);
	tcase_add_test(tc, a_live_owner_keeps_its_socket);
	tcase_add_test(tc, a_stale_socket_is_replaced);
	tcase_add_test(tc, a_file_in_the_way_stays);
	tcase_add_test(tc, a_folder_that_may_not_be_written_is_refused);
	tcase_add_loop_test(
	    tc, messages_come_over_tcp_as_well, 0, sizeof TCP / sizeof *TCP);
	tcase_add_test(tc, a_tcp_port_has_one_owner);
	tcase_add_test(tc, an_address_of_another_machine_is_refused);
	return suite_run("nnlink_bind", (TCase *[]){tc, NULL});
}
