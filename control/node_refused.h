/*
 * node_refused - who is no splice node, or not now: in the log, with what to do
 * about it, but not too often.
 *
 * Over tcp:// anybody can say any name, and as often as he likes. So each
 * reason has places of its own, which the names share by a keyed hash: constant
 * memory and a bounded log, and one name said a thousand times hides neither
 * another, but by chance, nor what a node of that name is refused for that has
 * its key.
 */
#ifndef CONTROL_NODE_REFUSED_H
#define CONTROL_NODE_REFUSED_H

#include <stdint.h>

#include "control/counters.h"

struct control;

enum { NODE_REFUSED_PLACES = 16 };    /* of one reason */
enum { NODE_REFUSED_LOG_MS = 10000 }; /* from a record of one to its next */

struct node_refused_place {
	uint64_t logged_ms;
	uint64_t times; /* since then; 0 and logged_ms 0: never */
};

struct nodes_refused {
	uint64_t hash_key[2];
	struct node_refused_place places[EVENT_DROP_COUNT][NODE_REFUSED_PLACES];
};

/* nodes_refused_init - nobody has been. Returns 0; -1 with errno. */
int nodes_refused_init(struct nodes_refused *r);

/*
 * node_refused - somebody of this name was not let in.
 *
 * what     a sentence: what is wrong, and what to do.
 * Does     a log record, unless its place had one not long ago; it is not
 *          counted here.
 * Returns  why.
 */
enum event_drop node_refused(
    struct control *c, const char *name, enum event_drop why, const char *what);

#endif
