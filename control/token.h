/*
 * token - 32 random bytes that stand for one side of a pending call: whoever
 * says them on a new connection is joined to the other, once.
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

enum call_side {
	CALL_PEER,   /* who wants the client */
	CALL_CLIENT, /* who is wanted, and charged */
	CALL_SIDES
};

struct token {
	uint8_t bytes[TOKEN_LEN];
	struct call *call; /* borrowed */
	enum call_side side;
};

struct tokens {
	struct table issued; /* its bytes → struct token; the hash is keyed */
};

/* tokens_init - none. Returns 0; -1 with errno. */
int tokens_init(struct tokens *ts);
void tokens_fini(struct tokens *ts);

/*
 * token_issue - draw token's bytes and remember it.
 *
 * token    borrowed until token_present or token_revoke; its call and side
 *          are set. It is drawn again as long as a frontend other than the
 *          call's would claim a connection that begins so.
 * Returns  0; -1: no memory, no randomness, or too many.
 */
int token_issue(struct control *c, struct token *token);

/* token_present - somebody says these bytes to this frontend: whatever comes of
 * it, they are good for nothing from now on. Returns the token, borrowed; NULL:
 * there is none of this frontend's calls. */
struct token *token_present(struct control *c, const struct frontend *f,
    const uint8_t bytes[TOKEN_LEN]);

/* token_revoke - of no use any more; no matter if it was issued or presented.
 */
void token_revoke(struct control *c, struct token *token);

#endif
