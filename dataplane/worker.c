#include "dataplane/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"
#include "dataplane/pump.h"

static void
on_pair(void *arg, struct pair *p)
{
	struct worker *w = arg;

	pump_start(w, p);
}

bool
worker_is_orphan(const struct worker *w, const struct pair *p)
{
	uint64_t control = w->control;

	return control != 0 && p->control != control && !p->is_awaited;
}

static void
end_orphans(struct worker *w)
{
	struct pair *p = LIST_FIRST(&w->pumped), *next;

	for (; p != NULL; p = next) {
		next = LIST_NEXT(p, pumped);
		if (worker_is_orphan(w, p))
			pump_end(p, REASON_CONTROL_LOST);
	}
}

static void
on_inbox_emptied(void *arg)
{
	struct worker *w = arg;
	uint64_t control = w->control;

	if (control != w->swept)
		end_orphans(w);
	w->swept = control;
	if (w->cuts != REASON_NONE)
		while (!LIST_EMPTY(&w->pumped))
			pump_cut(LIST_FIRST(&w->pumped));
	if (w->quits)
		loop_stop(w->loop);
}

/* All but the loop. */
static void
init(struct worker *w, size_t n_pipes, size_t pipe_len)
{
	memset(w, 0, sizeof *w);
	LIST_INIT(&w->pumped);
	(void)pthread_mutex_init(&w->closing, NULL); /* can't fail on Linux */
	pipes_init(&w->pipes, n_pipes, pipe_len);
	w->copy_buf = malloc(WORKER_COPY_CAP);
}

static int
finish_init(struct worker *w)
{
	int saved;

	if (w->copy_buf != NULL && w->loop != NULL &&
	    mailbox_init(&w->inbox, w->loop, on_pair, on_inbox_emptied, w) == 0)
		return 0;
	saved = errno;
	worker_fini(w);
	errno = saved;
	return -1;
}

int
worker_init(
    struct worker *w, struct mailbox *outbox, size_t n_pipes, size_t pipe_len)
{
	init(w, n_pipes, pipe_len);
	w->outbox = outbox;
	w->loop = loop_new();
	return finish_init(w);
}

/* The length of a pipe is that of a step, where there is none, too. */
int
worker_init_main(struct worker *w, const struct worker_home *home)
{
	init(w, 0, WORKER_YOUNG_LEN);
	w->home = *home;
	w->loop = home->loop;
	return finish_init(w);
}

static void *
run(void *arg)
{
	struct worker *w = arg;

	if (loop_run(w->loop) == -1) {
		/* Its pairs would stand still for ever, and nobody told. */
		log_error("worker-failed", "error=\"%s\"", strerror(errno));
		abort();
	}
	return NULL;
}

int
worker_start(struct worker *w)
{
	sigset_t all, before;
	int error;

	if (w->outbox == NULL)
		return 0; /* its loop is run already */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before); /* valid sets */
	error = pthread_create(&w->thread, NULL, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		errno = error;
		return -1;
	}
	w->started = true;
	return 0;
}

void
worker_take(struct worker *w, struct pair *p)
{
	w->n_pairs++;
	p->worker = w;
	if (w->outbox == NULL)
		pump_start(w, p);
	else
		mailbox_put(&w->inbox, p);
}

void
worker_return(struct worker *w, struct pair *p)
{
	if (w->outbox == NULL)
		w->home.over(w->home.arg, p);
	else
		mailbox_put(w->outbox, p);
}

bool
worker_is_outgrown(const struct worker *w, const struct pair *p)
{
	return w->outbox == NULL &&
	       p->legs[0].bytes + p->legs[1].bytes >= WORKER_YOUNG_LEN;
}

uint32_t
worker_heard_ms(struct worker *w, const struct pair *p, int i)
{
	uint32_t ms = IPC_HEARD_UNKNOWN_MS;

	(void)pthread_mutex_lock(&w->closing); /* a valid mutex */
	if (p->ends[i].fd != -1 && fd_heard_ms(p->ends[i].fd, &ms) != 0)
		ms = IPC_HEARD_UNKNOWN_MS;
	(void)pthread_mutex_unlock(&w->closing);
	return ms;
}

void
worker_close_ends(struct worker *w, struct pair *p)
{
	(void)pthread_mutex_lock(&w->closing); /* a valid mutex */
	for (int i = 0; i < 2; i++)
		fd_close(&p->ends[i].fd);
	(void)pthread_mutex_unlock(&w->closing);
}

void
worker_end_pairs(struct worker *w, enum reason why)
{
	w->cuts = (int)why;
	mailbox_knock(&w->inbox);
}

void
worker_end_orphans(struct worker *w, uint64_t control)
{
	w->control = control;
	mailbox_knock(&w->inbox);
}

void
worker_fini(struct worker *w)
{
	if (w->started) {
		w->quits = true;
		mailbox_knock(&w->inbox);
		(void)pthread_join(w->thread, NULL); /* it is ours */
		w->started = false;
	}
	while (!LIST_EMPTY(&w->pumped))
		pair_free(pump_abandon(LIST_FIRST(&w->pumped)));
	mailbox_fini(&w->inbox);
	if (w->outbox != NULL)
		loop_free(w->loop);
	pipes_fini(&w->pipes);
	free(w->copy_buf);
	(void)pthread_mutex_destroy(&w->closing);
	memset(w, 0, sizeof *w);
}
