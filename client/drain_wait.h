/*
 * drain_wait - what control's status says, time and again, of a node that was
 * told to drain: how far it is, that it has ended, or that it will not be
 * waited for any longer.
 *
 * A service manager may start the next process of the same name at once, so
 * status numbers a node's processes, and says of the newest one that took its
 * leave which it was.
 */
#ifndef CLIENT_DRAIN_WAIT_H
#define CLIENT_DRAIN_WAIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define DRAIN_WAIT_POLL_MS 500
/* Beyond its time: a node may take 5 s to cut and to say goodbye. */
#define DRAIN_WAIT_GRACE_MS 10000
/* s; of a control that began later not every node is known yet. */
#define DRAIN_WAIT_SETTLED_S 10
/* Between two lines of progress: if there is news, or none. */
#define DRAIN_WAIT_NEWS_MS  1000
#define DRAIN_WAIT_QUIET_MS 10000

enum drain_answer {
	DRAIN_GOES_ON,
	DRAIN_ENDED,  /* it said goodbye; n_cut is set */
	DRAIN_LOST,   /* it is gone without that */
	DRAIN_OVERDUE /* its time is over, and it is still there */
};

/* Of a node, as it was last seen. */
struct drain_seen {
	bool is_heard; /* false: control hears nothing of it */
	bool drains;
	json_int_t pairs;
	json_int_t pending;
	json_int_t left_s;
};

struct drain_wait {
	const char *node;  /* borrowed */
	json_int_t start;  /* which process of that name; 0 = not known */
	json_int_t n_cut;  /* pairs */
	uint64_t until_ms; /* OVERDUE */
	struct drain_seen seen;
	struct drain_seen told; /* by the newest line of progress */
	uint64_t told_ms;	/* 0 = none so far */
};

/*
 * drain_wait_begin - before the node is told.
 *
 * node       borrowed as long as w is used.
 * status     control's; borrowed for the call.
 * timeout_s  what it is about to be told; 0 = its own, which status says.
 */
void drain_wait_begin(struct drain_wait *w, const char *node,
    const json_t *status, uint32_t timeout_s, uint64_t now_ms);

/* drain_wait_look - how it is by a newer status. */
enum drain_answer
drain_wait_look(struct drain_wait *w, const json_t *status, uint64_t now_ms);

/* drain_wait_tell - a line of progress, if one is due. */
void drain_wait_tell(struct drain_wait *w, uint64_t now_ms, FILE *f);

#endif
