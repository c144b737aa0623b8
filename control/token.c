#include "control/token.h"

#include "common/secret.h"
#include "control/call.h"
#include "control/control.h"

int
tokens_init(struct tokens *ts)
{
	return table_init(&ts->calls, TOKEN_LEN, TOKENS_MAX);
}

void
tokens_fini(struct tokens *ts)
{
	table_fini(&ts->calls);
}

static int
draw(struct control *c, struct call *call, const struct frontend *mine)
{
	/* A signature has 3 bytes or more, so even a second draw is rare. */
	enum { DRAWS = 32 };

	for (int i = 0; i < DRAWS; i++) {
		if (secret_random(call->token, sizeof call->token) != 0)
			return -1;
		if (frontends_claim(&c->frontends, mine, call->token,
			sizeof call->token) == NULL)
			return 0;
		c->counters.counts[COUNT_TOKENS_REDRAWN]++;
	}
	return -1;
}

int
token_issue(struct control *c, struct call *call, const struct frontend *mine)
{
	if (draw(c, call, mine) != 0)
		return -1;
	return table_put(&c->tokens.calls, call->token, call);
}

struct call *
token_present(struct control *c, const uint8_t token[TOKEN_LEN])
{
	return table_remove(&c->tokens.calls, token);
}

void
token_revoke(struct control *c, struct call *call)
{
	if (table_find(&c->tokens.calls, call->token) == call)
		(void)table_remove(&c->tokens.calls, call->token);
	secret_wipe(call->token, sizeof call->token);
}
