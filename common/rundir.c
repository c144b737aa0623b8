#include "common/rundir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The service manager may give several folders, colons between: the first is
 * ours. */
static int
choose(char *buf, size_t cap, const char *managed, const char *xdg,
    const char *fallback)
{
	const char *own = getenv(managed), *home = getenv(xdg);
	int n;

	if (own != NULL && own[0] == '/')
		n = snprintf(buf, cap, "%.*s", (int)strcspn(own, ":"), own);
	else if (home != NULL && home[0] == '/')
		n = snprintf(buf, cap, "%s/carrick", home);
	else
		n = snprintf(buf, cap, "%s", fallback);
	if (n < 0 || (size_t)n >= cap) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int
rundir_runtime(char *buf, size_t cap)
{
	return choose(
	    buf, cap, "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", "/run/carrick");
}

int
rundir_state(char *buf, size_t cap)
{
	return choose(
	    buf, cap, "STATE_DIRECTORY", "XDG_STATE_HOME", "/var/lib/carrick");
}

int
rundir_make(const char *path, unsigned mode)
{
	struct stat st;

	/* chmod, since mkdir leaves out the umask's bits and S_ISGID; which is
	 * not asked for before it must be: a service manager's filter may
	 * forbid it, and the folder be there. */
	if (mkdir(path, mode & 0777) == 0)
		return chmod(path, mode);
	if (errno != EEXIST || stat(path, &st) == -1)
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	return 0;
}
