#include "common/nnlink_private.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/tcp.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proto/addr.h"

int
nnlink_set_int(int socket, int option, int value)
{
	return nn_setsockopt(
	    socket, NN_SOL_SOCKET, option, &value, sizeof value);
}

/* A message has to leave at once; and the family must be the address's: an
 * IPv4 address with IPv6 allowed makes nanomsg bind the wrong family before it
 * connects, and then abort. */
int
nnlink_set_tcp(int socket, bool is_v4)
{
	int nodelay = 1;

	if (nn_setsockopt(
		socket, NN_TCP, NN_TCP_NODELAY, &nodelay, sizeof nodelay) == -1)
		return -1;
	return nnlink_set_int(socket, NN_IPV4ONLY, is_v4);
}

int
nnlink_get_fd(int socket, int option)
{
	int fd;
	size_t len = sizeof fd;

	return nn_getsockopt(socket, NN_SOL_SOCKET, option, &fd, &len) == -1
		   ? -1
		   : fd;
}

void
nnlink_close(int socket)
{
	int saved = errno;

	if (socket != -1)
		(void)nn_close(socket); /* EBADF alone: it is ours */
	errno = saved;
}

unsigned
nnlink_n_peers(int socket)
{
	uint64_t n = nn_get_statistic(socket, NN_STAT_CURRENT_CONNECTIONS);

	return n == UINT64_MAX ? 0 : (unsigned)n;
}

/* Any address and any port: as nanomsg has it. */
static bool
wants_anything(const struct sockaddr *where, socklen_t len)
{
	struct sockaddr_storage ss = {0};
	struct addr a;

	if (len > sizeof ss)
		return false;
	memcpy(&ss, where, len);
	return addr_from_sockaddr(&a, (const struct sockaddr *)&ss) == 0 &&
	       a.port == 0 && addr_is_unspecified(&a);
}

/*
 * bind(2) of the whole program; the dynamic linker gives it to nanomsg in the
 * place of the C library's.
 *
 * nanomsg 1.1.5 binds to port 0 before it connects, and aborts the process at
 * its next try if that failed. It fails as soon as every port of
 * net.ipv4.ip_local_port_range has a connection, to whomever: control's ends of
 * control streams and a node's joins take thousands. So the port is left to be
 * found by connect(2), which can give one to several connections that go to
 * different places, or by listen(2).
 */
int nnlink_bind(int fd, const struct sockaddr *where, socklen_t len) __asm__(
    "bind"); /* glibc's own prototype has a union in it */

int
nnlink_bind(int fd, const struct sockaddr *where, socklen_t len)
{
	int on = 1;

	if (wants_anything(where, len)) /* Linux before 4.2 has it not */
		(void)setsockopt(
		    fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	return (int)syscall(SYS_bind, fd, where, len);
}
