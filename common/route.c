#include "common/route.h"

#include <errno.h>
#include <sys/socket.h>

#include "common/fd.h"

/* Connecting a UDP socket asks the kernel's routes and no more. */
static int
ask_routes(int fd, const struct addr *to, struct addr *from)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, &ss);

	if (connect(fd, (const struct sockaddr *)&ss, len) == -1)
		return -1;
	len = sizeof ss;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return -1;
	return addr_from_sockaddr(from, (const struct sockaddr *)&ss);
}

int
route_from(struct addr *from, const struct addr *to)
{
	int fd = socket(
	    addr_is_v4(to) ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd == -1)
		return -1;
	rc = ask_routes(fd, to, from);
	from->port = 0;
	fd_close(&fd);
	return rc;
}

static int
begin_connection(int fd, const struct addr *to)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, &ss);
	int error = 0;

	if (connect(fd, (const struct sockaddr *)&ss, len) == -1 &&
	    errno != EINPROGRESS)
		return -1;
	len = sizeof error;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

int
route_try(const struct addr *to)
{
	int fd = socket(addr_is_v4(to) ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	if (fd == -1)
		return -1;
	rc = begin_connection(fd, to);
	fd_close(&fd);
	return rc;
}
