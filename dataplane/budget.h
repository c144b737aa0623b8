/*
 * budget - for how many connections control may owe a verdict, in all and per
 * source, and who waits for a place.
 *
 * Each source has a queue of its own, and those that have somebody waiting and
 * room for him take turns. So the next is found without a search, however many
 * wait of a source that is at its limit, and a source that waits with
 * thousands delays another's one by a single ask.
 *
 * A source that is exempt from the limits of one (admission.h) has those of
 * all.
 *
 * What comes in on an accept socket is outside all of it, so that no public
 * stranger crowds control's own connections out. Over TCP siblings come there
 * too, and whoever else reaches it: they have a number of their own
 * (max_accept_connections) and none of these.
 */
#ifndef DATAPLANE_BUDGET_H
#define DATAPLANE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/table.h"
#include "dataplane/pending.h"

#define BUDGET_PARKED_MAX	 4096 /* connections that wait, in all */
#define BUDGET_PARKED_SOURCE_MAX (BUDGET_PARKED_MAX / 4) /* of one source */

/* A source network that has connections to ask about. */
struct budget_source {
	struct addr addr;
	uint32_t n_users; /* connections that hold this */
	uint32_t n_asked; /* without a verdict */
	uint32_t max_asked;
	uint32_t n_parked;
	uint32_t max_parked;
	struct pending_queue parked; /* the oldest first */
	bool in_turn;
	TAILQ_ENTRY(budget_source) turn;
};

struct budget {
	struct table sources;	    /* by address; owned */
	struct budget_source local; /* control's own connections */
	TAILQ_HEAD(, budget_source) turns;
	uint32_t n_asked; /* without the local ones, as is n_parked */
	uint32_t n_parked;
	uint32_t max_asked;
	uint32_t max_asked_per_source;
};

/* budget_init - max_sources bounds the table. Returns 0; -1 with errno. */
int budget_init(struct budget *b, uint32_t max_asked,
    uint32_t max_asked_per_source, size_t max_sources);
void budget_fini(struct budget *b);

/* budget_join - p will be asked about or parked. Does nothing the second time.
 * Returns 0; -1 with errno ENOMEM. */
int budget_join(struct budget *b, struct pending *p);

/* budget_leave - the end of p; it is neither asked about nor parked now. */
void budget_leave(struct budget *b, struct pending *p);

/* budget_has_room - whether p can be asked about at once: within both limits,
 * and before nobody who waits. */
bool budget_has_room(const struct budget *b, const struct pending *p);

/* budget_may_park - whether one more of p's source may wait. */
bool budget_may_park(const struct budget *b, const struct pending *p);

/* budget_is_source_full - whether p waits because as many as may be are asked
 * about of its source, and not because of all others. */
bool budget_is_source_full(const struct budget *b, const struct pending *p);

/* budget_next - who is to be asked about next; NULL: nobody can be now. */
struct pending *budget_next(const struct budget *b);

/* budget_park, budget_unpark, budget_ask, budget_answer - p, which has joined,
 * enters or leaves PARKED or ASKED: pending_enter's alone. No limit is looked
 * at. */
void budget_park(struct budget *b, struct pending *p);
void budget_unpark(struct budget *b, struct pending *p);
void budget_ask(struct budget *b, struct pending *p);
void budget_answer(struct budget *b, struct pending *p);

#endif
