#include "control/linger.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "control/control.h"

struct lingering {
	struct control *control;
	struct lingering *next;
	int fd;
	size_t n_dropped;
	struct event *event;
	struct deadline deadline;
};

static void
linger_free(struct lingering *l)
{
	struct control *c = l->control;
	struct lingering **p = &c->lingers.first;

	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	c->lingers.n--;
	loop_disarm(c->loop, &l->deadline);
	event_free(l->event);
	fd_close(&l->fd);
	free(l);
}

static void
on_deadline(struct deadline *d, void *arg)
{
	(void)d;
	linger_free(arg);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lingering *l = arg;
	char dropped[4096];
	ssize_t n = recv(fd, dropped, sizeof dropped, 0);

	(void)what;
	if (n > 0)
		l->n_dropped += (size_t)n;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
	    l->n_dropped >= LINGER_BYTES_MAX)
		linger_free(l);
}

static int
begin(struct control *c, struct lingering *l)
{
	l->event = event_new(
	    loop_base(c->loop), l->fd, EV_READ | EV_PERSIST, on_readable, l);
	if (l->event == NULL)
		return -1;
	if (event_add(l->event, NULL) != 0 ||
	    loop_arm(c->loop, &l->deadline, LINGER_MS) != 0) {
		event_free(l->event);
		return -1;
	}
	return 0;
}

void
linger_take(struct control *c, int fd)
{
	struct lingering *l;

	if (fd < 0)
		return;
	if (shutdown(fd, SHUT_WR) != 0 || c->lingers.n >= LINGERS_MAX ||
	    (l = calloc(1, sizeof *l)) == NULL) {
		fd_close(&fd);
		return;
	}
	l->control = c;
	l->fd = fd;
	deadline_init(&l->deadline, on_deadline, l);
	if (begin(c, l) != 0) {
		fd_close(&fd);
		free(l);
		return;
	}
	l->next = c->lingers.first;
	c->lingers.first = l;
	c->lingers.n++;
}

void
lingers_fini(struct control *c)
{
	while (c->lingers.first != NULL) {
		/* The list has let go of the one before. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		linger_free(c->lingers.first);
	}
}
