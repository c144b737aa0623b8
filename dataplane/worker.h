/*
 * worker - a thread that pumps pairs: a loop of its own, a pool of pipes, a
 * buffer for copies. Pairs come in through its inbox and leave, over, through
 * the main thread's box.
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

struct worker {
	struct loop *loop;
	struct mailbox inbox;
	struct mailbox *outbox; /* the main thread's */
	struct pair_list pumped;
	pthread_mutex_t closing; /* of pumped's sockets */
	struct pipes pipes;
	uint8_t *copy_buf; /* WORKER_COPY_CAP bytes */
	pthread_t thread;
	bool started;
	atomic_int cuts;		 /* enum reason; NONE: pairs may live */
	_Atomic uint64_t orphans_unless; /* start of control; 0: none to end */
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

/* worker_start - the thread, all signals blocked in it. Returns 0; -1 with
 * errno. */
int worker_start(struct worker *w);

/* worker_take - pump p from now on; it comes back through the outbox. Main
 * thread. */
void worker_take(struct worker *w, struct pair *p);

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
 * for and that another start of control commanded. Main thread; does not wait.
 */
void worker_end_orphans(struct worker *w, uint64_t control);

/* worker_fini - end the thread and wait for it, free all; a zeroed worker is
 * fine. Pairs that were not ended are freed without a report. */
void worker_fini(struct worker *w);

#endif
