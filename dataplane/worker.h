/*
 * worker - pumps pairs: a loop, a pool of pipes, a buffer for copies.
 *
 * Most are threads with a loop of their own: pairs come in through the inbox
 * and leave, over, through the main thread's box. One is the main thread's: it
 * has every pair while that is young, and copies, since most pairs are short
 * and say little, and to wake two more threads costs more than to move what
 * they say. A pair that outgrows WORKER_YOUNG_LEN is passed on to a thread.
 */
#ifndef DATAPLANE_WORKER_H
#define DATAPLANE_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"
#include "dataplane/mailbox.h"
#include "dataplane/pair.h"
#include "dataplane/pipes.h"

#define WORKER_COPY_CAP (256 * 1024) /* bytes; measured, see the design */
#define WORKERS_MAX	256
#define WORKER_YOUNG_LEN \
	(64 * 1024) /* bytes of both ways: a bulk transfer's
				      * first moment, a control stream's weeks */

/* What the main thread's worker has of that thread. */
struct worker_home {
	struct loop *loop;    /* borrowed */
	mailbox_fn *over;     /* the pair has ended */
	mailbox_fn *outgrown; /* it lives on, and belongs elsewhere now */
	void *arg;
};

struct worker {
	struct loop *loop;
	struct mailbox inbox;
	struct mailbox *outbox;	 /* the main thread's; NULL: home is set */
	struct worker_home home; /* zeros: it is a thread */
	struct pair_list pumped;
	pthread_mutex_t closing; /* of pumped's sockets */
	struct pipes pipes;
	uint8_t *copy_buf; /* WORKER_COPY_CAP bytes */
	pthread_t thread;
	bool started;
	atomic_int cuts;	  /* enum reason; NONE: pairs may live */
	_Atomic uint64_t control; /* its start: others' pairs are orphans; 0:
				   * nobody's are */
	uint64_t swept;		  /* the control they were last looked for */
	atomic_bool quits;
	_Atomic uint64_t bytes_spliced;
	_Atomic uint64_t bytes_copied;
	uint32_t n_pairs; /* main thread: given and not back yet */
};

/*
 * worker_init - everything but the thread.
 *
 * outbox    borrowed; takes what is over.
 * n_pipes   of the pool; 0 = copy everything.
 * pipe_len  bytes of one pipe.
 * Returns   0; -1 with errno (then as after worker_fini).
 */
int worker_init(
    struct worker *w, struct mailbox *outbox, size_t n_pipes, size_t pipe_len);

/* worker_init_main - the main thread's, which has no thread to be started and
 * no pipes. Returns 0; -1 with errno (then as after worker_fini). */
int worker_init_main(struct worker *w, const struct worker_home *home);

/* worker_start - the thread, all signals blocked in it. Returns 0; -1 with
 * errno. */
int worker_start(struct worker *w);

/* worker_take - pump p from now on; it comes back through the outbox, or by
 * home: then it may be gone at once. Main thread. */
void worker_take(struct worker *w, struct pair *p);

/* worker_return - p is over: to whoever is told. Worker. */
void worker_return(struct worker *w, struct pair *p);

/* worker_is_outgrown - whether p should be a thread's by now. Worker. */
bool worker_is_outgrown(const struct worker *w, const struct pair *p);

/* worker_is_orphan - whether p is another start of control's, and no drain
 * waits for it. Worker. */
bool worker_is_orphan(const struct worker *w, const struct pair *p);

/* worker_heard_ms - for how long nothing has come from the TCP at the other end
 * of p's end i, p having been given to w and not come back; acknowledgements
 * count. IPC_HEARD_UNKNOWN_MS: it is a UNIX socket, or closed. Main thread. */
uint32_t worker_heard_ms(struct worker *w, const struct pair *p, int i);

/* worker_close_ends - of a pair that w pumps: the main thread may be looking at
 * them. Worker. */
void worker_close_ends(struct worker *w, struct pair *p);

/* worker_end_pairs - end all pairs and every later one: why, and SHUTDOWN those
 * that no drain waits for. Main thread; does not wait. */
void worker_end_pairs(struct worker *w, enum reason why);

/* worker_end_orphans - end, with CONTROL_LOST, the pairs that no drain waits
 * for and that another start of control commanded, and all such that come
 * later. Main thread; does not wait. */
void worker_end_orphans(struct worker *w, uint64_t control);

/* worker_fini - end the thread and wait for it, free all; a zeroed worker is
 * fine. Pairs that were not ended are freed without a report. */
void worker_fini(struct worker *w);

#endif
