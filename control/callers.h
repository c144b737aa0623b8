/*
 * callers - who calls one client: of each source network the calls that are
 * pending, those that wait for their turn, and the pairs they became.
 *
 * First come, first served within a source; the sources take turns, and one
 * that is at its share is passed over, so that nobody waits behind a source
 * that never follows up. And some of a client's places are always the others':
 * a source that says nothing once it is paired can't fill them all.
 */
#ifndef CONTROL_CALLERS_H
#define CONTROL_CALLERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/table.h"
#include "control/config.h"
#include "proto/addr.h"

/* Times max_relays_per_client: how many calls of all sources may wait. */
enum { CALLERS_WAITING_FACTOR = 4 };

struct call;
TAILQ_HEAD(call_queue, call);

/* One source network; there while a call or a pair of it is. */
struct caller {
	TAILQ_ENTRY(caller) turn; /* if has_turn */
	bool has_turn;		  /* a call waits, and it is below its share */
	struct addr source;
	uint32_t n_pending;
	uint32_t n_waiting;
	uint32_t n_paired;
	struct call_queue waiting; /* oldest first; borrowed */
};
TAILQ_HEAD(caller_queue, caller);

struct callers {
	struct table by_source; /* struct addr → struct caller, owned */
	struct caller_queue turns;
	uint32_t share;	 /* pending calls of one source at most */
	uint32_t places; /* the same, and its pairs, at most */
	uint32_t n_pending;
	uint32_t n_waiting;
};

/* callers_share - pending calls that one source may have at a client: a
 * quarter of max_relays_per_client, at least 1. */
uint32_t callers_share(const struct config *config);

/* callers_places - pending calls and pairs that one source may have at a
 * client: all but an eighth of max_relays_per_client. */
uint32_t callers_places(const struct config *config);

/* callers_init - nobody calls. Returns 0; -1 with errno. */
int callers_init(struct callers *cs, const struct config *config);

/* callers_fini - after all calls are over. */
void callers_fini(struct callers *cs);

/* callers_n_waiting - calls of source (addr_source) that wait. */
uint32_t callers_n_waiting(const struct callers *cs, const struct addr *source);

/* callers_wait - call, whose source is set, waits from now on; its caller is
 * set. Returns 0; -1 with errno ENOMEM. */
int callers_wait(struct callers *cs, struct call *call);

/* callers_next - the waiting call whose turn it is, borrowed; NULL: none
 * waits, or only of sources at their share. */
struct call *callers_next(const struct callers *cs);

/* callers_announce - call no longer waits, it is pending; its source's next
 * turn comes after the others'. */
void callers_announce(struct callers *cs, struct call *call);

/* callers_pair - call, a pending one, has become a pair. Returns whose, borrowed
 * until callers_give_pair. */
struct caller *callers_pair(struct callers *cs, struct call *call);

/* callers_give_pair - that pair is over. */
void callers_give_pair(struct callers *cs, struct caller *caller);

/* callers_leave - call, waiting or pending, is none any more. */
void callers_leave(struct callers *cs, struct call *call);

#endif
