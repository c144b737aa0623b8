#include "client/watch.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "common/fd.h"

/* libevent writes a warning of its own when epoll refuses a descriptor, so
 * epoll is asked first, for the kinds of file where it may refuse. */
static bool
can_poll(int fd)
{
	struct epoll_event ev = {.events = 0};
	struct stat st;
	bool refused;
	int ep;

	if (fstat(fd, &st) == 0 &&
	    (S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode)))
		return true;
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep == -1)
		return true;
	refused = epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == -1 && errno == EPERM;
	fd_close(&ep);
	return !refused;
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)fd;
	(void)what;
	w->fn(w->arg);
}

static void
on_again(struct deadline *d, void *arg)
{
	struct watch *w = arg;

	(void)d;
	w->fn(w->arg);
}

void
watch_init(struct watch *w, struct loop *loop, int fd, loop_fn *fn, void *arg)
{
	memset(w, 0, sizeof *w);
	w->loop = loop;
	w->fd = fd;
	w->polls = can_poll(fd);
	w->fn = fn;
	w->arg = arg;
	(void)event_assign(
	    &w->ev, loop_base(loop), fd, EV_READ | EV_PERSIST, on_event, w);
	deadline_init(&w->again, on_again, w);
}

void
watch_init_none(struct watch *w)
{
	memset(w, 0, sizeof *w);
	w->fd = -1;
}

static short
events_of(unsigned interest)
{
	short what = EV_PERSIST;

	if (interest & WATCH_RESET)
		return EV_PERSIST | EV_READ | EV_CLOSED | EV_ET;
	if (interest & WATCH_READ)
		what |= EV_READ;
	if (interest & WATCH_WRITE)
		what |= EV_WRITE;
	return what;
}

static int
arm(struct watch *w, unsigned interest)
{
	(void)event_del(&w->ev);
	if (interest == 0)
		return 0;
	(void)event_assign(&w->ev, loop_base(w->loop), w->fd,
	    events_of(interest), on_event, w);
	return event_add(&w->ev, NULL);
}

int
watch_set(struct watch *w, unsigned interest)
{
	if (interest & (WATCH_READ | WATCH_WRITE))
		interest &= ~(unsigned)WATCH_RESET;
	if (interest == w->interest || !w->polls)
		return 0;
	w->interest = interest;
	return arm(w, interest);
}

int
watch_again(struct watch *w)
{
	return loop_arm(w->loop, &w->again, 0);
}

void
watch_fini(struct watch *w)
{
	if (w->fd == -1)
		return;
	(void)event_del(&w->ev);
	loop_disarm(w->loop, &w->again);
	w->fd = -1;
}
