#include "client/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/tls.h"

void
stream_init(struct stream *s)
{
	memset(s, 0, sizeof *s);
	s->in.fd = s->out.fd = -1;
	s->in.flags = s->out.flags = -1;
}

void
stream_from_socket(struct stream *s, int fd)
{
	stream_init(s);
	s->in.fd = s->out.fd = fd;
}

void
stream_from_ssl(struct stream *s, SSL *ssl, int fd)
{
	stream_from_socket(s, fd);
	s->ssl = ssl;
}

static enum stream_kind
kind_of(int fd)
{
	struct stat st;

	if (isatty(fd))
		return STREAM_TTY;
	if (fstat(fd, &st) == -1)
		return STREAM_FILE;
	if (S_ISSOCK(st.st_mode))
		return STREAM_SOCKET;
	return S_ISFIFO(st.st_mode) ? STREAM_PIPE : STREAM_FILE;
}

/* A socket may be shared with other processes, and MSG_DONTWAIT does without
 * the flag; a file never blocks. */
static int
unblock(struct stream_end *end)
{
	int flags;

	if (end->kind == STREAM_SOCKET || end->kind == STREAM_FILE)
		return 0;
	flags = fcntl(end->fd, F_GETFL);
	if (flags == -1 || fcntl(end->fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return -1;
	if (!(flags & O_NONBLOCK))
		end->flags = flags;
	return 0;
}

static void
end_close(struct stream_end *end)
{
	if (end->flags != -1)
		(void)fcntl(end->fd, F_SETFL, end->flags); /* best effort */
	end->flags = -1;
	fd_close(&end->fd);
}

/* Descriptor 1 stays valid, so that nothing opened later becomes it. */
static int
give_up_stdout(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int r;

	if (null == -1)
		return -1;
	r = dup2(null, STDOUT_FILENO);
	fd_close(&null);
	return r == -1 ? -1 : 0;
}

int
stream_from_stdio(struct stream *s)
{
	stream_init(s);
	s->in.fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	s->out.fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (s->in.fd == -1 || s->out.fd == -1)
		goto fail;
	s->in.kind = kind_of(s->in.fd);
	s->out.kind = kind_of(s->out.fd);
	if (unblock(&s->in) == -1 || unblock(&s->out) == -1)
		goto fail;
	if (s->out.kind != STREAM_TTY && give_up_stdout() == -1)
		goto fail;
	return 0;
fail:
	stream_close(s);
	return -1;
}

static enum stream_answer
failed(struct stream *s, int error)
{
	(void)snprintf(s->why, sizeof s->why, "%s", strerror(error));
	return STREAM_FAILED;
}

/* What OpenSSL says of a call that did not do it all. */
static enum stream_answer
tls_answer(struct stream *s, int r)
{
	int error = errno; /* SSL_get_error leaves it, but tls_why may not */
	int how = SSL_get_error(s->ssl, r);
	bool alert;

	if (how == SSL_ERROR_WANT_READ)
		return STREAM_WANT_READ;
	if (how == SSL_ERROR_WANT_WRITE)
		return STREAM_WANT_WRITE;
	if (how == SSL_ERROR_ZERO_RETURN)
		return STREAM_END;
	if (how == SSL_ERROR_SYSCALL && error != 0)
		return failed(s, error);
	if (how == SSL_ERROR_SYSCALL ||
	    ERR_GET_REASON(ERR_peek_error()) ==
		SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		ERR_clear_error();
		(void)snprintf(s->why, sizeof s->why,
		    "the connection was cut short (no close_notify)");
		return STREAM_CUT;
	}
	alert = ERR_GET_REASON(ERR_peek_error()) > SSL_AD_REASON_OFFSET;
	(void)tls_why(s->why, sizeof s->why);
	return alert ? STREAM_ALERT : STREAM_FAILED;
}

static enum stream_answer
plain_answer(struct stream *s, ssize_t r, enum stream_answer want, size_t *n)
{
	if (r == -1 && errno == EAGAIN)
		return want;
	if (r == -1)
		return failed(s, errno);
	if (r == 0)
		return STREAM_END;
	*n = (size_t)r;
	return STREAM_OK;
}

enum stream_answer
stream_read(struct stream *s, void *p, size_t cap, size_t *n)
{
	ssize_t r;

	if (s->ssl != NULL) {
		ERR_clear_error();
		errno = 0;
		if (SSL_read_ex(s->ssl, p, cap, n) == 1)
			return STREAM_OK;
		return tls_answer(s, 0);
	}
	do {
		if (s->in.kind == STREAM_SOCKET)
			r = recv(s->in.fd, p, cap, MSG_DONTWAIT);
		else
			r = read(s->in.fd, p, cap);
	} while (r == -1 && errno == EINTR);
	return plain_answer(s, r, STREAM_WANT_READ, n);
}

enum stream_answer
stream_write(struct stream *s, const void *p, size_t len, size_t *n)
{
	enum stream_answer answer;
	ssize_t r;
	int error;

	if (s->ssl != NULL) {
		ERR_clear_error();
		errno = 0;
		if (SSL_write_ex(s->ssl, p, len, n) == 1)
			return STREAM_OK;
		error = errno;
		answer = tls_answer(s, 0);
		/* once the other end is done, every error looks like that */
		return answer == STREAM_END ? failed(s, error) : answer;
	}
	do {
		if (s->out.kind == STREAM_SOCKET)
			r = send(
			    s->out.fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			r = write(s->out.fd, p, len);
	} while (r == -1 && errno == EINTR);
	return plain_answer(s, r, STREAM_WANT_WRITE, n);
}

static enum stream_answer
say_close_notify(struct stream *s)
{
	int r;

	ERR_clear_error();
	errno = 0;
	/* 0: sent, and the other side's has not come: all that is wanted */
	r = SSL_shutdown(s->ssl);
	return r >= 0 ? STREAM_OK : tls_answer(s, r);
}

enum stream_answer
stream_finish(struct stream *s)
{
	enum stream_answer answer = STREAM_OK;

	if (s->ssl != NULL)
		answer = say_close_notify(s);
	if (answer != STREAM_OK)
		return answer;
	switch (s->out.kind) {
	case STREAM_SOCKET:
		if (shutdown(s->out.fd, SHUT_WR) == -1)
			return failed(s, errno);
		break;
	case STREAM_PIPE:
		end_close(&s->out);
		break;
	case STREAM_TTY:
	case STREAM_FILE:
		break;
	}
	return STREAM_OK;
}

bool
stream_is_reset(const struct stream *s)
{
	struct pollfd p = {.fd = s->in.fd, .events = 0};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

bool
stream_is_open(const struct stream *s)
{
	return s->in.fd != -1 || s->out.fd != -1;
}

void
stream_close(struct stream *s)
{
	SSL_free(s->ssl);
	s->ssl = NULL;
	if (s->in.fd == s->out.fd)
		s->out.fd = -1;
	end_close(&s->in);
	end_close(&s->out);
}

void
stream_abort(struct stream *s)
{
	/* no error on what is no socket any more: closing follows anyway */
	if (s->ssl == NULL && s->in.kind == STREAM_SOCKET && s->in.fd != -1)
		(void)fd_reset_on_close(s->in.fd);
	stream_close(s);
}
