#include "control/call.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "control/arrival.h"
#include "control/call_private.h"
#include "control/control.h"

static enum call_end
why_expired(const struct call *call)
{
	if (call->is_early)
		return CALL_END_NO_CLIENT;
	switch (call->state) {
	case CALL_WAITING:
		return CALL_END_NO_TURN;
	case CALL_JOINING:
		return CALL_END_NOT_JOINED;
	case CALL_PENDING:
	case CALL_STATES:
		break;
	}
	return CALL_END_EXPIRED;
}

static void
on_deadline(struct deadline *d, void *arg)
{
	struct call *call = arg;

	(void)d;
	call_end(call->control, call, why_expired(call));
}

void
call_on_gone(struct control *c, struct arrival *a, enum arrival_end why)
{
	struct call *call = a->owner;

	for (int side = 0; side < CALL_SIDES; side++)
		if (call->parties[side].arrival == a)
			call->parties[side].arrival = NULL;
	switch (why) {
	case ARRIVAL_GONE:
		call_end(c, call, CALL_END_PEER_GONE);
		break;
	case ARRIVAL_EXPIRED:
		call_end(c, call, why_expired(call));
		break;
	case ARRIVAL_NODE_LOST:
		call_end(c, call, CALL_END_NODE_LOST);
		break;
	}
}

static uint64_t
ttl_ms(const struct control *c, const struct call *call)
{
	uint64_t ttl_ms = c->config.connection_timeout_ms;
	uint64_t left_ms = early_left_ms(c);

	return call->is_early && left_ms < ttl_ms ? left_ms : ttl_ms;
}

/* Who calls, from wherever that is known. */
struct origin {
	const struct frontend *frontend;
	const struct addr *remote;
	const struct addr *source;
};

static struct call *
call_new(struct control *c, struct client *client, const struct origin *from)
{
	struct call *call = calloc(1, sizeof *call);

	if (call == NULL)
		return NULL;
	call->control = c;
	call->state = CALL_WAITING;
	call->client = client;
	call->frontend = from->frontend;
	call->remote = *from->remote;
	call->source = *from->source;
	for (int side = 0; side < CALL_SIDES; side++) {
		call->parties[side].token.call = call;
		call->parties[side].token.side = (enum call_side)side;
	}
	call->is_early = client->stream == NULL;
	call->since_ms = loop_now_ms(c->loop);
	deadline_init(&call->deadline, on_deadline, call);
	if (loop_arm(c->loop, &call->deadline, ttl_ms(c, call)) != 0)
		goto fail;
	if (callers_wait(&client->quota.callers, call) != 0)
		goto fail_deadline;
	TAILQ_INSERT_TAIL(&client->calls, call, link);
	c->calls.n[CALL_WAITING]++;
	return call;
fail_deadline:
	loop_disarm(c->loop, &call->deadline);
fail:
	free(call);
	return NULL;
}

static struct log_text
log_client(const struct call *call)
{
	return call->frontend->log_client(call->client->digest,
	    call->client->is_known ? DIGEST_LEN : PAIR_PREFIX_LEN);
}

void
call_free(struct control *c, struct call *call, enum call_end why)
{
	c->counters.calls_ended[why]++;
	c->calls.n[call->state]--;
	log_info("call-ended", "client=%s source=%s in=%s reason=%s ms=%llu",
	    log_client(call).s, log_addr(&call->remote).s,
	    call_state_name(call->state), call_end_name(why),
	    (unsigned long long)(loop_now_ms(c->loop) - call->since_ms));
	loop_disarm(c->loop, &call->deadline);
	if (call->is_early)
		early_give(&c->early, &call->source);
	for (int side = 0; side < CALL_SIDES; side++)
		token_revoke(c, &call->parties[side].token);
	hop_forget(c, call);
	TAILQ_REMOVE(&call->client->calls, call, link);
	free(call);
}

void
call_enter(struct control *c, struct call *call, enum call_state state)
{
	c->calls.n[call->state]--;
	call->state = state;
	c->calls.n[state]++;
}

struct stream *
call_unask(struct call *call)
{
	struct stream *asker = call->asker;

	call->asker = NULL;
	if (asker != NULL)
		asker->asked = NULL;
	return asker;
}

void
call_finish(struct control *c, struct call *call, enum call_end why)
{
	struct stream *asker = call_unask(call);
	struct arrival *held = call->parties[CALL_PEER].arrival;

	if (held == NULL)
		held = call->parties[CALL_CLIENT].arrival;
	callers_leave(&call->client->quota.callers, call);
	call_free(c, call, why);
	if (held != NULL)
		arrival_drop(c, held, IPC_DROP_ORDERLY);
	if (asker != NULL)
		asker->frontend->turned_away(asker);
}

/* The call that it is from now on; NULL, and why not. */
static struct call *
admit(struct control *c, struct client *client, const struct origin *from,
    enum refusal *why)
{
	bool is_early = client->stream == NULL;
	struct call *call;

	*why = quota_refuses(&client->quota, &c->config, from->source);
	if (*why != REFUSAL_NONE)
		return NULL;
	*why = REFUSAL_NOBODY;
	if (is_early && early_take(&c->early, from->source) != 0)
		return NULL;
	*why = REFUSAL_RESOURCES;
	call = call_new(c, client, from);
	if (call == NULL && is_early)
		early_give(&c->early, from->source);
	if (call == NULL)
		return NULL;
	c->counters.counts[COUNT_CALLS]++;
	*why = REFUSAL_NONE;
	return call;
}

void
call_begin(struct control *c, struct client *client, struct arrival *peer,
    uint16_t skip)
{
	const struct origin from = {
	    .frontend = peer->frontend,
	    .remote = &peer->remote,
	    .source = &peer->source,
	};
	enum refusal why;
	struct call *call = admit(c, client, &from, &why);

	if (call == NULL) {
		refuse(c, peer, why);
		client_settle(c, client);
		return;
	}
	call_hold(c, call, CALL_PEER, peer, skip);
	/* Last, for a client that can't be told ends, and its calls with it. */
	calls_announce(c, client);
}

enum refusal
call_ask(struct control *c, struct client *client, struct stream *asker)
{
	const struct origin from = {
	    .frontend = asker->frontend,
	    .remote = &asker->remote,
	    .source = &asker->payer.source,
	};
	enum refusal why;
	struct call *call = admit(c, client, &from, &why);

	if (call == NULL) {
		client_settle(c, client);
		return why;
	}
	call->asker = asker;
	memcpy(call->asker_digest, asker->digest, DIGEST_LEN);
	asker->asked = call;
	calls_announce(c, client);
	return REFUSAL_NONE;
}

void
call_end(struct control *c, struct call *call, enum call_end why)
{
	struct client *client = call->client;

	call_finish(c, call, why);
	calls_resume(c, client);
	client_settle(c, client);
}

void
calls_end_all(struct control *c, struct client *client, enum call_end why)
{
	while (!TAILQ_EMPTY(&client->calls)) {
		/* The list has let go of the one before. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		call_finish(c, TAILQ_FIRST(&client->calls), why);
	}
}

const char *
call_state_name(enum call_state state)
{
	switch (state) {
	case CALL_WAITING:
		return "waiting";
	case CALL_PENDING:
		return "pending";
	case CALL_JOINING:
		return "joining";
	case CALL_STATES:
		break;
	}
	return "unknown";
}
