#include "dataplane/stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum stream_look
stream_look(int fd, bool is_unix)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	if (poll(&p, 1, 0) <= 0)
		return STREAM_OPEN;
	/* POLLHUP says "both directions ended"; nobody here ends a TCP
	 * socket's own direction before it is looked at for the last time. */
	if ((p.revents & (POLLERR | POLLNVAL)) != 0 ||
	    ((p.revents & POLLHUP) != 0 && !is_unix))
		return STREAM_RESET;
	return (p.revents & (POLLRDHUP | POLLHUP)) != 0 ? STREAM_FINISHED
							: STREAM_OPEN;
}

bool
stream_is_dead(int fd, bool ended)
{
	struct pollfd p = {.fd = fd};

	if (poll(&p, 1, 0) <= 0)
		return false;
	/* POLLHUP says "both directions ended", which may be in order. */
	return (p.revents & (POLLERR | POLLNVAL)) != 0 || !ended;
}

ssize_t
stream_peek(int fd, void *buf, size_t cap)
{
	ssize_t n;

	do {
		n = recv(fd, buf, cap, MSG_PEEK | MSG_DONTWAIT);
	} while (n == -1 && errno == EINTR);
	return n;
}

int
stream_discard(int fd, bool is_unix, size_t len, void *scratch, size_t cap)
{
	int flags = MSG_DONTWAIT | (is_unix ? 0 : MSG_TRUNC);

	while (len > 0) {
		ssize_t n = recv(fd, scratch, len < cap ? len : cap, flags);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EPIPE;
		if (n <= 0)
			return -1;
		len -= (size_t)n;
	}
	return 0;
}

int
stream_say(int fd, const void *p, size_t len)
{
	ssize_t n;

	if (len == 0)
		return 0;
	do {
		n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n == -1 && errno == EINTR);
	if (n == (ssize_t)len)
		return 0;
	if (n >= 0 || errno == EAGAIN)
		errno = ENOBUFS;
	return -1;
}

size_t
stream_unsent(int fd, bool is_unix)
{
	int n = 0;

	if (is_unix || ioctl(fd, SIOCOUTQ, &n) == -1 || n < 0)
		return 0;
	return (size_t)n;
}

enum reason
stream_reason(int error)
{
	switch (error) {
	case ENOMEM:
	case ENOBUFS:
	case EMFILE:
	case ENFILE:
		return REASON_RESOURCES;
	case ECONNRESET:
	case ECONNABORTED:
	case ENOTCONN:
	case EPIPE:
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
		return REASON_RESET;
	default:
		return REASON_IO_ERROR;
	}
}
