/*
 * hop - a call whose two came in at two nodes: that of the second is told to
 * join the first's (proto/IPC.md 6.1), and its connection there is known by a
 * ticket. What the two said stays where they said it.
 *
 * The pair at the second's node is the hop's, of a kind of its own: nobody is
 * charged for it, and what it moves is counted at the first's node alone.
 */
#ifndef CONTROL_HOP_H
#define CONTROL_HOP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/table.h"
#include "proto/ipc.h"

#define HOP_CONNECT_MS 5000 /* for the one node to reach the other */
#define HOP_TICKET_MS  (HOP_CONNECT_MS + 5000) /* a ticket is good so long */

struct arrival_side;
struct call;
struct control;
struct node;

struct hops {
	struct table calls; /* ticket → struct call; its hash is keyed */
};

/* hops_init - none. Returns 0; -1 with errno. */
int hops_init(struct hops *hs);
void hops_fini(struct hops *hs);

/* hop_is_possible - whether from has siblings, and to can be one. */
bool hop_is_possible(const struct node *from, const struct node *to);

/*
 * hop_begin - have the node of the second join the first's.
 *
 * call     hop_forget is due at its end.
 * there    the node of the first, who is held.
 * second   who has just come, at another node; freed if this succeeds.
 * ttl_ms   how long the call has still.
 * Returns  0; -1: no memory, no randomness, or too many pairs.
 */
int hop_begin(struct control *c, struct call *call, const struct node *there,
    const struct arrival_side *second, uint64_t ttl_ms);

/* hop_present - somebody says this ticket: it is good for nothing from now on.
 * Returns the call, borrowed; NULL. */
struct call *
hop_present(struct control *c, const uint8_t ticket[IPC_TICKET_LEN]);

/* hop_forget - call is over; no matter if its ticket was presented, or if it
 * had one at all. */
void hop_forget(struct control *c, struct call *call);

#endif
