/*
 * far - the other ends of what the client connects: sockets and TLS that
 * block, driven by a thread whose steps a test writes down one after the
 * other, while the test's own thread runs the loop.
 */
#ifndef TESTS_UNIT_CLIENT_FAR_H
#define TESTS_UNIT_CLIENT_FAR_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "common/identity.h"
#include "common/tls.h"

/* far_identity - a new one; whoever it is must not matter. */
struct identity *far_identity(void);

/* far_context - tx3's TLS for it. */
SSL_CTX *far_context(enum tls_role role, const struct identity *id);

/* far_pair - a TCP connection over loopback: near is non-blocking, far
 * blocks. */
void far_pair(int *near, int *far);

/* far_listen - a listening socket on 127.0.0.1. Returns it; *port is its. */
int far_listen(uint16_t *port);

/* far_tls - TLS on fd as role, its handshake done; NULL if that failed. */
SSL *far_tls(SSL_CTX *ctx, int fd, enum tls_role role);

/* far_start, far_join - run script(arg) in a thread; wait for its end. */
void far_start(pthread_t *thread, void *(*script)(void *), void *arg);
void far_join(pthread_t thread);

/* far_write, far_ssl_write - all len bytes. */
void far_write(int fd, const void *p, size_t len);
void far_ssl_write(SSL *ssl, const void *p, size_t len);

/* far_read, far_ssl_read - up to cap bytes until the end. Returns how many;
 * *error is 0 at an orderly end, else errno or -1 (TLS without close_notify).
 */
size_t far_read(int fd, void *p, size_t cap, int *error);
size_t far_ssl_read(SSL *ssl, void *p, size_t cap, int *error);

/* far_finish - close_notify and FIN; the other way stays. */
void far_finish(SSL *ssl);

/* far_reset - close so that the other end gets an RST. */
void far_reset(int fd);

/* far_hang_up - free ssl and close its socket. */
void far_hang_up(SSL *ssl);

#endif
