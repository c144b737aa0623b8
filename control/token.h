/*
 * token - 32 random bytes that stand for one pending call: whoever says them
 * on a new connection is joined to it, once.
 */
#ifndef CONTROL_TOKEN_H
#define CONTROL_TOKEN_H

#include <stdint.h>

#include "common/table.h"

struct call;
struct control;
struct frontend;

#define TOKEN_LEN  32	      /* bytes */
#define TOKENS_MAX (1u << 20) /* pending calls of all clients */

struct tokens {
	struct table calls; /* token → struct call; its hash is keyed */
};

/* tokens_init - none. Returns 0; -1 with errno. */
int tokens_init(struct tokens *ts);
void tokens_fini(struct tokens *ts);

/*
 * token_issue - draw call->token and remember it.
 *
 * mine     the frontend whose clients will say it: it is drawn again as long
 *          as another frontend would claim a connection that begins so.
 * Returns  0; -1: no memory, no randomness, or too many.
 */
int
token_issue(struct control *c, struct call *call, const struct frontend *mine);

/* token_present - somebody says these bytes: whatever comes of it, they are
 * good for nothing from now on. Returns the call, borrowed; NULL. */
struct call *token_present(struct control *c, const uint8_t token[TOKEN_LEN]);

/* token_revoke - its call is over; no matter if it was presented. */
void token_revoke(struct control *c, struct call *call);

#endif
