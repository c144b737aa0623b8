/*
 * pair - two sockets joined: two ends, and two mirrored legs between them.
 *
 * A pair is made by the main thread (join.c), pumped by one worker at a time
 * (pump.c), the main thread's first, and comes back to the main thread when it
 * is over (pairs.c). It belongs to one thread at a time: what passes it on
 * (mailbox.h) is the only lock. The fields under "main thread" are that
 * thread's all the time.
 */
#ifndef DATAPLANE_PAIR_H
#define DATAPLANE_PAIR_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/deadline.h"
#include "dataplane/admission.h"
#include "dataplane/share.h"
#include "proto/ipc.h"
#include "proto/reason.h"

struct pair;
struct pipe;
struct worker;

/* One socket of a pair. */
struct end {
	struct pair *pair;
	int fd;
	bool is_unix;
	bool dead;	/* an error was seen: nothing can be written to it */
	short interest; /* what event is watched for now; 0 = nothing */
	struct event *event;
	uint64_t conn;		    /* main thread */
	struct admission admission; /* main thread */
};

enum leg_state {
	LEG_READING, /* its pipe is empty; waits for the source's bytes */
	LEG_WRITING, /* bytes are in its pipe, or a copy was not taken; waits
		      * for room in the sink */
	LEG_RATED,   /* its pipe is empty; waits for the pair's turn */
	LEG_DONE     /* nothing more goes this way */
};

/* One direction of a pair, from one end to the other. */
struct leg {
	struct pair *pair;
	struct end *from;
	struct end *to;
	enum leg_state state;
	struct pipe *pipe; /* NULL = none is needed now */
	size_t in_pipe;	   /* bytes */
	uint64_t bytes;	   /* passed on to the sink */
};

struct pair {
	struct end ends[2];
	struct leg legs[2]; /* legs[i] is from ends[i] to the other */
	bool is_awaited;    /* a drain waits for its end */
	uint64_t control;   /* which start of control commanded it */
	struct worker *worker;
	struct share share;   /* what both legs may move */
	struct deadline pace; /* a turn begins, or is kept for too long */
	int first;	      /* the leg that goes first in the next turn */
	enum reason reason;   /* NONE while all is well */
	uint64_t idle_ms;     /* 0 = may idle for ever */
	uint64_t moved_ms;    /* when the last byte moved */
	uint64_t ended_ms;
	struct deadline idle;
	struct deadline linger; /* a broken pair's last respite */
	uint64_t linger_until_ms;
	LIST_ENTRY(pair) pumped; /* worker: what it pumps */
	STAILQ_ENTRY(pair) mail; /* mailbox.h */
	/* main thread */
	uint8_t tag[IPC_TAG_LEN];
	uint64_t started_ms;
	LIST_ENTRY(pair) listed;
};

STAILQ_HEAD(pair_queue, pair);
LIST_HEAD(pair_list, pair);

/*
 * pair_new - a pair over two sockets.
 *
 * fds      taken; non-blocking.
 * is_unix  for each, whether it is a UNIX socket.
 * share    taken; NULL = no limit.
 * Returns  NULL with errno; descriptors and share are the caller's still.
 */
struct pair *pair_new(const int fds[2], const bool is_unix[2],
    const struct share *share, uint64_t idle_ms, uint64_t now_ms);

/* pair_free - closes what is open still; NULL is fine. Main thread. */
void pair_free(struct pair *p);

#endif
