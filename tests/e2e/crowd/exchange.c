#include "tests/e2e/crowd/exchange.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "tests/e2e/crowd/keyed.h"

#define SEND_LEN 65536
#define RECV_LEN 262144
#define EVENTS	 256

struct exchange {
	int epoll;
	uint32_t n_sides; /* that have not left */
	struct exchange_result result;
	char in[RECV_LEN], out[SEND_LEN];
};

static struct side *
other(const struct side *s)
{
	return &s->pair->side[s == &s->pair->side[0] ? 1 : 0];
}

static bool
is_first(const struct side *s)
{
	return s == &s->pair->side[0];
}

static _Noreturn void
wrong(const struct side *s, const char *what)
{
	static const char *const names[MANNERS] = {
	    [ORDERLY] = "orderly",
	    [HALF_CLOSED] = "half-closed",
	    [RESET] = "reset",
	};

	errx(1,
	    "pair %" PRIu32 " (%s), %s side: %s; sent %" PRIu64 " of %" PRIu64
	    ", received %" PRIu64 " of %" PRIu64,
	    s->pair->number, names[s->pair->manner],
	    is_first(s) ? "first" : "second", what, s->sent, s->length,
	    s->received, other(s)->length);
}

static void
leave(struct exchange *x, struct side *s)
{
	fd_close(&s->fd); /* epoll forgets it with that */
	x->n_sides--;
	if (other(s)->fd == -1)
		x->result.ended[s->pair->manner]++;
}

static uint32_t
wants(const struct side *s)
{
	return EPOLLIN | (s->may_send && s->sent < s->length ? EPOLLOUT : 0u);
}

static void
watch(struct exchange *x, struct side *s, int op)
{
	struct epoll_event e = {.events = wants(s), .data.ptr = s};

	if (op == EPOLL_CTL_MOD && e.events == s->watched)
		return;
	s->watched = e.events;
	if (epoll_ctl(x->epoll, op, s->fd, &e) == -1)
		err(1, "epoll_ctl");
}

/* A system call failed. The second side of a reset pair sees the reset like
 * that, once. */
static void
broken(struct exchange *x, struct side *s, const char *what)
{
	if (errno == EAGAIN)
		return;
	if (s->pair->manner != RESET || is_first(s) ||
	    (errno != ECONNRESET && errno != EPIPE))
		wrong(s, what);
	leave(x, s);
}

/* All that this side has to say is said. */
static void
finish_sending(struct side *s)
{
	if (s->pair->manner != HALF_CLOSED || s->half_closed)
		return;
	if (shutdown(s->fd, SHUT_WR) == -1)
		wrong(s, "it can't half-close");
	s->half_closed = true;
}

/* How much of the stream may go now: the first of a reset pair stops short. */
static size_t
portion(const struct side *s)
{
	bool breaks = s->pair->manner == RESET && is_first(s);
	uint64_t left = (breaks ? s->pair->break_at : s->length) - s->sent;

	return left < SEND_LEN ? (size_t)left : SEND_LEN;
}

static void
send_some(struct exchange *x, struct side *s)
{
	size_t len = portion(s);
	ssize_t n;

	keyed_fill(s->key, s->sent, x->out, len);
	n = send(s->fd, x->out, len, MSG_NOSIGNAL);
	if (n == -1) {
		broken(x, s, "it can't send");
		return;
	}
	s->sent += (uint64_t)n;
	if (s->sent == s->length) {
		finish_sending(s);
	} else if (portion(s) == 0) {
		(void)fd_reset_on_close(s->fd); /* else its peer fails */
		leave(x, s);
	}
}

static void
take(struct exchange *x, struct side *s, size_t n)
{
	size_t right = keyed_check(other(s)->key, s->received, x->in, n);

	s->received += right;
	x->result.checked += right;
	if (right < n)
		wrong(s, "a byte is not the one that was sent");
	if (s->received > other(s)->length)
		wrong(s, "more came than was sent");
}

static void
take_end(struct exchange *x, struct side *s)
{
	if (s->pair->manner == RESET)
		wrong(s, "an orderly end came instead of a reset");
	if (s->received < other(s)->length)
		wrong(s, "the end came too early");
	if (s->pair->manner == HALF_CLOSED && !is_first(s))
		s->may_send = true;
	else
		leave(x, s);
}

static void
receive_some(struct exchange *x, struct side *s)
{
	ssize_t n = recv(s->fd, x->in, RECV_LEN, 0);

	if (n > 0)
		take(x, s, (size_t)n);
	else if (n == 0)
		take_end(x, s);
	else
		broken(x, s, "it can't receive");
}

/* An orderly side leaves by itself as soon as it has said and heard all; so
 * does the second of a half-closed pair. */
static bool
is_done(const struct side *s)
{
	if (s->sent < s->length || s->received < other(s)->length)
		return false;
	return s->pair->manner == ORDERLY ||
	       (s->pair->manner == HALF_CLOSED && !is_first(s));
}

static void
on_event(struct exchange *x, struct side *s, uint32_t what)
{
	if ((what & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
		receive_some(x, s);
	if (s->fd != -1 && (what & EPOLLOUT) != 0)
		send_some(x, s);
	if (s->fd != -1 && is_done(s))
		leave(x, s);
	if (s->fd != -1)
		watch(x, s, EPOLL_CTL_MOD);
}

static _Noreturn void
stands_still(const struct pair *pairs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		for (int j = 0; j < 2; j++)
			if (pairs[i].side[j].fd != -1)
				wrong(&pairs[i].side[j],
				    "nothing moves any more");
	errx(1, "nothing is left to move");
}

static void
begin(struct exchange *x, struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct side *s = &p->side[i];

		s->may_send = p->manner != HALF_CLOSED || i == 0;
		if (fd_set_nonblock(s->fd) == -1)
			err(1, "O_NONBLOCK");
		watch(x, s, EPOLL_CTL_ADD);
		x->n_sides++;
	}
}

struct exchange_result
exchange_run(struct pair *pairs, uint32_t n)
{
	struct exchange *x = calloc(1, sizeof *x);
	struct epoll_event events[EVENTS];
	struct exchange_result result;

	if (x == NULL)
		err(1, "calloc");
	x->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (x->epoll == -1)
		err(1, "epoll_create1");
	for (uint32_t i = 0; i < n; i++)
		begin(x, &pairs[i]);
	while (x->n_sides > 0) {
		int got =
		    epoll_wait(x->epoll, events, EVENTS, EXCHANGE_STILL_MS);

		if (got == -1 && errno != EINTR)
			err(1, "epoll_wait");
		if (got == 0)
			stands_still(pairs, n);
		for (int i = 0; i < got; i++)
			on_event(x, events[i].data.ptr, events[i].events);
	}
	result = x->result;
	fd_close(&x->epoll);
	free(x);
	return result;
}
