#include "common/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"

static int
stream_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int
bind_tcp(int fd, bool is_shared, const struct addr *a, struct addr *bound)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, &ss);
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
	    (is_shared &&
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == -1))
		return -1;
	if (ss.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == -1)
		return -1;
	if (bind(fd, (const struct sockaddr *)&ss, len) == -1 ||
	    listen(fd, LISTEN_BACKLOG) == -1)
		return -1;
	len = sizeof ss;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return -1;
	return addr_from_sockaddr(bound, (const struct sockaddr *)&ss);
}

static int
open_tcp(bool is_shared, const struct addr *a, struct addr *bound)
{
	int fd = stream_socket(addr_is_v4(a) ? AF_INET : AF_INET6);

	if (fd != -1 && bind_tcp(fd, is_shared, a, bound) == -1)
		fd_close(&fd);
	return fd;
}

int
listen_tcp(const struct addr *a, struct addr *bound)
{
	return open_tcp(false, a, bound);
}

int
listen_tcp_shared(const struct addr *a, struct addr *bound)
{
	return open_tcp(true, a, bound);
}

/* Whether somebody listens at un. A full backlog (EAGAIN) is somebody too. */
static bool
is_alive(const struct sockaddr_un *un)
{
	int fd = stream_socket(AF_UNIX);
	bool refused;

	if (fd == -1)
		return true;
	refused = connect(fd, (const struct sockaddr *)un, sizeof *un) == -1 &&
		  errno == ECONNREFUSED;
	fd_close(&fd);
	return !refused;
}

/* A socket whose owner died is left behind as a file, and in the way. */
static int
clear_way(const struct sockaddr_un *un)
{
	struct stat st;

	if (lstat(un->sun_path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode) || is_alive(un)) {
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(un->sun_path);
}

/* It is made with its mode: by the time of a chmod(2), somebody who may write
 * in that folder could have put a link to a file of ours in its place. */
static int
bind_as(int fd, const struct sockaddr_un *un, unsigned mode)
{
	mode_t had = umask(0777 & ~mode);
	int rc = bind(fd, (const struct sockaddr *)un, sizeof *un);

	(void)umask(had);
	return rc;
}

static int
bind_unix(int fd, const struct sockaddr_un *un, unsigned mode)
{
	if (bind_as(fd, un, mode) == -1)
		return -1;
	if (listen(fd, LISTEN_BACKLOG) == -1) {
		int saved = errno;

		(void)unlink(un->sun_path); /* ours, and of no use */
		errno = saved;
		return -1;
	}
	return 0;
}

int
listen_unix(const char *path, unsigned mode)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof un.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)strcpy(un.sun_path, path);
	if (clear_way(&un) == -1)
		return -1;
	fd = stream_socket(AF_UNIX);
	if (fd != -1 && bind_unix(fd, &un, mode) == -1)
		fd_close(&fd);
	return fd;
}
