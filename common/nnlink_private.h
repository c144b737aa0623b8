/*
 * nnlink_private - what both ends of a pipeline do with their nanomsg socket.
 */
#ifndef COMMON_NNLINK_PRIVATE_H
#define COMMON_NNLINK_PRIVATE_H

#include <stdbool.h>

/* bytes; 1 MiB takes about 2,700 small messages where the default of 128 KiB
 * takes 340. Set before bind or connect, or nanomsg does not heed it. */
#define NNLINK_SOCKET_BUF (1 << 20)

/* nnlink_set_int - an option of all sockets. Returns 0 or more; -1 with errno.
 */
int nnlink_set_int(int socket, int option, int value);

/* nnlink_set_tcp - what a tcp:// address of this family needs; before bind or
 * connect. Returns as nnlink_set_int. */
int nnlink_set_tcp(int socket, bool is_v4);

/* nnlink_get_fd - NN_RCVFD or NN_SNDFD; -1 with errno. */
int nnlink_get_fd(int socket, int option);

/* nnlink_close - errno is kept; -1 is fine. */
void nnlink_close(int socket);

/* nnlink_n_peers - connections at this moment. */
unsigned nnlink_n_peers(int socket);

#endif
