#include "tests/unit/dataplane/failing.h"

#include <errno.h>
#include <event2/event.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "tests/unit/dataplane/fixture.h"

struct failing failing;

static bool
fails(enum call call)
{
	if (!failing.armed || fixture.in_send || call != failing.call ||
	    ++failing.n_calls != failing.at)
		return false;
	errno = failing.error;
	return true;
}

int __real_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);
ssize_t __real_splice(int from, off64_t *from_off, int to, off64_t *to_off,
    size_t len, unsigned flags);
ssize_t __wrap_splice(int from, off64_t *from_off, int to, off64_t *to_off,
    size_t len, unsigned flags);
int __real_pipe2(int fds[2], int flags);
int __wrap_pipe2(int fds[2], int flags);
ssize_t __real_recv(int fd, void *p, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t len, int flags);
ssize_t __real_send(int fd, const void *p, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *p, size_t len, int flags);
void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__real_calloc(size_t n, size_t len);
void *__wrap_calloc(size_t n, size_t len);
void *__real_reallocarray(void *p, size_t n, size_t len);
void *__wrap_reallocarray(void *p, size_t n, size_t len);
struct event *__real_event_new(struct event_base *base, evutil_socket_t fd,
    short what, event_callback_fn fn, void *arg);
struct event *__wrap_event_new(struct event_base *base, evutil_socket_t fd,
    short what, event_callback_fn fn, void *arg);
int __real_event_add(struct event *e, const struct timeval *timeout);
int __wrap_event_add(struct event *e, const struct timeval *timeout);

int
__wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
	return fails(CALL_ACCEPT4) ? -1 : __real_accept4(fd, sa, len, flags);
}

ssize_t
__wrap_splice(int from, off64_t *from_off, int to, off64_t *to_off, size_t len,
    unsigned flags)
{
	if (fails(CALL_SPLICE))
		return -1;
	return __real_splice(from, from_off, to, to_off, len, flags);
}

int
__wrap_pipe2(int fds[2], int flags)
{
	return fails(CALL_PIPE2) ? -1 : __real_pipe2(fds, flags);
}

ssize_t
__wrap_recv(int fd, void *p, size_t len, int flags)
{
	return fails(CALL_RECV) ? -1 : __real_recv(fd, p, len, flags);
}

ssize_t
__wrap_send(int fd, const void *p, size_t len, int flags)
{
	return fails(CALL_SEND) ? -1 : __real_send(fd, p, len, flags);
}

void *
__wrap_malloc(size_t len)
{
	return fails(CALL_MALLOC) ? NULL : __real_malloc(len);
}

void *
__wrap_calloc(size_t n, size_t len)
{
	return fails(CALL_CALLOC) ? NULL : __real_calloc(n, len);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t len)
{
	return fails(CALL_REALLOCARRAY) ? NULL : __real_reallocarray(p, n, len);
}

struct event *
__wrap_event_new(struct event_base *base, evutil_socket_t fd, short what,
    event_callback_fn fn, void *arg)
{
	return fails(CALL_EVENT_NEW)
		   ? NULL
		   : __real_event_new(base, fd, what, fn, arg);
}

int
__wrap_event_add(struct event *e, const struct timeval *timeout)
{
	return fails(CALL_EVENT_ADD) ? -1 : __real_event_add(e, timeout);
}
