#include "common/fd.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char dir[] = "/tmp/test_fd.XXXXXX";

/* The disk is full after so many bytes of a file; -1 = it never is. */
static ssize_t disk_left = -1;
static int interrupted;

ssize_t __real_write(int fd, const void *p, size_t len);
ssize_t __wrap_write(int fd, const void *p, size_t len);

ssize_t
__wrap_write(int fd, const void *p, size_t len)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || disk_left == -1)
		return __real_write(fd, p, len);
	if (interrupted++ == 0) {
		errno = EINTR;
		return -1;
	}
	if (disk_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	n = __real_write(
	    fd, p, len < (size_t)disk_left ? len : (size_t)disk_left);
	disk_left -= n;
	return n;
}

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
}

static void
tear_down(void)
{
	(void)unlink("f");
	(void)rmdir(dir);
}

static int
files_here(void)
{
	DIR *d = opendir(".");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n - 2; /* . and .. */
}

START_TEST(closing_forgets_the_descriptor_and_keeps_errno)
{
	int fd = dup(0), none = -1, copy = fd;

	errno = EDOM;
	fd_close(&fd);
	fd_close(&fd);
	fd_close(&none);
	ck_assert_int_eq(errno, EDOM);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(fcntl(copy, F_GETFD), -1);
}
END_TEST

static int
first_free(void)
{
	int fd = dup(STDERR_FILENO);

	(void)close(fd);
	return fd;
}

/* In a child, which has nothing open there but what is asked for. Returns its
 * exit status. */
static int
open_standard(bool has_input)
{
	int free_before = first_free();
	char byte;

	for (int fd = has_input ? 1 : 0; fd <= STDERR_FILENO; fd++)
		(void)close(fd);
	if (fd_open_standard() != 0 || first_free() != free_before)
		return 1;
	if (!has_input && read(STDIN_FILENO, &byte, 1) != 0)
		return 2;
	if (write(STDOUT_FILENO, "x", 1) != -1 || errno != EBADF)
		return 3;
	return write(STDERR_FILENO, "x", 1) == 1 ? 0 : 4;
}

START_TEST(closed_standard_descriptors_are_taken_by_nothing_else)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(open_standard(_i == 1));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(flags_are_added_to_those_there)
{
	int fd = open("/dev/null", O_WRONLY | O_APPEND);

	ck_assert_int_eq(fd_set_nonblock(fd), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND),
	    O_NONBLOCK | O_APPEND);
	fd_close(&fd);
	ck_assert_int_eq(fd_set_nonblock(fd), -1);
}
END_TEST

static int
option(int fd, int level, int name)
{
	int v = -1;
	socklen_t len = sizeof v;

	ck_assert_int_eq(getsockopt(fd, level, name, &v, &len), 0);
	return v;
}

START_TEST(tcp_takes_its_options)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(fd_set_nodelay(fd), 0);
	ck_assert_int_eq(fd_set_keepalive(fd, 7, 8, 3), 0);
	ck_assert_int_eq(fd_set_user_timeout(fd, 30000), 0);
	ck_assert_int_eq(fd_set_rcvlowat(fd, 32), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 7);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 8);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 30000);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_RCVLOWAT), 32);
	fd_close(&fd);
}
END_TEST

START_TEST(values_that_tcp_refuses_are_errors)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(fd_set_keepalive(fd, 32767, 32767, 127), 0);
	ck_assert_int_eq(fd_set_keepalive(fd, 0, 1, 1), -1);
	ck_assert_int_eq(fd_set_keepalive(fd, 32768, 1, 1), -1);
	ck_assert_int_eq(fd_set_keepalive(fd, 1, 32768, 1), -1);
	ck_assert_int_eq(fd_set_keepalive(fd, 1, 1, 128), -1);
	fd_close(&fd);
}
END_TEST

START_TEST(a_user_timeout_beyond_the_longest_is_the_longest)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(fd_set_user_timeout(fd, 0x80000000), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 0x7fffffff);
	fd_close(&fd);
}
END_TEST

START_TEST(a_unix_socket_does_without_tcps_options)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_eq(fd_set_nodelay(fd), 0);
	ck_assert_int_eq(fd_set_keepalive(fd, 7, 7, 3), 0);
	ck_assert_int_eq(fd_set_user_timeout(fd, 30000), 0);
	fd_close(&fd);
}
END_TEST

