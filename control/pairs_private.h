/*
 * pairs_private - what the parts of pairs share: pairs.c, one pair from
 * CONN_PAIR to its end; pairs_list.c, all of a node.
 */
#ifndef CONTROL_PAIRS_PRIVATE_H
#define CONTROL_PAIRS_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/log.h"
#include "control/pairs.h"

/* Which level a record is of: log_info and its like. */
typedef void pair_log_fn(const char *event, const char *fmt, ...) LOG_PRINTF;

/* pair_add - from now on node has a pair with this tag, charged to nobody yet.
 * Returns it; NULL: no memory, or too many. */
struct pair *
pair_add(struct control *c, struct node *node, const uint8_t tag[IPC_TAG_LEN]);

/* pair_free - it is over: whoever paid for it does so no longer. */
void pair_free(struct control *c, struct pair *p);

/* pair_set_unknown - whether it is among those that pairs_lose tells of. */
void pair_set_unknown(struct control *c, struct pair *p, bool is_unknown);

/* pair_log_unheard - the record of an end of which no node has told, so that
 * nobody knows how much it moved. */
void pair_log_unheard(
    pair_log_fn *log, struct control *c, const struct pair *p, const char *why);

#endif
