/*
 * pairs - the main thread's list of what its workers pump: the tags that
 * PAIR_LIST names, and the end of each pair.
 */
#ifndef DATAPLANE_PAIRS_H
#define DATAPLANE_PAIRS_H

#include <stdint.h>

#include "dataplane/command.h"
#include "dataplane/mailbox.h"
#include "dataplane/pair.h"

struct pairs {
	struct pair_list list;
	uint32_t n;
	uint32_t n_awaited;  /* of these, by a drain */
	struct mailbox over; /* the threads' outbox */
};

/* pairs_init - Returns 0; -1 with errno. */
int pairs_init(struct node *n);

/* pairs_fini - frees the box; the list must be empty, or its pairs freed by
 * the workers' end. */
void pairs_fini(struct node *n);

/* pairs_n - how many there are to control: those to a sibling that is not
 * reached yet are among them. */
uint32_t pairs_n(const struct node *n);

/* pairs_add - list p and pump it, in the main thread first (*takes*). */
void pairs_add(struct node *n, struct pair *p);

/* pairs_over, pairs_outgrown - what the main thread's worker does with a pair
 * that has ended, and with one for the least loaded thread. arg: the node. */
mailbox_fn pairs_over, pairs_outgrown;

/* on_pair_ask, on_pair_list_ask - proto/IPC.md, 5.4. */
command_fn on_pair_ask;
command_fn on_pair_list_ask;

#endif
