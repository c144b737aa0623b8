#include "control/hop.h"

#include <string.h>

#include "common/secret.h"
#include "control/arrival.h"
#include "control/control.h"
#include "control/rates.h"

int
hops_init(struct hops *hs)
{
	return table_init(&hs->calls, IPC_TICKET_LEN, TOKENS_MAX);
}

void
hops_fini(struct hops *hs)
{
	table_fini(&hs->calls);
}

bool
hop_is_possible(const struct node *from, const struct node *to)
{
	return (from->features & IPC_FEATURE_SIBLINGS) != 0 &&
	       to->accept.port != 0;
}

static uint32_t
connect_ms(uint64_t ttl_ms)
{
	if (ttl_ms > HOP_CONNECT_MS)
		return HOP_CONNECT_MS;
	return ttl_ms > IPC_TTL_MIN_MS ? (uint32_t)ttl_ms : IPC_TTL_MIN_MS;
}

int
hop_begin(struct control *c, struct call *call, const struct node *there,
    const struct arrival_side *second, uint64_t ttl_ms)
{
	struct ipc_conn_join m = {
	    .ttl_ms = connect_ms(ttl_ms), .addr = there->accept};

	if (secret_random(call->ticket, sizeof call->ticket) != 0 ||
	    table_put(&c->hops.calls, call->ticket, call) != 0)
		return -1;
	rates_of_pair(&m.limits, &c->config); /* its client's are there */
	call->hop = pair_new_hop(c, second->arrival->node, call);
	if (call->hop == NULL)
		return -1;
	memcpy(m.ticket, call->ticket, sizeof m.ticket);
	memcpy(m.tag, call->hop->tag, sizeof m.tag);
	arrival_join(c, second, &m);
	secret_wipe(&m, sizeof m);
	return 0;
}

struct call *
hop_present(struct control *c, const uint8_t ticket[IPC_TICKET_LEN])
{
	return table_remove(&c->hops.calls, ticket);
}

void
hop_forget(struct control *c, struct call *call)
{
	if (table_find(&c->hops.calls, call->ticket) == call)
		(void)table_remove(&c->hops.calls, call->ticket);
	secret_wipe(call->ticket, sizeof call->ticket);
	if (call->hop != NULL)
		call->hop->call = NULL;
	call->hop = NULL;
}
