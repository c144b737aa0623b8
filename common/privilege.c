#include "common/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int
privilege_lookup(
    struct privilege_user *u, const char *name, char *why, size_t why_cap)
{
	const struct passwd *pw;
	int n = PRIVILEGE_GROUPS_MAX;

	errno = 0;
	pw = getpwnam(name);
	if (pw == NULL) {
		(void)snprintf(why, why_cap, "there is no user '%s'%s%s", name,
		    errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
		return -1;
	}
	if (pw->pw_uid == 0) {
		(void)snprintf(why, why_cap,
		    "the user '%s' is root (uid 0): name an unprivileged one",
		    name);
		return -1;
	}
	if (getgrouplist(name, pw->pw_gid, u->groups, &n) == -1) {
		(void)snprintf(why, why_cap,
		    "the user '%s' is in more than %d groups", name,
		    PRIVILEGE_GROUPS_MAX);
		return -1;
	}
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	u->n_groups = (size_t)n;
	return 0;
}

/* What a program that is executed later could get at most. Only root may
 * take away from it. */
static int
empty_bounding_set(void)
{
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL) /* the kernel knows no more of them */
			break;
		if (errno != EPERM)
			return -1;
	}
	return 0;
}

static int
become(const struct privilege_user *u, const char **step)
{
	*step = "stay root";
	if (u == NULL) {
		errno = EPERM;
		return -1;
	}
	*step = "setgroups";
	if (setgroups(u->n_groups, u->groups) == -1)
		return -1;
	*step = "setresgid";
	if (setresgid(u->gid, u->gid, u->gid) == -1)
		return -1;
	*step = "setresuid";
	return setresuid(u->uid, u->uid, u->uid);
}

/* Permitted, effective and inheritable; the C library has no wrapper. Who has
 * none does not ask: a service manager's filter may forbid that call. */
static int
empty_sets(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
	    0};
	/* Zeros first: valgrind 3.19 knows of half of what the kernel writes. */
	struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &head, now) == 0 &&
	    memcmp(now, none, sizeof now) == 0)
		return 0;
	return (int)syscall(SYS_capset, &head, none);
}

/* A right that can be had back was not given up. */
static int
check_gone(void)
{
	if (setuid(0) == 0 || geteuid() == 0 || getuid() == 0) {
		errno = EPERM;
		return -1;
	}
	errno = 0;
	return 0;
}

int
privilege_drop(const struct privilege_user *u, const char **step)
{
	*step = "no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	*step = "capability bounding set";
	if (empty_bounding_set() == -1)
		return -1;
	*step = "ambient capabilities";
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		return -1;
	if ((geteuid() == 0 || getuid() == 0) && become(u, step) == -1)
		return -1;
	*step = "capset";
	if (empty_sets() == -1)
		return -1;
	*step = "root could be had back";
	return check_gone();
}

int
privilege_hide(const char **step)
{
	const struct rlimit none = {0};

	*step = "RLIMIT_CORE";
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		return -1;
	*step = "PR_SET_DUMPABLE";
	return prctl(PR_SET_DUMPABLE, PRIVILEGE_SEEKS_LEAKS, 0, 0, 0);
}
