/* The two of a call come: the first is held, with the second they are a pair. */
#include <string.h>

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

/* Both are there, and can't be joined; a is the one that has just come. */
static void
fail(struct control *c, struct call *call, struct arrival *a,
    enum refusal refusal, enum call_end why)
{
	refuse(c, a, refusal);
	call_end(c, call, why);
}

/* A peer that never asked has shown no digest. */
static void
limit_rates(struct ipc_limits *limits, const struct config *config,
    const struct call *call)
{
	static const uint8_t NOBODY[DIGEST_LEN];

	rates_of_pair(limits, config);
	rates_of_client(limits, config, call->client->digest);
	if (memcmp(call->asker_digest, NOBODY, DIGEST_LEN) != 0)
		rates_of_client(limits, config, call->asker_digest);
}

/* Both are at one node; the second has just come to side. */
static void
join_here(struct control *c, struct call *call, enum call_side side,
    const struct arrival_side *second)
{
	struct call_party *first = &call->parties[!side];
	struct arrival *a = second->arrival;
	struct client *client = call->client;
	struct ipc_limits limits = {.idle_ms = c->config.pair_idle_ms};
	struct arrival_side sides[CALL_SIDES];
	struct pair *pair =
	    pair_new_call(c, a->node, call->frontend->number, client);

	if (pair == NULL) {
		fail(c, call, a, REFUSAL_RESOURCES, CALL_END_RESOURCES);
		return;
	}
	sides[side] = *second;
	sides[!side] = (struct arrival_side){
	    .arrival = first->arrival, .skip = first->skip};
	pair->caller = quota_pair(&client->quota, call);
	limit_rates(&limits, &c->config, call);
	call_free(c, call, CALL_END_PAIRED);
	arrival_pair(c, sides, pair->tag, &limits);
	calls_resume(c, client);
}

/* To all others the call stays pending until the ticket comes, or its time is
 * over: the node of the first knows only the time that it was given then. */
static void
join_there(struct control *c, struct call *call, const struct node *there,
    const struct arrival_side *second)
{
	uint64_t age_ms = loop_now_ms(c->loop) - call->since_ms;
	uint64_t ttl_ms = c->config.connection_timeout_ms;

	ttl_ms = age_ms < ttl_ms ? ttl_ms - age_ms : 0;
	if (hop_begin(c, call, there, second, ttl_ms) != 0) {
		fail(c, call, second->arrival, REFUSAL_RESOURCES,
		    CALL_END_RESOURCES);
		return;
	}
	call_enter(c, call, CALL_JOINING);
	/* Its place in the heap is there: this can't fail. */
	(void)loop_arm(c->loop, &call->deadline,
	    ttl_ms < HOP_TICKET_MS ? ttl_ms : HOP_TICKET_MS);
}

/* The first is there; a is the second. */
static void
join(struct control *c, struct call *call, enum call_side side,
    struct arrival *a, uint16_t skip)
{
	const struct node *there = call->parties[!side].arrival->node;
	uint8_t buf[FRONTEND_GREETING_MAX];
	const struct arrival_side second = {a, skip, greeting(call, buf)};

	if (there == a->node)
		join_here(c, call, side, &second);
	else if (hop_is_possible(a->node, there))
		join_there(c, call, there, &second);
	else
		fail(c, call, a, REFUSAL_OTHER_NODE, CALL_END_OTHER_NODE);
}

/* It was greeted where it came in. */
void
call_joined(
    struct control *c, struct call *call, struct arrival *a, uint16_t skip)
{
	enum call_side side =
	    call->parties[CALL_PEER].arrival == NULL ? CALL_PEER : CALL_CLIENT;
	const struct arrival_side second = {.arrival = a, .skip = skip};

	if (call->parties[!side].arrival->node == a->node)
		join_here(c, call, side, &second);
	else
		fail(c, call, a, REFUSAL_OTHER_NODE, CALL_END_OTHER_NODE);
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
