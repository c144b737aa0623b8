/* Whose turn it is is announced to the client, if it is there; else the calls
 * wait for it. */
#include "control/arrival.h"
#include "control/call.h"
#include "control/call_private.h"
#include "control/control.h"

/* One for each who has not come yet. */
static int
issue_tokens(struct control *c, struct call *call)
{
	for (int side = 0; side < CALL_SIDES; side++) {
		struct call_party *party = &call->parties[side];

		if (party->arrival == NULL &&
		    token_issue(c, &party->token) != 0)
			return -1;
	}
	return 0;
}

/* Returns 0; -1: the client's stream has ended, the client may be gone. */
static int
tell(struct call *call)
{
	if (call->frontend->announce(call) != 0)
		return -1;
	call->control->counters.counts[COUNT_NOTICES]++;
	return 0;
}

/* Returns as tell does. */
static int
announce(struct control *c, struct call *call)
{
	if (issue_tokens(c, call) != 0) {
		call_finish(c, call, CALL_END_RESOURCES);
		return 0;
	}
	quota_announce(&call->client->quota, call);
	call_enter(c, call, CALL_PENDING);
	return tell(call);
}

void
calls_announce(struct control *c, struct client *client)
{
	uint64_t wait_ms = 0;
	struct call *call;

	while (client->stream != NULL &&
	       (call = quota_next(&client->quota, &c->config,
		    loop_now_ms(c->loop), &wait_ms)) != NULL)
		if (announce(c, call) != 0)
			return;
	/* Without memory for that the next call's end does it. */
	if (wait_ms > 0)
		(void)loop_arm(c->loop, &client->turn, wait_ms);
}

void
calls_on_turn(struct deadline *d, void *arg)
{
	struct client *client = arg;

	(void)d;
	calls_announce(client->control, client);
}

/* Not at once: whoever gave the place may stand in the middle of a list that
 * an announcement, which can end a stream and all its calls, would change. */
void
calls_resume(struct control *c, struct client *client)
{
	if (client->quota.callers.n_waiting > 0)
		(void)loop_arm(c->loop, &client->turn, 0);
}

/* Of the time that every call has. */
static uint64_t
left_ms(const struct control *c, const struct call *call)
{
	uint64_t age_ms = loop_now_ms(c->loop) - call->since_ms;
	uint64_t ttl_ms = c->config.connection_timeout_ms;

	return age_ms < ttl_ms ? ttl_ms - age_ms : 0;
}

/* From now on it is a call like any other, with what is left of its time. */
static void
no_longer_early(struct control *c, struct call *call)
{
	if (!call->is_early)
		return;
	call->is_early = false;
	early_give(&c->early, &call->source);
	/* Its place in the heap is there: this can't fail. */
	(void)loop_arm(c->loop, &call->deadline, left_ms(c, call));
}

void
calls_client_came(struct control *c, struct client *client)
{
	for (struct call *call = TAILQ_FIRST(&client->calls); call != NULL;
	     call = TAILQ_NEXT(call, link)) {
		no_longer_early(c, call);
		if (call->tell_again && call->state == CALL_PENDING &&
		    tell(call) != 0)
			return;
		call->tell_again = false;
	}
	calls_resume(c, client);
}

/* Returns 0; -1: too many are early. */
static int
make_early(struct control *c, struct call *call)
{
	uint64_t until_back_ms = early_left_ms(c);
	uint64_t in_ms = left_ms(c, call);

	if (call->is_early)
		return 0;
	if (early_take(&c->early, &call->source) != 0)
		return -1;
	call->is_early = true;
	/* Its place in the heap is there: this can't fail. */
	(void)loop_arm(c->loop, &call->deadline,
	    in_ms < until_back_ms ? in_ms : until_back_ms);
	return 0;
}

/* Where a token is on its way the client may just be there, so it stays good;
 * but it may also find its node closed. */
static void
await_client(struct control *c, struct call *call)
{
	switch (call->state) {
	case CALL_WAITING:
		if (make_early(c, call) != 0)
			call_finish(c, call, CALL_END_CLIENT_GONE);
		break;
	case CALL_PENDING:
		call->tell_again = call->parties[CALL_CLIENT].arrival == NULL;
		break;
	case CALL_JOINING:
	case CALL_STATES:
		break; /* the client has come */
	}
}

void
calls_await_client(struct control *c, struct client *client)
{
	struct call *next;

	for (struct call *call = TAILQ_FIRST(&client->calls); call != NULL;
	     call = next) {
		next = TAILQ_NEXT(call, link);
		await_client(c, call);
	}
}
