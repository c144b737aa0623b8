#include "client/handshake.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/watch.h"
#include "common/fd.h"
#include "proto/tx3.h"

struct handshake {
	struct loop *loop;
	SSL *ssl;
	int fd;
	struct watch watch;
	struct deadline deadline;
	handshake_fn *fn;
	void *arg;
};

void
handshake_cancel(struct handshake *h)
{
	if (h == NULL)
		return;
	watch_fini(&h->watch);
	loop_disarm(h->loop, &h->deadline);
	SSL_free(h->ssl);
	fd_close(&h->fd);
	free(h);
}

static void
end(struct handshake *h, enum handshake_end how, const char *why)
{
	handshake_fn *fn = h->fn;
	void *arg = h->arg;
	struct stream s;

	if (how == HANDSHAKE_DONE) {
		stream_from_ssl(&s, h->ssl, h->fd);
		h->ssl = NULL;
		h->fd = -1;
	}
	handshake_cancel(h);
	fn(arg, how, how == HANDSHAKE_DONE ? &s : NULL, why);
}

static bool
is_close(int how, int error)
{
	if (how == SSL_ERROR_SYSCALL)
		return error == 0 || error == ECONNRESET || error == EPIPE;
	return how == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) ==
					   SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

static void
end_badly(struct handshake *h, int how, int error)
{
	enum handshake_end what = HANDSHAKE_FAILED;
	char why[STREAM_WHY_CAP];

	if (is_close(how, error)) {
		ERR_clear_error();
		end(h, HANDSHAKE_CLOSED, "");
		return;
	}
	if (how == SSL_ERROR_SYSCALL)
		(void)snprintf(why, sizeof why, "%s", strerror(error));
	else {
		if (ERR_GET_REASON(ERR_peek_error()) ==
		    SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL)
			what = HANDSHAKE_NO_PROTOCOL;
		(void)tls_why(why, sizeof why);
	}
	end(h, what, why);
}

static void
step(void *arg)
{
	struct handshake *h = arg;
	int r, how, armed;

	ERR_clear_error();
	errno = 0;
	r = SSL_do_handshake(h->ssl);
	if (r == 1) {
		end(h, HANDSHAKE_DONE, "");
		return;
	}
	how = SSL_get_error(h->ssl, r);
	if (how == SSL_ERROR_WANT_READ)
		armed = watch_set(&h->watch, WATCH_READ);
	else if (how == SSL_ERROR_WANT_WRITE)
		armed = watch_set(&h->watch, WATCH_WRITE);
	else {
		end_badly(h, how, errno);
		return;
	}
	if (armed == -1)
		end(h, HANDSHAKE_FAILED, strerror(errno));
}

static void
on_timeout(struct deadline *d, void *arg)
{
	(void)d;
	end(arg, HANDSHAKE_TIMEOUT, "");
}

static int
make_ssl(struct handshake *h, SSL_CTX *ctx, enum tls_role role)
{
	h->ssl = SSL_new(ctx);
	if (h->ssl == NULL || SSL_set_fd(h->ssl, h->fd) != 1)
		return -1;
	switch (role) {
	case TLS_ROLE_SERVER:
		SSL_set_accept_state(h->ssl);
		return 0;
	case TLS_ROLE_CLIENT:
		SSL_set_connect_state(h->ssl);
		break;
	}
	return SSL_set_tlsext_host_name(h->ssl, TX3_SNI) == 1 ? 0 : -1;
}

int
handshake_offer(struct handshake *h, const char *protocol)
{
	size_t len = strlen(protocol);
	uint8_t list[1 + UINT8_MAX];

	list[0] = (uint8_t)len;
	memcpy(list + 1, protocol, len);
	if (SSL_set_alpn_protos(h->ssl, list, 1 + (unsigned)len) == 0)
		return 0;
	ERR_clear_error();
	errno = ENOMEM;
	return -1;
}

bool
handshake_agreed(const SSL *ssl, const char *protocol)
{
	const unsigned char *got;
	unsigned len;

	SSL_get0_alpn_selected(ssl, &got, &len);
	return len == strlen(protocol) && memcmp(got, protocol, len) == 0;
}

struct handshake *
handshake_start(struct loop *loop, int fd, SSL_CTX *ctx, enum tls_role role,
    uint64_t in_ms, handshake_fn *fn, void *arg)
{
	struct handshake *h = calloc(1, sizeof *h);

	if (h == NULL) {
		fd_close(&fd);
		return NULL;
	}
	h->loop = loop;
	h->fd = fd;
	h->fn = fn;
	h->arg = arg;
	deadline_init(&h->deadline, on_timeout, h);
	watch_init(&h->watch, loop, fd, step, h);
	if (make_ssl(h, ctx, role) == -1 ||
	    loop_arm(loop, &h->deadline, in_ms) == -1 ||
	    watch_again(&h->watch) == -1) {
		ERR_clear_error();
		handshake_cancel(h);
		errno = ENOMEM;
		return NULL;
	}
	return h;
}
