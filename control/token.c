#include "control/token.h"

#include "common/secret.h"
#include "control/call.h"
#include "control/control.h"

int
tokens_init(struct tokens *ts)
{
	return table_init(&ts->issued, TOKEN_LEN, TOKENS_MAX);
}

void
tokens_fini(struct tokens *ts)
{
	table_fini(&ts->issued);
}

static int
draw(struct control *c, struct token *token)
{
	/* A signature has 3 bytes or more, so even a second draw is rare. */
	enum { DRAWS = 32 };

	for (int i = 0; i < DRAWS; i++) {
		if (secret_random(token->bytes, sizeof token->bytes) != 0)
			return -1;
		if (frontends_claim(&c->frontends, token->call->frontend,
			token->bytes, sizeof token->bytes) == NULL)
			return 0;
		c->counters.counts[COUNT_TOKENS_REDRAWN]++;
	}
	return -1;
}

int
token_issue(struct control *c, struct token *token)
{
	if (draw(c, token) != 0)
		return -1;
	return table_put(&c->tokens.issued, token->bytes, token);
}

struct token *
token_present(
    struct control *c, const struct frontend *f, const uint8_t bytes[TOKEN_LEN])
{
	const struct token *token = table_find(&c->tokens.issued, bytes);

	if (token == NULL || token->call->frontend != f)
		return NULL;
	return table_remove(&c->tokens.issued, bytes);
}

void
token_revoke(struct control *c, struct token *token)
{
	if (table_find(&c->tokens.issued, token->bytes) == token)
		(void)table_remove(&c->tokens.issued, token->bytes);
	secret_wipe(token->bytes, sizeof token->bytes);
}
