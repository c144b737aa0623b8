#include "common/nnlink_private.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/tcp.h>
#include <stdint.h>

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
