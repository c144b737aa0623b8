#include "control/syncthing_place.h"

#include "control/arrival.h"
#include "control/call.h"
#include "control/control.h"

static bool
is_reachable(const struct addr *a, const struct addr *from)
{
	if (addr_is_v4(a) != addr_is_v4(from) || a->port == 0)
		return false;
	if (addr_is_loopback(a))
		return addr_is_loopback(from);
	return !addr_is_unspecified(a) && !addr_is_link_local(a) &&
	       !addr_is_private(a);
}

const struct node *
syncthing_place_node(const struct call *call, const struct stream *asker)
{
	const struct arrival *peer = call->parties[CALL_PEER].arrival;
	const struct node *node = NULL;

	if (peer != NULL)
		node = peer->node;
	else if (asker != NULL && asker->pair != NULL)
		node = asker->pair->node;
	if (node == NULL || node->drains ||
	    call->control->nodes.by_session.n < 2)
		return NULL;
	return node;
}

bool
syncthing_place_at(
    struct addr *at, const struct node *node, const struct stream *s)
{
	if (node == NULL || s->is_proxied)
		return false;
	for (size_t i = 0; i < node->n_listeners; i++) {
		if (!is_reachable(&node->listeners[i], &s->remote))
			continue;
		*at = node->listeners[i];
		return true;
	}
	return false;
}
