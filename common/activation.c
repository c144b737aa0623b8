#include "common/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

/* As sd_listen_fds_with_names(3) calls them. */
#define NAME_UNKNOWN "unknown"

static int
parse(const char *variable, const char *text, long max, long *value, char *why,
    size_t why_cap)
{
	char *end;

	errno = 0;
	*value = strtol(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
	    *value <= max)
		return 0;
	(void)snprintf(why, why_cap,
	    "the service manager says %s='%.32s', where 0..%ld can be: check "
	    "the "
	    "socket unit, or unset it",
	    variable, text, max);
	return -1;
}

/* The i-th of names, which stand between colons. */
static void
find_name(const char *names, size_t i, char *name, size_t cap)
{
	size_t len;

	for (; names != NULL && i > 0; i--) {
		names = strchr(names, ':');
		names = names != NULL ? names + 1 : NULL;
	}
	if (names == NULL)
		names = NAME_UNKNOWN;
	len = strcspn(names, ":");
	(void)snprintf(name, cap, "%.*s", (int)len, names);
}

static bool
has_option(int fd, int name, int wanted)
{
	int value = -1;
	socklen_t len = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 &&
	       value == wanted;
}

/* MPTCP and UNIX sockets are streams too, but not these. */
static bool
is_tcp_listener(int fd)
{
	return has_option(fd, SO_TYPE, SOCK_STREAM) &&
	       has_option(fd, SO_PROTOCOL, IPPROTO_TCP) &&
	       has_option(fd, SO_ACCEPTCONN, 1);
}

static int
adopt(struct activation_socket *s, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    addr_from_sockaddr(&s->bound, (const struct sockaddr *)&ss) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 || fd_set_nonblock(fd) == -1)
		return -1;
	s->fd = fd;
	return 0;
}

static int
take_one(struct activation_socket *s, size_t i, char *why, size_t why_cap)
{
	int fd = ACTIVATION_FD_FIRST + (int)i;
	char name[64];

	if (is_tcp_listener(fd) && adopt(s, fd) == 0)
		return 0;
	find_name(getenv("LISTEN_FDNAMES"), i, name, sizeof name);
	(void)snprintf(why, why_cap,
	    "the service manager passed descriptor %d ('%s'), which is no "
	    "listening TCP socket: its socket unit must have "
	    "ListenStream=ADDRESS:PORT and Accept=no",
	    fd, name);
	return -1;
}

static int
take(struct activation_socket *sockets, size_t cap, size_t *n, char *why,
    size_t why_cap)
{
	const char *whose = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	long pid, n_passed;

	*n = 0;
	if (whose == NULL || count == NULL)
		return 0;
	if (parse("LISTEN_PID", whose, INT_MAX, &pid, why, why_cap) == -1)
		return -1;
	if (pid != getpid())
		return 0; /* inherited from somebody whom they were for */
	if (parse("LISTEN_FDS", count, (long)cap, &n_passed, why, why_cap) ==
	    -1)
		return -1;
	for (size_t i = 0; i < (size_t)n_passed; i++)
		if (take_one(&sockets[i], i, why, why_cap) == -1)
			return -1;
	*n = (size_t)n_passed;
	return 0;
}

int
activation_take(struct activation_socket *sockets, size_t cap, size_t *n,
    char *why, size_t why_cap)
{
	int rc = take(sockets, cap, n, why, why_cap);

	(void)unsetenv("LISTEN_PID"); /* it fails for bad names alone */
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return rc;
}
