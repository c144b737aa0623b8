#include "client/resolve.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>

#include "client/watch.h"
#include "common/fd.h"
#include "common/lookup.h"

/* What the thread and the loop share. The thread can't be stopped, so the
 * last of the two to leave frees it. */
struct job {
	STAILQ_ENTRY(job) next; /* in line */
	atomic_int n_users;
	atomic_bool done; /* what stands below is true from now on */
	int done_fd;	  /* an eventfd; wakes the loop */
	char host[ADDR_HOST_CAP];
	uint16_t port;
	const char *why; /* static; NULL: it was found */
	size_t n;
	struct addr addrs[RESOLVE_MAX];
};

struct resolve {
	struct loop *loop;
	struct job *job;
	struct watch watch;
	struct deadline deadline;
	resolve_fn *fn;
	void *arg;
};

/* The process's threads, and what waits for one; under lock. */
static struct {
	pthread_mutex_t lock;
	unsigned n_threads;
	STAILQ_HEAD(, job) line;
} pool = {PTHREAD_MUTEX_INITIALIZER, 0, STAILQ_HEAD_INITIALIZER(pool.line)};

static void
job_leave(struct job *job)
{
	if (atomic_fetch_sub(&job->n_users, 1) != 1)
		return;
	fd_close(&job->done_fd);
	free(job);
}

static void
look_up(struct job *job)
{
	(void)lookup_host(job->host, job->port, job->addrs, RESOLVE_MAX,
	    &job->n, &job->why); /* why says it */
	atomic_store(&job->done, true);
	/* fails only when the counter is full, and it is 0 */
	(void)eventfd_write(job->done_fd, 1);
}

/* NULL: the line is empty, and the thread is to end. */
static struct job *
next_in_line(void)
{
	struct job *job;

	(void)pthread_mutex_lock(&pool.lock);
	job = STAILQ_FIRST(&pool.line);
	if (job != NULL)
		STAILQ_REMOVE_HEAD(&pool.line, next);
	else
		pool.n_threads--;
	(void)pthread_mutex_unlock(&pool.lock);
	return job;
}

static void *
work(void *arg)
{
	for (struct job *job = arg; job != NULL; job = next_in_line()) {
		if (atomic_load(&job->n_users) == 2) /* still asked for */
			look_up(job);
		job_leave(job);
	}
	return NULL;
}

void
resolve_cancel(struct resolve *r)
{
	if (r == NULL)
		return;
	watch_fini(&r->watch);
	loop_disarm(r->loop, &r->deadline);
	job_leave(r->job);
	free(r);
}

static void
end(struct resolve *r, size_t n, const char *why)
{
	struct addr addrs[RESOLVE_MAX];
	resolve_fn *fn = r->fn;
	void *arg = r->arg;

	memcpy(addrs, r->job->addrs, n * sizeof *addrs);
	resolve_cancel(r);
	fn(arg, addrs, n, why);
}

static void
on_done(void *arg)
{
	struct resolve *r = arg;

	if (!atomic_load(&r->job->done))
		return;
	end(r, r->job->n,
	    r->job->why != NULL ? r->job->why : "it has no IP address");
}

static void
on_timeout(struct deadline *d, void *arg)
{
	(void)d;
	end(arg, 0, "no name server answered in time");
}

static struct job *
job_new(const char *host, uint16_t port)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL)
		return NULL;
	job->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (job->done_fd == -1) {
		free(job);
		return NULL;
	}
	(void)snprintf(job->host, sizeof job->host, "%s", host);
	job->port = port;
	job->n_users = 1;
	return job;
}

/* Under the pool's lock. Returns 0 or what errno is to be. */
static int
start_thread(struct job *job)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, work, job);

	if (error != 0)
		return error;
	pool.n_threads++;
	/* a thread that was just made can be detached */
	(void)pthread_detach(thread);
	return 0;
}

static int
find_thread(struct job *job)
{
	int error = 0;

	job->n_users = 2;
	(void)pthread_mutex_lock(&pool.lock);
	if (pool.n_threads < RESOLVE_THREADS_MAX)
		error = start_thread(job);
	else
		STAILQ_INSERT_TAIL(&pool.line, job, next);
	(void)pthread_mutex_unlock(&pool.lock);
	if (error == 0)
		return 0;
	job->n_users = 1;
	errno = error;
	return -1;
}

static int
start_job(struct job *job)
{
	if (lookup_literal(job->host, job->port, &job->addrs[0]) == -1)
		return find_thread(job);
	job->n = 1;
	atomic_store(&job->done, true);
	return eventfd_write(job->done_fd, 1);
}

struct resolve *
resolve_start(struct loop *loop, const char *host, uint16_t port,
    resolve_fn *fn, void *arg)
{
	struct resolve *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->job = job_new(host, port);
	if (r->job == NULL) {
		free(r);
		return NULL;
	}
	r->loop = loop;
	r->fn = fn;
	r->arg = arg;
	deadline_init(&r->deadline, on_timeout, r);
	watch_init(&r->watch, loop, r->job->done_fd, on_done, r);
	if (loop_arm(loop, &r->deadline, RESOLVE_MS) == -1 ||
	    watch_set(&r->watch, WATCH_READ) == -1 || start_job(r->job) == -1) {
		resolve_cancel(r);
		return NULL;
	}
	return r;
}
