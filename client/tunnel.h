/*
 * tunnel - two streams joined: what one says the other hears, both ways, each
 * way ending on its own. Bounded buffers: a side that does not read stops the
 * side that writes.
 */
#ifndef CLIENT_TUNNEL_H
#define CLIENT_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/stream.h"
#include "common/loop.h"

#define TUNNEL_BUFFER_CAP 32768	  /* bytes each way; two TLS records */
#define TUNNEL_TURN_MAX	  1048576 /* bytes each way before others' turn */
#define TUNNEL_FLUSH_MS	  10000	  /* ms for what is left after a fault */
/* ms of silence once a side has ended: keepalive shows that the machine of the
 * other side lives, never that its program has still anything to say, and a
 * forgotten half would stay for ever. Requests that are answered after an hour
 * without a byte are rarer than programs that forget a connection. */
#define TUNNEL_HALF_MS 3600000

struct tunnel_result {
	bool finished;		/* both ways ended in an orderly way */
	unsigned leg;		/* else: 0 or 1, whose fault it was */
	enum stream_answer how; /* STREAM_CUT, STREAM_ALERT, STREAM_FAILED */
	char why[STREAM_WHY_CAP];
	uint64_t n_bytes[2]; /* that came from each leg */
};

/* tunnel_fn - how it ended. Its streams are closed, and it is gone when this
 * is called. */
typedef void tunnel_fn(void *arg, const struct tunnel_result *result);

struct tunnel;

/*
 * tunnel_start - join legs[0] and legs[1]; fn is called once, in a later turn
 * of the loop.
 *
 * An end of reading is passed on, after all bytes before it, by
 * stream_finish. A fault of one leg (a reset, TLS that was cut short) is
 * passed on by stream_abort of the other, after what is left to be said, for
 * which there is TUNNEL_FLUSH_MS. While no side has ended there is no limit on
 * silence; then one of TUNNEL_HALF_MS, whose end is STREAM_FAILED.
 *
 * legs     two; taken over, also on failure.
 * Returns  NULL with errno ENOMEM.
 */
struct tunnel *tunnel_start(
    struct loop *loop, const struct stream legs[2], tunnel_fn *fn, void *arg);

/* tunnel_cancel - abort both legs; fn is not called. NULL is fine. */
void tunnel_cancel(struct tunnel *t);

#endif
