/*
 * mailbox - pairs on their way from one thread to another: a queue under a
 * mutex, and an eventfd that wakes the receiver's loop.
 */
#ifndef DATAPLANE_MAILBOX_H
#define DATAPLANE_MAILBOX_H

#include <event2/event.h>
#include <pthread.h>

#include "common/loop.h"
#include "dataplane/pair.h"

/* One pair; it belongs to the receiver from now on. */
typedef void mailbox_fn(void *arg, struct pair *p);
/* After what was in the box, and after a bare knock. */
typedef void mailbox_emptied_fn(void *arg);

struct mailbox {
	pthread_mutex_t lock;
	struct pair_queue queue; /* under lock */
	int fd;
	struct event *event;
	mailbox_fn *fn;
	mailbox_emptied_fn *emptied;
	void *arg;
};

/*
 * mailbox_init - a box whose mail is taken out in loop.
 *
 * emptied  may be NULL.
 * Returns  0; -1 with errno.
 */
int mailbox_init(struct mailbox *m, struct loop *loop, mailbox_fn *fn,
    mailbox_emptied_fn *emptied, void *arg);

/* mailbox_fini - frees pairs that nobody took out. A zeroed box is fine. */
void mailbox_fini(struct mailbox *m);

/* mailbox_put - pass p on. From any thread; p is not to be touched after. */
void mailbox_put(struct mailbox *m, struct pair *p);

/* mailbox_knock - have emptied called. From any thread. */
void mailbox_knock(struct mailbox *m);

#endif
