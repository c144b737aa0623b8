/* The two of a call come: the first is held, with the second they are a pair. */
#include "control/arrival.h"
#include "control/call.h"
#include "control/call_private.h"
#include "control/control.h"
#include "control/rates.h"

/* What either side is told as it is let in; buf keeps it. */
static struct ipc_bytes
greeting(const struct call *call, uint8_t buf[FRONTEND_GREETING_MAX])
{
	struct ipc_bytes say = {.p = buf};

	if (call->frontend->greet != NULL)
		say.len = call->frontend->greet(buf);
	return say;
}

/* If there is nothing to be said, nothing is consumed before the pair: a node
 * that loses control meanwhile can show the connection to the next one whole.
 */
void
call_hold(struct control *c, struct call *call, enum call_side side,
    struct arrival *a, uint16_t skip)
{
	struct call_party *party = &call->parties[side];
	uint8_t buf[FRONTEND_GREETING_MAX];
	struct arrival_hold how = {
	    .ttl_ms = c->config.connection_timeout_ms,
	    .say = greeting(call, buf),
	    .keeps_fin = call->frontend->keeps_fin,
	};

	party->arrival = a;
	if (how.say.len > 0)
		how.skip = skip;
	else
		party->skip = skip;
	arrival_hold(c, a, &how, call, call_on_gone);
}

/* Both are there; a is the one that has just come. */
static void
join(struct control *c, struct call *call, enum call_side side,
    struct arrival *a, uint16_t skip)
{
	struct call_party *first = &call->parties[!side];
	struct client *client = call->client;
	uint8_t buf[FRONTEND_GREETING_MAX];
	struct ipc_limits limits = {.idle_ms = c->config.pair_idle_ms};
	struct arrival_side sides[CALL_SIDES];
	struct pair *pair;

	if (first->arrival->node != a->node) {
		refuse(c, a, REFUSAL_OTHER_NODE);
		call_end(c, call, CALL_END_OTHER_NODE);
		return;
	}
	pair = pair_new_call(c, a->node, call->frontend->number, client);
	if (pair == NULL) {
		refuse(c, a, REFUSAL_RESOURCES);
		call_end(c, call, CALL_END_RESOURCES);
		return;
	}
	sides[side] = (struct arrival_side){a, skip, greeting(call, buf)};
	sides[!side] = (struct arrival_side){
	    .arrival = first->arrival, .skip = first->skip};
	pair->caller = quota_pair(&client->quota, call);
	rates_of_pair(&limits, &c->config);
	rates_of_client(&limits, &c->config, client->digest);
	call_free(c, call, CALL_END_PAIRED);
	arrival_pair(c, sides, pair->tag, &limits);
	calls_resume(c, client);
}

void
call_come(
    struct control *c, struct token *token, struct arrival *a, uint16_t skip)
{
	struct call *call = token->call;

	if (call->parties[!token->side].arrival == NULL)
		call_hold(c, call, token->side, a, skip);
	else
		join(c, call, token->side, a, skip);
}
