#include "control/node_link.h"

#include <errno.h>

#include "control/control.h"

static int
make(struct control *c, struct node *node, const char *url)
{
	struct nnlink_out *out = nnlink_out_new(c->loop, url, NODES_QUEUE_MAX);

	if (out == NULL)
		return -1;
	nnlink_out_free(node->link.out);
	node->link.out = out;
	node->link.made_ms = loop_now_ms(c->loop);
	return 0;
}

/* Without a session it may lead nowhere, whatever nanomsg believes. */
static bool
is_to_stay(struct control *c, const struct node *node)
{
	return node->session != 0 ||
	       loop_now_ms(c->loop) - node->link.made_ms < NODE_LINK_RENEW_MS;
}

static int
reach_near(struct control *c, struct node *node)
{
	char url[IPCPATH_URL_CAP];

	if (node->link.out != NULL && is_to_stay(c, node))
		return 0;
	if (ipcpath_commands(url, sizeof url, c->nodes.dir, node->name) != 0)
		return -1;
	return make(c, node, url);
}

/* A hello, even a node's own, may be an old one said again: it moves nothing
 * that a session stands on. */
static int
reach_far(struct control *c, struct node *node, const struct addr *to)
{
	struct node_link *l = &node->link;
	uint64_t age_ms = loop_now_ms(c->loop) - l->made_ms;
	bool same = addr_equal(to, &l->to);
	char url[NNLINK_URL_CAP];

	if (l->out != NULL && same && is_to_stay(c, node))
		return 0;
	if (l->out != NULL && !same &&
	    (node->session != 0 || age_ms < NODE_LINK_MOVE_MS)) {
		errno = EBUSY;
		return -1;
	}
	if (make(c, node, nnlink_tcp_url(to, url)) != 0)
		return -1;
	l->to = *to;
	return 0;
}

int
node_link_reach(
    struct control *c, struct node *node, const struct ipc_node_hello *hello)
{
	return c->seals.on ? reach_far(c, node, &hello->commands)
			   : reach_near(c, node);
}

void
node_link_close(struct node *node)
{
	nnlink_out_free(node->link.out);
	node->link.out = NULL;
}
