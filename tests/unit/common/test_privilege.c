#include "common/privilege.h"

#include <check.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char why[128];
static int n_capsets;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* All that are made here have two arguments. */
long
__wrap_syscall(long number, ...)
{
	va_list args;
	void *head, *sets;

	va_start(args, number);
	head = va_arg(args, void *);
	sets = va_arg(args, void *);
	va_end(args);
	n_capsets += number == SYS_capset;
	return __real_syscall(number, head, sets);
}

START_TEST(root_is_not_somebody_to_become)
{
	struct privilege_user u;

	ck_assert_int_eq(privilege_lookup(&u, "root", why, sizeof why), -1);
	ck_assert_str_eq(why, "the user 'root' is root (uid 0): name an "
			      "unprivileged one");
}
END_TEST

START_TEST(a_user_who_is_not_there_is_named)
{
	struct privilege_user u;

	ck_assert_int_eq(
	    privilege_lookup(&u, "no-such-user-here", why, sizeof why), -1);
	ck_assert_int_eq(
	    strncmp(why, "there is no user 'no-such-user-here'", 36), 0);
}
END_TEST

START_TEST(an_unprivileged_user_is_found_with_the_groups)
{
	struct privilege_user u;

	ck_assert_int_eq(privilege_lookup(&u, "nobody", why, sizeof why), 0);
	ck_assert_uint_ne(u.uid, 0);
	ck_assert_uint_ge(u.n_groups, 1);
	ck_assert_uint_eq(u.groups[0], u.gid);
}
END_TEST

/* Each of these in a process of its own, which says by its exit status the
 * first thing that is not as it should be. */
static int
status_of(int (*check)(void))
{
	pid_t pid = fork();
	int status = 0;

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		_exit(check());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
has_any_capability(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	memset(sets, 0xff, sizeof sets); /* all, unless the kernel says none */
	if (syscall(SYS_capget, &head, sets) == -1)
		return true;
	return (sets[0].permitted | sets[0].effective | sets[0].inheritable |
		   sets[1].permitted | sets[1].effective |
		   sets[1].inheritable) != 0;
}

static int
drop_to_nobody(void)
{
	struct privilege_user u;
	const char *step;
	gid_t groups[PRIVILEGE_GROUPS_MAX];

	if (privilege_lookup(&u, "nobody", why, sizeof why) == -1)
		return 1;
	if (privilege_drop(&u, &step) == -1)
		return 2;
	if (getuid() != u.uid || geteuid() != u.uid || getgid() != u.gid ||
	    getegid() != u.gid)
		return 3;
	if (getgroups(PRIVILEGE_GROUPS_MAX, groups) != (int)u.n_groups)
		return 4;
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
		return 5;
	if (has_any_capability())
		return 6;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 7;
	return prctl(PR_CAPBSET_READ, CAP_NET_ADMIN, 0, 0, 0) == 0 ? 0 : 8;
}

START_TEST(root_becomes_the_user_for_good)
{
	if (geteuid() == 0)
		ck_assert_int_eq(status_of(drop_to_nobody), 0);
}
END_TEST

static int
stay_root(void)
{
	const char *step = "";

	if (privilege_drop(NULL, &step) == 0)
		return 1;
	if (errno != EPERM)
		return 2;
	return strcmp(step, "stay root") == 0 ? 0 : 3;
}

START_TEST(root_must_become_somebody)
{
	if (geteuid() == 0)
		ck_assert_int_eq(status_of(stay_root), 0);
}
END_TEST

static int
drop_as_user(void)
{
	struct privilege_user other = {.uid = 12345, .gid = 12345};
	uid_t uid = 65534;
	const char *step;

	if (geteuid() == 0 &&
	    (setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1 ||
		setresuid(uid, uid, uid) == -1))
		return 1;
	uid = getuid();
	if (privilege_drop(&other, &step) == -1)
		return 2;
	if (getuid() != uid || has_any_capability())
		return 3;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 4;
}

START_TEST(whoever_is_not_root_stays_and_loses_the_rest)
{
	ck_assert_int_eq(status_of(drop_as_user), 0);
}
END_TEST

/* As under a service manager's system call filter. */
static int
drop_what_is_gone(void)
{
	const char *step;
	int rc = drop_as_user();

	n_capsets = 0;
	if (rc != 0 || privilege_drop(NULL, &step) == -1)
		return 10 + rc;
	return n_capsets == 0 ? 0 : 20;
}

START_TEST(whoever_has_no_capability_does_not_ask_to_lose_it)
{
	ck_assert_int_eq(status_of(drop_what_is_gone), 0);
}
END_TEST

static int
hide_after_the_drop(void)
{
	const char *step;
	struct rlimit core = {1, 1};
	int rc = drop_as_user();

	if (rc != 0 || privilege_hide(&step) == -1)
		return 10 + rc;
	if (getrlimit(RLIMIT_CORE, &core) == -1 || core.rlim_cur != 0 ||
	    core.rlim_max != 0)
		return 20;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == PRIVILEGE_SEEKS_LEAKS ? 0
									   : 21;
}

START_TEST(memory_that_is_hidden_is_neither_dumped_nor_traced)
{
	ck_assert_int_eq(status_of(hide_after_the_drop), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("privilege");

	tcase_add_test(tc, root_is_not_somebody_to_become);
	tcase_add_test(tc, a_user_who_is_not_there_is_named);
	tcase_add_test(tc, an_unprivileged_user_is_found_with_the_groups);
	tcase_add_test(tc, root_becomes_the_user_for_good);
	tcase_add_test(tc, root_must_become_somebody);
	tcase_add_test(tc, whoever_is_not_root_stays_and_loses_the_rest);
	tcase_add_test(tc, whoever_has_no_capability_does_not_ask_to_lose_it);
	tcase_add_test(tc, memory_that_is_hidden_is_neither_dumped_nor_traced);
	return suite_run("privilege", (TCase *[]){tc, NULL});
}
