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

/* Whom a stream is charged to, and for what. */
struct budget_payer {
	struct addr source; /* addr_source */
	uint64_t node;	    /* its id; the node may be forgotten before */
	bool has_stream;
	bool has_handshake;
};

struct budget {
	struct tally streams;	      /* of a source */
	struct tally streams_node;    /* of a node */
	struct tally handshakes;      /* of a source */
	struct tally handshakes_node; /* of a node */
	uint32_t n_streams;	      /* in all */
	uint32_t n_handshakes;
};

/* budget_init - nothing is taken. Returns 0; -1 with errno. */
int budget_init(struct budget *b, const struct config *config);
void budget_fini(struct budget *b);

/*
 * budget_take_stream, budget_take_handshake - room for one more.
 *
 * n_nodes  that let clients in: where there are several, one has at most half
 *          of all, so that none can take them from the others.
 * Returns  REFUSAL_NONE; the limit that was hit, and nothing is taken.
 */
enum refusal budget_take_stream(struct budget *b, const struct config *config,
    struct budget_payer *payer, size_t n_nodes);
enum refusal budget_take_handshake(struct budget *b,
    const struct config *config, struct budget_payer *payer, size_t n_nodes);

/* budget_give_stream, budget_give_handshake - it is free again, if payer had
 * it. */
void budget_give_stream(struct budget *b, struct budget_payer *payer);
void budget_give_handshake(struct budget *b, struct budget_payer *payer);

#endif
