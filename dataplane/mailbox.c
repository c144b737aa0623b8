#include "dataplane/mailbox.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/fd.h"

static void
take_all(struct mailbox *m, struct pair_queue *all)
{
	STAILQ_INIT(all);
	(void)pthread_mutex_lock(&m->lock); /* a plain mutex can't fail */
	STAILQ_CONCAT(all, &m->queue);
	(void)pthread_mutex_unlock(&m->lock);
}

static void
on_knock(evutil_socket_t fd, short what, void *arg)
{
	struct mailbox *m = arg;
	struct pair_queue all;
	uint64_t n_knocks;

	(void)what;
	/* Quiet first, then look: a knock in between wakes once more. */
	(void)!read(fd, &n_knocks, sizeof n_knocks);
	take_all(m, &all);
	while (!STAILQ_EMPTY(&all)) {
		struct pair *p = STAILQ_FIRST(&all);

		STAILQ_REMOVE_HEAD(&all, mail);
		m->fn(m->arg, p);
	}
	if (m->emptied != NULL)
		m->emptied(m->arg);
}

int
mailbox_init(struct mailbox *m, struct loop *loop, mailbox_fn *fn,
    mailbox_emptied_fn *emptied, void *arg)
{
	(void)pthread_mutex_init(&m->lock, NULL); /* can't fail on Linux */
	STAILQ_INIT(&m->queue);
	m->fn = fn;
	m->emptied = emptied;
	m->arg = arg;
	m->event = NULL;
	m->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (m->fd != -1)
		m->event = event_new(
		    loop_base(loop), m->fd, EV_READ | EV_PERSIST, on_knock, m);
	if (m->event != NULL && event_add(m->event, NULL) == 0)
		return 0;
	if (m->fd != -1)
		errno = ENOMEM;
	mailbox_fini(m);
	return -1;
}

void
mailbox_fini(struct mailbox *m)
{
	struct pair_queue all;

	if (m->fn == NULL)
		return;
	take_all(m, &all);
	while (!STAILQ_EMPTY(&all)) {
		struct pair *p = STAILQ_FIRST(&all);

		STAILQ_REMOVE_HEAD(&all, mail);
		pair_free(p);
	}
	if (m->event != NULL)
		event_free(m->event);
	fd_close(&m->fd);
	(void)pthread_mutex_destroy(&m->lock);
	m->fn = NULL;
}

void
mailbox_put(struct mailbox *m, struct pair *p)
{
	(void)pthread_mutex_lock(&m->lock);
	STAILQ_INSERT_TAIL(&m->queue, p, mail);
	(void)pthread_mutex_unlock(&m->lock);
	mailbox_knock(m);
}

void
mailbox_knock(struct mailbox *m)
{
	const uint64_t one = 1;

	/* It fails at 2^64 - 2 unread knocks alone, and then it is readable. */
	(void)!write(m->fd, &one, sizeof one);
}
