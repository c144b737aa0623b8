#include "tests/unit/client/far.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "proto/tx3.h"

struct identity *
far_identity(void)
{
	char why[IDENTITY_WHY_CAP];
	struct identity *id = identity_new(&TX3_CERT_FORM, why);

	ck_assert_ptr_nonnull(id);
	return id;
}

SSL_CTX *
far_context(enum tls_role role, const struct identity *id)
{
	const struct tls_profile profile = {
	    .min_version = TLS1_3_VERSION,
	    .max_version = TLS1_3_VERSION,
	    .ciphersuites = TX3_CIPHERSUITES,
	};
	char why[IDENTITY_WHY_CAP];
	SSL_CTX *ctx = tls_context_new(NULL, role, &profile, id, why);

	ck_assert_ptr_nonnull(ctx);
	return ctx;
}

int
far_listen(uint16_t *port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

void
far_pair(int *near, int *far)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	uint16_t port;
	int listener = far_listen(&port);

	sin.sin_port = htons(port);
	*near = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(
	    connect(*near, (struct sockaddr *)&sin, sizeof sin), 0);
	*far = accept(listener, NULL, NULL);
	ck_assert_int_ne(*far, -1);
	ck_assert_int_eq(fd_set_nonblock(*near), 0);
	ck_assert_int_eq(close(listener), 0);
}

SSL *
far_tls(SSL_CTX *ctx, int fd, enum tls_role role)
{
	SSL *ssl = SSL_new(ctx);
	int r;

	ck_assert_ptr_nonnull(ssl);
	ck_assert_int_eq(SSL_set_fd(ssl, fd), 1);
	(void)SSL_clear_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
	r = role == TLS_ROLE_SERVER ? SSL_accept(ssl) : SSL_connect(ssl);
	if (r == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

void
far_start(pthread_t *thread, void *(*script)(void *), void *arg)
{
	ck_assert_int_eq(pthread_create(thread, NULL, script, arg), 0);
}

void
far_join(pthread_t thread)
{
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

void
far_write(int fd, const void *p, size_t len)
{
	const uint8_t *at = p;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* what arrived is judged at the other end */
		at += n;
		len -= (size_t)n;
	}
}

void
far_ssl_write(SSL *ssl, const void *p, size_t len)
{
	size_t n;

	/* what arrived is judged at the other end */
	(void)SSL_write_ex(ssl, p, len, &n);
}

size_t
far_read(int fd, void *p, size_t cap, int *error)
{
	uint8_t *at = p;
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, at + len, cap - len)) > 0)
		len += (size_t)n;
	*error = n == 0 ? 0 : errno;
	return len;
}

size_t
far_ssl_read(SSL *ssl, void *p, size_t cap, int *error)
{
	uint8_t *at = p;
	size_t len = 0, n;

	while (len < cap && SSL_read_ex(ssl, at + len, cap - len, &n) == 1)
		len += n;
	*error = SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN ? 0 : -1;
	return len;
}

void
far_finish(SSL *ssl)
{
	ck_assert_int_ge(SSL_shutdown(ssl), 0);
	ck_assert_int_eq(shutdown(SSL_get_fd(ssl), SHUT_WR), 0);
}

void
far_reset(int fd)
{
	ck_assert_int_eq(fd_reset_on_close(fd), 0);
	ck_assert_int_eq(close(fd), 0);
}

void
far_hang_up(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_free(ssl);
	ck_assert_int_eq(close(fd), 0);
}