START_TEST(who_is_heard_is_known_of_tcp_alone)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof sin;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), pair[2];
	uint32_t ms = 77777;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(
	    bind(listener, (const struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	ck_assert_int_eq(
	    connect(here, (const struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(fd_heard_ms(here, &ms), 0);
	ck_assert_uint_lt(ms, 10000);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(fd_heard_ms(pair[0], &ms), -1);
	ck_assert_int_eq(errno, EOPNOTSUPP);
	fd_close(&listener);
	fd_close(&here);
	fd_close(&pair[0]);
	fd_close(&pair[1]);
}
END_TEST

START_TEST(what_is_no_socket_takes_no_options)
{
	int fd = open("/dev/null", O_RDONLY);

	ck_assert_int_eq(fd_set_nodelay(fd), -1);
	ck_assert_int_eq(errno, ENOTSOCK);
	ck_assert_int_eq(fd_set_keepalive(fd, 7, 7, 3), -1);
	ck_assert_int_eq(fd_set_rcvlowat(fd, 1), -1);
	ck_assert_int_eq(fd_reset_on_close(fd), -1);
	fd_close(&fd);
}
END_TEST

START_TEST(closing_with_a_reset_is_seen_by_the_peer)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof in;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int a = socket(AF_INET, SOCK_STREAM, 0), b;
	char byte;

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&in, len), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&in, &len), 0);
	ck_assert_int_eq(connect(a, (struct sockaddr *)&in, len), 0);
	b = accept(listener, NULL, NULL);
	ck_assert_int_eq(fd_reset_on_close(a), 0);
	fd_close(&a);
	ck_assert_int_eq(recv(b, &byte, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	fd_close(&b);
	fd_close(&listener);
}
END_TEST

START_TEST(the_limit_of_descriptors_goes_up_to_the_hard_one)
{
	struct rlimit r;
	uint64_t limit = 0;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_cur = 64;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &r), 0);
	ck_assert_int_eq(fd_raise_limit(&limit), 0);
	ck_assert_uint_eq(limit, r.rlim_max);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &r), 0);
	ck_assert_uint_eq(r.rlim_cur, r.rlim_max);
}
END_TEST

START_TEST(a_file_is_written_with_its_mode_and_read_back)
{
	struct stat st;
	char *text;
	size_t len = 0;

	ck_assert_int_eq(fd_write_file("f", "text", 4, 0600), 0);
	ck_assert_int_eq(stat("f", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_nlink, 1);
	ck_assert_int_eq(files_here(), 1);
	text = fd_read_file("f", 4, &len);
	ck_assert_uint_eq(len, 4);
	ck_assert_str_eq(text, "text");
	free(text);
}
END_TEST

START_TEST(an_existing_file_is_not_overwritten)
{
	char *text;
	size_t len;

	ck_assert_int_eq(fd_write_file("f", "old", 3, 0600), 0);
	ck_assert_int_eq(fd_write_file("f", "new", 3, 0600), -1);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_int_eq(files_here(), 1);
	text = fd_read_file("f", 100, &len);
	ck_assert_str_eq(text, "old");
	free(text);
}
END_TEST

START_TEST(a_full_disk_leaves_nothing_behind)
{
	disk_left = 3;
	ck_assert_int_eq(fd_write_file("f", "12345", 5, 0600), -1);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_int_eq(files_here(), 0);
	disk_left = 5;
	ck_assert_int_eq(fd_write_file("f", "12345", 5, 0600), 0);
	ck_assert_int_eq(files_here(), 1);
}
END_TEST

START_TEST(a_file_can_not_be_written_where_there_is_no_folder)
{
	char path[5000];

	ck_assert_int_eq(fd_write_file("no/f", "x", 1, 0600), -1);
	ck_assert_int_eq(errno, ENOENT);
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	ck_assert_int_eq(fd_write_file(path, "x", 1, 0600), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

START_TEST(a_file_longer_than_allowed_is_refused)
{
	size_t len;

	ck_assert_int_eq(fd_write_file("f", "12345", 5, 0600), 0);
	ck_assert_ptr_null(fd_read_file("f", 4, &len));
	ck_assert_int_eq(errno, EFBIG);
	ck_assert_ptr_null(fd_read_file("none", 4, &len));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(fd_read_file(".", 4, &len));
	ck_assert_int_eq(errno, EISDIR);
}
END_TEST

START_TEST(an_empty_file_is_an_empty_text)
{
	size_t len = 7;
	char *text;

	ck_assert_int_eq(fd_write_file("f", "", 0, 0600), 0);
	text = fd_read_file("f", 0, &len);
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fd");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, closing_forgets_the_descriptor_and_keeps_errno);
	tcase_add_loop_test(
	    tc, closed_standard_descriptors_are_taken_by_nothing_else, 0, 2);
	tcase_add_test(tc, flags_are_added_to_those_there);
	tcase_add_test(tc, tcp_takes_its_options);
	tcase_add_test(tc, values_that_tcp_refuses_are_errors);
	tcase_add_test(tc, a_user_timeout_beyond_the_longest_is_the_longest);
	tcase_add_test(tc, a_unix_socket_does_without_tcps_options);
	tcase_add_test(tc, who_is_heard_is_known_of_tcp_alone);
	tcase_add_test(tc, what_is_no_socket_takes_no_options);
	tcase_add_test(tc, closing_with_a_reset_is_seen_by_the_peer);
	tcase_add_test(tc, the_limit_of_descriptors_goes_up_to_the_hard_one);
	tcase_add_test(tc, a_file_is_written_with_its_mode_and_read_back);
	tcase_add_test(tc, an_existing_file_is_not_overwritten);
	tcase_add_test(tc, a_full_disk_leaves_nothing_behind);
	tcase_add_test(tc, a_file_can_not_be_written_where_there_is_no_folder);
	tcase_add_test(tc, a_file_longer_than_allowed_is_refused);
	tcase_add_test(tc, an_empty_file_is_an_empty_text);
	return suite_run("fd", (TCase *[]){tc, NULL});
}
