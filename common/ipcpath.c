#include "common/ipcpath.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SCHEME	   "ipc://"
#define SCHEME_LEN (sizeof SCHEME - 1)

/* prefix, dir, "/", name, suffix; the path alone counts towards the limit. */
static int
join(char *buf, size_t cap, const char *prefix, const char *dir,
    const char *name, const char *suffix)
{
	int n = snprintf(buf, cap, "%s%s/%s%s", prefix, dir, name, suffix);

	if (n < 0 || (size_t)n >= cap ||
	    (size_t)n - strlen(prefix) > IPCPATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int
ipcpath_dir_of(char *dir, size_t cap, const char *events_url)
{
	const char *path, *slash;
	size_t len;

	if (strncmp(events_url, SCHEME, SCHEME_LEN) != 0 ||
	    events_url[SCHEME_LEN] != '/') {
		errno = EINVAL;
		return -1;
	}
	path = events_url + SCHEME_LEN;
	slash = strrchr(path, '/');
	if (slash == path || slash[1] == '\0') {
		errno = EINVAL;
		return -1;
	}
	len = (size_t)(slash - path);
	if (len >= cap || strlen(path) > IPCPATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, len);
	dir[len] = '\0';
	return 0;
}

int
ipcpath_commands(char *url, size_t cap, const char *dir, const char *name)
{
	return join(url, cap, SCHEME, dir, name, ".commands.ipc");
}

int
ipcpath_accept(char *path, size_t cap, const char *dir, const char *name)
{
	return join(path, cap, "", dir, name, ".accept.sock");
}
