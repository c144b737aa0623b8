#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/secret.h"

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd != -1)
		(void)close(*fd); /* the descriptor is gone either way */
	*fd = -1;
	errno = saved;
}

int
fd_open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;

		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", mode) != fd)
			return -1;
	}
	return 0;
}

int
fd_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value);
}

/* A UNIX socket does not know TCP's options, and does without them. */
static int
set_tcp_int(int fd, int name, int value)
{
	int rc = set_int(fd, IPPROTO_TCP, name, value);

	if (rc == -1 && (errno == EOPNOTSUPP || errno == ENOPROTOOPT))
		return 0;
	return rc;
}

int
fd_set_nodelay(int fd)
{
	return set_tcp_int(fd, TCP_NODELAY, 1);
}

int
fd_set_keepalive(int fd, int idle_s, int interval_s, int count)
{
	if (set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1) == -1 ||
	    set_tcp_int(fd, TCP_KEEPIDLE, idle_s) == -1 ||
	    set_tcp_int(fd, TCP_KEEPINTVL, interval_s) == -1)
		return -1;
	return set_tcp_int(fd, TCP_KEEPCNT, count);
}

int
fd_set_user_timeout(int fd, unsigned ms)
{
	return set_tcp_int(
	    fd, TCP_USER_TIMEOUT, ms < INT_MAX ? (int)ms : INT_MAX);
}

int
fd_heard_ms(int fd, uint32_t *ms)
{
	struct tcp_info info;
	socklen_t len = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return -1;
	*ms = info.tcpi_last_ack_recv;
	return 0;
}

int
fd_set_rcvlowat(int fd, int bytes)
{
	return set_int(fd, SOL_SOCKET, SO_RCVLOWAT, bytes);
}

int
fd_set_oobinline(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_OOBINLINE, 1);
}

int
fd_reset_on_close(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

int
fd_raise_limit(uint64_t *limit)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		return -1;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) == -1)
		return -1;
	*limit = r.rlim_cur;
	return 0;
}

static int
write_all(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* fsync of the folder, so that the new name outlives a power cut. */
static int
sync_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int fd, rc;

	if (slash == NULL)
		(void)strcpy(dir, ".");
	else
		(void)snprintf(
		    dir, sizeof dir, "%.*s/", (int)(slash - path), path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	rc = fsync(fd);
	fd_close(&fd);
	return rc;
}

static int
write_temporary(const char *path, const void *p, size_t len, unsigned mode)
{
	int fd, rc;

	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd == -1)
		return -1;
	rc = write_all(fd, p, len);
	if (rc == 0)
		rc = fsync(fd);
	fd_close(&fd);
	return rc;
}

static void
unlink_keeping_errno(const char *path)
{
	int saved = errno;

	(void)unlink(path); /* there may be nothing to clean up */
	errno = saved;
}

int
fd_write_file(const char *path, const void *p, size_t len, unsigned mode)
{
	char temporary[PATH_MAX];
	uint64_t unique = secret_random_u64();
	int n, rc;

	n = snprintf(temporary, sizeof temporary, "%s.%016llx", path,
	    (unsigned long long)unique);
	if (n < 0 || (size_t)n >= sizeof temporary) {
		errno = ENAMETOOLONG;
		return -1;
	}
	rc = write_temporary(temporary, p, len, mode);
	if (rc == 0) /* not rename(2): that would overwrite */
		rc = link(temporary, path);
	unlink_keeping_errno(temporary);
	return rc == -1 ? -1 : sync_folder_of(path);
}

/* Until the end of the file or until cap bytes are there. */
static ssize_t
read_some(int fd, char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, buf + len, cap - len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

char *
fd_read_all(int fd, size_t max, size_t *len)
{
	char *buf = malloc(max + 2); /* one byte to see "longer", and a NUL */
	ssize_t n;

	if (buf == NULL)
		return NULL;
	n = read_some(fd, buf, max + 1);
	if (n != -1 && (size_t)n > max) {
		errno = EFBIG;
		n = -1;
	}
	if (n == -1) {
		int saved = errno;

		secret_wipe(buf, max + 2); /* it may have been a key */
		free(buf);
		errno = saved;
		return NULL;
	}
	buf[n] = '\0';
	*len = (size_t)n;
	return buf;
}

char *
fd_read_file(const char *path, size_t max, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = fd == -1 ? NULL : fd_read_all(fd, max, len);

	fd_close(&fd);
	return text;
}
