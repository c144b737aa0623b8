#include "dataplane/resolver.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/fd.h"
#include "common/lookup.h"

/* What thread and loop share; all of it under the lock but what never
 * changes. A look-up can't be stopped, so the last of the two frees it. */
struct job {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int n_users;
	bool wanted; /* a look-up */
	bool over;   /* the loop's side is gone */
	size_t n;
	struct addr addrs[RESOLVER_MAX];
	const char *why;
	int done_fd; /* an eventfd; wakes the loop */
	char host[ADDR_HOST_CAP];
	uint16_t port;
};

struct resolver {
	struct job *job;
	struct event *done;
	bool asking;
	resolver_fn *fn;
	void *arg;
};

static void
job_free(struct job *job)
{
	fd_close(&job->done_fd);
	/* nobody waits for them any more */
	(void)pthread_cond_destroy(&job->wake);
	(void)pthread_mutex_destroy(&job->lock);
	free(job);
}

static void
job_leave(struct job *job)
{
	int n_left;

	(void)pthread_mutex_lock(&job->lock);
	n_left = --job->n_users;
	(void)pthread_mutex_unlock(&job->lock);
	if (n_left == 0)
		job_free(job);
}

/* Whether there is something to look up; false: the loop is gone. */
static bool
await_work(struct job *job)
{
	bool over;

	(void)pthread_mutex_lock(&job->lock);
	while (!job->wanted && !job->over)
		(void)pthread_cond_wait(&job->wake, &job->lock);
	job->wanted = false;
	over = job->over;
	(void)pthread_mutex_unlock(&job->lock);
	return !over;
}

static void
look_up(struct job *job)
{
	struct addr addrs[RESOLVER_MAX];
	const char *why = "it has no IP address";
	size_t n;

	(void)lookup_host(
	    job->host, job->port, addrs, RESOLVER_MAX, &n, &why); /* why */
	(void)pthread_mutex_lock(&job->lock);
	memcpy(job->addrs, addrs, n * sizeof *addrs);
	job->n = n;
	job->why = why;
	(void)pthread_mutex_unlock(&job->lock);
	/* fails only when the counter is full, and it is 0 or 1 */
	(void)eventfd_write(job->done_fd, 1);
}

static void *
work(void *arg)
{
	struct job *job = arg;

	while (await_work(job))
		look_up(job);
	job_leave(job);
	return NULL;
}

static void
on_done(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *r = arg;
	struct addr addrs[RESOLVER_MAX];
	eventfd_t count;
	const char *why;
	size_t n;

	(void)what;
	(void)eventfd_read(fd, &count); /* that it woke us is all it says */
	(void)pthread_mutex_lock(&r->job->lock);
	n = r->job->n;
	memcpy(addrs, r->job->addrs, n * sizeof *addrs);
	why = r->job->why;
	(void)pthread_mutex_unlock(&r->job->lock);
	r->asking = false;
	r->fn(r->arg, addrs, n, why);
}

static struct job *
job_new(const char *host, uint16_t port)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL)
		return NULL;
	/* With default attributes neither fails in glibc. */
	(void)pthread_mutex_init(&job->lock, NULL);
	(void)pthread_cond_init(&job->wake, NULL);
	job->n_users = 1;
	job->port = port;
	(void)snprintf(job->host, sizeof job->host, "%s", host);
	job->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (job->done_fd != -1)
		return job;
	job_free(job);
	return NULL;
}

static int
start_thread(struct job *job)
{
	pthread_t thread;
	int error;

	job->n_users = 2;
	error = pthread_create(&thread, NULL, work, job);
	if (error != 0) {
		job->n_users = 1;
		errno = error;
		return -1;
	}
	/* a thread that was just made can be detached */
	(void)pthread_detach(thread);
	return 0;
}

static int
watch(struct resolver *r, struct loop *loop)
{
	r->done = event_new(
	    loop_base(loop), r->job->done_fd, EV_READ | EV_PERSIST, on_done, r);
	if (r->done != NULL && event_add(r->done, NULL) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

struct resolver *
resolver_new(struct loop *loop, const char *host, uint16_t port,
    resolver_fn *fn, void *arg)
{
	struct resolver *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->fn = fn;
	r->arg = arg;
	r->job = job_new(host, port);
	if (r->job == NULL) {
		free(r);
		return NULL;
	}
	if (watch(r, loop) == -1 || start_thread(r->job) == -1) {
		int saved = errno;

		resolver_free(r);
		errno = saved;
		return NULL;
	}
	return r;
}

void
resolver_free(struct resolver *r)
{
	if (r == NULL)
		return;
	if (r->done != NULL)
		event_free(r->done);
	(void)pthread_mutex_lock(&r->job->lock);
	r->job->over = true;
	(void)pthread_cond_signal(&r->job->wake);
	(void)pthread_mutex_unlock(&r->job->lock);
	job_leave(r->job);
	free(r);
}

void
resolver_ask(struct resolver *r)
{
	if (r->asking)
		return;
	r->asking = true;
	(void)pthread_mutex_lock(&r->job->lock);
	r->job->wanted = true;
	(void)pthread_cond_signal(&r->job->wake);
	(void)pthread_mutex_unlock(&r->job->lock);
}
