/*
 * budget - how many control streams there may be, and handshakes before them:
 * what a stranger can cost before anybody knows who he is.
 */
#ifndef CONTROL_BUDGET_H
#define CONTROL_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/tally.h"
#include "control/config.h"
#include "control/counters.h"
#include "proto/addr.h"

/* Whom a stream is charged to. */
struct budget_payer {
	struct addr source; /* addr_source */
	uint64_t node;	    /* its id; the node may be forgotten before */
};

struct budget {
	struct tally streams;	 /* of a source, handshakes included */
	struct tally handshakes; /* of a source */
	struct tally nodes;	 /* handshakes of a node */
	uint32_t n_streams;	 /* in all, handshakes included */
	uint32_t n_handshakes;
};

/* budget_init - nothing is taken. Returns 0; -1 with errno. */
int budget_init(struct budget *b, const struct config *config);
void budget_fini(struct budget *b);

/*
 * budget_take - room for one more handshake, and for the stream it may become.
 *
 * n_nodes  in session: where there are several, none can take all handshakes
 *          from the others.
 * Returns  REFUSAL_NONE; the limit that was hit, and nothing is taken.
 */
enum refusal budget_take(struct budget *b, const struct config *config,
    const struct budget_payer *payer, size_t n_nodes);

/* budget_handshake_done - a handshake that was taken has become a stream. */
void budget_handshake_done(struct budget *b, const struct budget_payer *payer);

/* budget_give - what budget_handshake_done left, or (in_handshake) all that
 * budget_take took, is free again. */
void budget_give(
    struct budget *b, const struct budget_payer *payer, bool in_handshake);

#endif
