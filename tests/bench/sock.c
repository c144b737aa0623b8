#include "tests/bench/sock.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "common/fd.h"

static void
set_up(int fd)
{
	const struct timeval timeout = {.tv_sec = SOCK_TIMEOUT_S};

	/* a token that waits for an acknowledgement would be measured too */
	if (fd_set_nodelay(fd) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) ==
		-1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) ==
		-1)
		err(1, "options of a socket");
}

static void
come_from(int fd, const struct addr *from)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(from, &ss);
	char text[ADDR_TEXT_CAP];
	const int on = 1;

	/* the port is chosen when the other end is known, so that as many
	 * connections are possible as without it */
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
		sizeof on) == -1 ||
	    bind(fd, (struct sockaddr *)&ss, len) == -1)
		err(1, "bind to %s", addr_format(from, text));
}

int
sock_dial(const struct addr *to)
{
	return sock_dial_from(to, NULL);
}

int
sock_dial_from(const struct addr *to, const struct addr *from)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, &ss);
	char text[ADDR_TEXT_CAP];
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(1, "socket");
	set_up(fd);
	if (from != NULL)
		come_from(fd, from);
	if (connect(fd, (struct sockaddr *)&ss, len) == -1)
		err(1, "connect to %s", addr_format(to, text));
	return fd;
}

int
sock_accept(int listener)
{
	struct pollfd pfd = {.fd = listener, .events = POLLIN};
	int fd, n = poll(&pfd, 1, SOCK_TIMEOUT_S * 1000);

	if (n == -1)
		err(1, "poll");
	if (n == 0)
		errx(1, "no connection came through within %d s",
		    SOCK_TIMEOUT_S);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd == -1)
		err(1, "accept");
	set_up(fd);
	return fd;
}

void
sock_write(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n == -1)
			err(1, "send");
		at += n;
		len -= (size_t)n;
	}
}

void
sock_read(int fd, void *p, size_t len)
{
	char *at = p;

	while (len > 0) {
		ssize_t n = recv(fd, at, len, 0);

		if (n == -1)
			err(1, "recv");
		if (n == 0)
			errx(1, "the connection ended %zu bytes early", len);
		at += n;
		len -= (size_t)n;
	}
}
