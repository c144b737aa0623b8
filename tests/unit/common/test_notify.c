#include "common/notify.h"

#include <check.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char dir[] = "/tmp/test_notify.XXXXXX";

/* A service manager's socket at path; '@' for the abstract name space. */
static int
manager_at(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(un.sun_path, path, strlen(path));
	if (path[0] == '@')
		un.sun_path[0] = '\0';
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			    strlen(path))),
	    0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
	return fd;
}

static void
assert_told(int fd, const char *state)
{
	char buf[64] = "";

	ck_assert_int_eq(notify_manager(state), 0);
	ck_assert_int_eq(
	    recv(fd, buf, sizeof buf - 1, MSG_DONTWAIT), (int)strlen(state));
	ck_assert_str_eq(buf, state);
	(void)close(fd);
}

START_TEST(the_manager_gets_one_datagram)
{
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)strcat(strcpy(path, dir), "/s");
	assert_told(manager_at(path), "READY=1");
	ck_assert_int_eq(notify_manager("READY=1"), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
	(void)unlink(path);
	(void)rmdir(dir);
}
END_TEST

START_TEST(the_manager_may_be_in_the_abstract_name_space)
{
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)strcat(strcpy(path, "@"), dir);
	assert_told(manager_at(path), "STOPPING=1");
	(void)rmdir(dir);
}
END_TEST

START_TEST(without_a_manager_nothing_happens)
{
	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	ck_assert_int_eq(notify_manager("READY=1"), 0);
}
END_TEST

START_TEST(a_path_too_long_is_said)
{
	char path[200];

	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
	ck_assert_int_eq(notify_manager("READY=1"), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("notify");

	tcase_add_test(tc, the_manager_gets_one_datagram);
	tcase_add_test(tc, the_manager_may_be_in_the_abstract_name_space);
	tcase_add_test(tc, without_a_manager_nothing_happens);
	tcase_add_test(tc, a_path_too_long_is_said);
	return suite_run("notify", (TCase *[]){tc, NULL});
}
