#include "control/call.h"

#include <stdlib.h>

#include "common/log.h"
#include "control/arrival.h"
#include "control/control.h"

static void
on_deadline(struct deadline *d, void *arg)
{
	struct call *call = arg;

	(void)d;
	call_end(call->control, call, CALL_END_EXPIRED);
}

static void
on_gone(struct control *c, struct arrival *a, enum arrival_end why)
{
	struct call *call = a->owner;

	call->arrival = NULL;
	call_end(c, call,
	    why == ARRIVAL_GONE ? CALL_END_PEER_GONE : CALL_END_NODE_LOST);
}

static void
list_insert(struct call *call)
{
	struct call **head = &call->client->calls;

	call->next = *head;
	if (call->next != NULL)
		call->next->prev = call;
	*head = call;
}

static void
list_remove(struct call *call)
{
	if (call->next != NULL)
		call->next->prev = call->prev;
	if (call->prev != NULL)
		call->prev->next = call->next;
	else
		call->client->calls = call->next;
}

static struct call *
call_new(struct control *c, struct client *client, struct arrival *peer)
{
	struct call *call = calloc(1, sizeof *call);

	if (call == NULL)
		return NULL;
	call->control = c;
	call->client = client;
	call->arrival = peer;
	call->remote = peer->remote;
	call->source = peer->source;
	call->since_ms = loop_now_ms(c->loop);
	deadline_init(&call->deadline, on_deadline, call);
	if (token_issue(c, call, peer->frontend) != 0) {
		free(call);
		return NULL;
	}
	if (loop_arm(c->loop, &call->deadline,
		c->config.connection_timeout_ms) != 0) {
		token_revoke(c, call);
		free(call);
		return NULL;
	}
	list_insert(call);
	return call;
}

/* What became of it is the log's business; everything it took is given. */
static void
call_free(struct control *c, struct call *call, enum call_end why)
{
	c->counters.calls_ended[why]++;
	log_info("call-ended", "client=%s source=%s reason=%s ms=%llu",
	    log_digest(call->client->digest).s, log_addr(&call->remote).s,
	    call_end_name(why),
	    (unsigned long long)(loop_now_ms(c->loop) - call->since_ms));
	loop_disarm(c->loop, &call->deadline);
	token_revoke(c, call);
	list_remove(call);
	free(call);
}

void
call_begin(struct control *c, struct client *client, struct arrival *peer,
    uint16_t skip)
{
	struct quota *quota = &client->quota;
	enum refusal why =
	    quota_take(quota, &c->config, &peer->source, loop_now_ms(c->loop));
	struct call *call;

	if (why != REFUSAL_NONE) {
		refuse(c, peer, why);
		return;
	}
	call = call_new(c, client, peer);
	if (call == NULL) {
		quota_give(quota, &peer->source);
		refuse(c, peer, REFUSAL_RESOURCES);
		return;
	}
	c->counters.counts[COUNT_CALLS]++;
	arrival_hold(
	    c, peer, c->config.connection_timeout_ms, skip, call, on_gone);
	/* Last, for a client that can't be told ends, and its calls with it. */
	stream_notify(client->stream, call->token, sizeof call->token);
}

void
call_join(struct control *c, struct call *call, struct arrival *arrival,
    uint16_t skip)
{
	static const struct arrival_keepalive NODES_DEFAULT;
	struct client *client = call->client;
	struct arrival *peer = call->arrival;
	struct pair *pair;

	if (peer->node != arrival->node) {
		refuse(c, arrival, REFUSAL_OTHER_NODE);
		call_end(c, call, CALL_END_OTHER_NODE);
		return;
	}
	pair = pair_new_call(c, peer->node, arrival->frontend->number, client);
	if (pair == NULL) {
		refuse(c, arrival, REFUSAL_RESOURCES);
		call_end(c, call, CALL_END_RESOURCES);
		return;
	}
	quota_pair(&client->quota, &call->source);
	call_free(c, call, CALL_END_PAIRED);
	arrival_pair(c, peer, 0, arrival, skip, pair->tag, NODES_DEFAULT);
}

void
call_end(struct control *c, struct call *call, enum call_end why)
{
	struct client *client = call->client;
	struct arrival *peer = call->arrival;

	quota_give(&client->quota, &call->source);
	call_free(c, call, why);
	if (peer != NULL)
		arrival_drop(c, peer, IPC_DROP_ORDERLY);
	client_settle(c, client);
}
