#include "tests/unit/dataplane/sockets.h"

#include <check.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

/* recv and send are wrapped in some tests: these are the real ones. */
static int
accept_on(int listener)
{
	int fd = accept(listener, NULL, NULL);

	ck_assert_int_ne(fd, -1);
	return fd;
}

void
sockets_tcp(int fds[2])
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof sin;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	fds[OURS] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fds[OURS], (struct sockaddr *)&sin, len), 0);
	fds[THEIRS] = accept_on(listener);
	ck_assert_int_eq(fd_set_nonblock(fds[THEIRS]), 0);
	ck_assert_int_eq(fd_set_nodelay(fds[OURS]), 0);
	(void)close(listener);
}

void
sockets_unix(int fds[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(fd_set_nonblock(fds[THEIRS]), 0);
}

void
sockets_put(int fd, const void *p, size_t len)
{
	ck_assert_int_eq(write(fd, p, len), (long)len);
}

long
sockets_get(int fd, void *p, size_t cap)
{
	struct iovec iov = {.iov_base = p, .iov_len = cap};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	return recvmsg(fd, &m, MSG_DONTWAIT);
}

void
sockets_reset(int *fd)
{
	ck_assert_int_eq(fd_reset_on_close(*fd), 0);
	fd_close(fd);
}

int
sockets_n_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}
