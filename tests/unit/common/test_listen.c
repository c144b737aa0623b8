#include "common/listen.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/suite.h"

static char dir[] = "/tmp/test_listen.XXXXXX";

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
}

static void
tear_down(void)
{
	(void)unlink("s");
	(void)rmdir(dir);
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strcpy(un.sun_path, path);
	if (connect(fd, (struct sockaddr *)&un, sizeof un) == -1)
		fd_close(&fd);
	return fd;
}

static void
assert_flags(int fd)
{
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}

START_TEST(it_listens_in_both_families_and_tells_the_port)
{
	static const char *const texts[] = {"127.0.0.1:0", "[::1]:0"};

	for (int i = 0; i < 2; i++) {
		struct addr a, bound;
		struct sockaddr_storage ss;
		socklen_t len;
		int fd, client;

		ck_assert_int_eq(addr_parse(&a, texts[i]), 0);
		fd = listen_tcp(&a, &bound);
		ck_assert_int_ne(fd, -1);
		assert_flags(fd);
		ck_assert_uint_ne(bound.port, 0);
		a.port = bound.port;
		ck_assert(addr_equal(&a, &bound));
		len = addr_to_sockaddr(&bound, &ss);
		client = socket(ss.ss_family, SOCK_STREAM, 0);
		ck_assert_int_eq(
		    connect(client, (struct sockaddr *)&ss, len), 0);
		fd_close(&client);
		fd_close(&fd);
	}
}
END_TEST

/* On all addresses of one family, at the port of the other's bound if there is
 * one. */
static int
listen_any(const char *any, const struct addr *other, struct addr *bound)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, any), 0);
	if (other != NULL)
		a.port = other->port;
	return listen_tcp(&a, bound);
}

/* Of the ports that the kernel gives for IPv6, one may be another process's in
 * IPv4; not all of them. */
START_TEST(any_ipv6_address_leaves_ipv4_to_another_listener)
{
	struct addr bound, same;
	int six, four = -1;

	for (int i = 0; i < 20 && four == -1; i++) {
		six = listen_any("[::]:0", NULL, &bound);
		ck_assert_int_ne(six, -1);
		four = listen_any("0.0.0.0:0", &bound, &same);
		if (four == -1)
			ck_assert_int_eq(errno, EADDRINUSE);
		fd_close(&six);
	}
	ck_assert_int_ne(four, -1);
	ck_assert_uint_eq(same.port, bound.port);
	fd_close(&four);
}
END_TEST

START_TEST(a_port_in_use_is_said)
{
	struct addr a, bound;
	int fd;

	ck_assert_int_eq(addr_parse(&a, "127.0.0.1:0"), 0);
	fd = listen_tcp(&a, &bound);
	ck_assert_int_eq(listen_tcp(&bound, &a), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
	fd_close(&fd);
}
END_TEST

START_TEST(a_shared_port_is_for_all_who_share_it_and_for_nobody_else)
{
	struct addr a, first, second;
	int one, two;

	ck_assert_int_eq(addr_parse(&a, "127.0.0.1:0"), 0);
	one = listen_tcp_shared(&a, &first);
	ck_assert_int_ne(one, -1);
	two = listen_tcp_shared(&first, &second);
	ck_assert_int_ne(two, -1);
	ck_assert(addr_equal(&first, &second));
	ck_assert_int_eq(listen_tcp(&first, &second), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
	fd_close(&one);
	fd_close(&two);
}
END_TEST

START_TEST(a_unix_socket_has_its_mode_whatever_the_umask)
{
	static const mode_t UMASKS[] = {077, 0};
	struct stat st;
	int fd, client;

	(void)umask(UMASKS[_i]);
	fd = listen_unix("s", 0660);
	ck_assert_uint_eq(umask(077), UMASKS[_i]);
	ck_assert_int_ne(fd, -1);
	assert_flags(fd);
	ck_assert_int_eq(stat("s", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	client = connect_unix("s");
	ck_assert_int_ne(client, -1);
	fd_close(&client);
	fd_close(&fd);
}
END_TEST

START_TEST(a_stale_socket_is_replaced)
{
	int fd = listen_unix("s", 0600);

	fd_close(&fd);
	fd = listen_unix("s", 0600);
	ck_assert_int_ne(fd, -1);
	fd_close(&fd);
}
END_TEST

START_TEST(a_socket_in_use_is_left_alone)
{
	int fd = listen_unix("s", 0600), client;

	ck_assert_int_eq(listen_unix("s", 0600), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
	client = connect_unix("s");
	ck_assert_int_ne(client, -1);
	fd_close(&client);
	fd_close(&fd);
}
END_TEST

START_TEST(another_file_is_left_alone)
{
	struct stat st;

	ck_assert_int_eq(fd_write_file("s", "x", 1, 0600), 0);
	ck_assert_int_eq(listen_unix("s", 0600), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_int_eq(stat("s", &st), 0);
	ck_assert_int_eq(st.st_size, 1);
	ck_assert_int_eq(listen_unix("none/s", 0600), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(a_path_has_at_most_107_bytes)
{
	char path[109];
	int fd;

	memset(path, 'p', sizeof path);
	path[108] = '\0';
	ck_assert_int_eq(listen_unix(path, 0600), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
	path[107] = '\0';
	fd = listen_unix(path, 0600);
	ck_assert_int_ne(fd, -1);
	fd_close(&fd);
	(void)unlink(path);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("listen");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, it_listens_in_both_families_and_tells_the_port);
	tcase_add_test(tc, any_ipv6_address_leaves_ipv4_to_another_listener);
	tcase_add_test(tc, a_port_in_use_is_said);
	tcase_add_test(
	    tc, a_shared_port_is_for_all_who_share_it_and_for_nobody_else);
	tcase_add_loop_test(
	    tc, a_unix_socket_has_its_mode_whatever_the_umask, 0, 2);
	tcase_add_test(tc, a_stale_socket_is_replaced);
	tcase_add_test(tc, a_socket_in_use_is_left_alone);
	tcase_add_test(tc, another_file_is_left_alone);
	tcase_add_test(tc, a_path_has_at_most_107_bytes);
	return suite_run("listen", (TCase *[]){tc, NULL});
}
