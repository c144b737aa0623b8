/*
 * privilege - becoming an unprivileged user for good, whose memory is its own.
 */
#ifndef COMMON_PRIVILEGE_H
#define COMMON_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PRIVILEGE_GROUPS_MAX 32

/* Who a daemon becomes. The user's further groups come along: by one of them
 * the IPC folder may be shared. */
struct privilege_user {
	uid_t uid;
	gid_t gid;
	gid_t groups[PRIVILEGE_GROUPS_MAX];
	size_t n_groups;
};

/*
 * privilege_lookup - find a user by name, before the start does anything.
 *
 * why      out, why_cap bytes: a sentence on failure.
 * Returns  0; -1: no such user, it is root (uid 0), or it is in more than
 *          PRIVILEGE_GROUPS_MAX groups.
 */
int privilege_lookup(
    struct privilege_user *u, const char *name, char *why, size_t why_cap);

/*
 * privilege_drop - give up every right of root, for good.
 *
 * u        who to become when the process is root; NULL: stay who we are
 *          (EPERM as root). Not root: the user stays, the rest is done.
 * Does     no_new_privs, groups, gid, uid, empties the permitted, effective,
 *          inheritable, ambient and (if it may) bounding capability sets, and
 *          checks that root can't be had back.
 * Returns  0; -1 with errno, the step's name in *step (static text).
 * Context  before any thread is started.
 */
int privilege_drop(const struct privilege_user *u, const char **step);

/*
 * privilege_hide - nobody else reads this process's memory: no core dump, and
 * no ptrace nor /proc/PID/mem for others of the same user.
 *
 * Returns  as privilege_drop.
 * Context  after it: becoming another user would undo this.
 */
int privilege_hide(const char **step);

/* Whether this build looks for leaks at its end, as AddressSanitizer does: in
 * a process of its own, which traces this one. */
#ifdef __SANITIZE_ADDRESS__
#define PRIVILEGE_SEEKS_LEAKS 1
#else
#define PRIVILEGE_SEEKS_LEAKS 0
#endif

#endif
