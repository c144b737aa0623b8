#include "control/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ipcpath.h"
#include "common/log.h"
#include "common/secret.h"
#include "control/arrival.h"
#include "control/control.h"
#include "control/node_send.h"
#include "control/node_session.h"

static void
on_tick(struct deadline *d, void *arg)
{
	struct control *c = arg;

	nodes_tick(c);
	(void)loop_arm(c->loop, d, NODES_TICK_MS); /* its place is there */
}

int
nodes_init(struct control *c)
{
	struct nodes *ns = &c->nodes;

	memset(ns, 0, sizeof *ns);
	if (!nnlink_is_tcp(c->config.events_url) &&
	    ipcpath_dir_of(ns->dir, sizeof ns->dir, c->config.events_url) != 0)
		return -1;
	if (nodes_refused_init(&ns->refused) != 0)
		return -1;
	if (table_init(&ns->by_session, sizeof(uint64_t),
		c->config.max_splice_nodes) != 0)
		return -1;
	deadline_init(&ns->tick, on_tick, c);
	return loop_arm(c->loop, &ns->tick, NODES_TICK_MS);
}

static void
node_free(struct control *c, struct node *node)
{
	pairs_forget(c, node);
	table_fini(&node->arrivals);
	node_link_close(node);
	seals_end(node);
	secret_wipe(&node->seal, sizeof node->seal);
	free(node);
}

static void
forget(struct control *c, struct node *node)
{
	struct node **p = &c->nodes.first;

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
	c->nodes.n--;
	log_info("node-forgotten", "node=%s pairs=%u", node->name,
	    (unsigned)node->n_pairs);
	node_free(c, node);
}

void
nodes_fini(struct control *c)
{
	struct nodes *ns = &c->nodes;

	loop_disarm(c->loop, &ns->tick);
	while (ns->first != NULL) {
		struct node *node = ns->first;

		ns->first = node->next;
		node_session_end(c, node, "shutdown");
		node_free(c, node);
	}
	table_fini(&ns->by_session);
}

bool
nodes_are_remote(const struct control *c)
{
	return c->nodes.dir[0] == '\0';
}

struct node *
nodes_named(const struct control *c, const char *name)
{
	struct node *node = c->nodes.first;

	while (node != NULL && strcmp(node->name, name) != 0)
		node = node->next;
	return node;
}

size_t
nodes_n_open(const struct control *c)
{
	size_t n = 0;

	for (const struct node *node = c->nodes.first; node != NULL;
	     node = node->next)
		n += node->session != 0 && !node->drains;
	return n;
}

/* Names that nobody stands behind must not keep a real node out. */
static bool
make_room(struct control *c)
{
	if (c->nodes.n < c->config.max_splice_nodes)
		return true;
	for (struct node *n = c->nodes.first; n != NULL; n = n->next) {
		if (n->session != 0 || n->n_pairs > 0 ||
		    nnlink_out_is_connected(n->link.out))
			continue;
		forget(c, n);
		return true;
	}
	return false;
}

static struct node *
node_new(struct control *c, const struct ipc_node_hello *hello)
{
	struct node *node = calloc(1, sizeof *node);

	if (node == NULL)
		return NULL;
	strcpy(node->name, hello->name); /* ipc_decode checked its length */
	if (table_init(
		&node->arrivals, sizeof(uint64_t), ARRIVALS_PER_NODE_MAX) != 0)
		goto fail;
	if (node_link_reach(c, node, hello) != 0)
		goto fail_arrivals;
	node->id = ++c->nodes.newest_id;
	node->next = c->nodes.first;
	c->nodes.first = node;
	c->nodes.n++;
	return node;
fail_arrivals:
	table_fini(&node->arrivals);
fail:
	free(node);
	return NULL;
}

static void
refuse_node(
    struct control *c, const char *name, enum event_drop why, const char *what)
{
	c->counters.events_dropped[why]++;
	(void)node_refused(c, name, why, what);
}

/* Its next hello may move it: a node that was moved has to wait until the
 * session at its old place is lost. Or two have the same name and key. */
static void
refuse_elsewhere(struct control *c, const struct node *node)
{
	if (node->session != 0)
		refuse_node(c, node->name, EVENT_DROP_NODE_ELSEWHERE,
		    "its name has a session at another address: it is let in "
		    "when that one has been silent for 5 s; or give each "
		    "node a name and a key of its own");
	else
		c->counters.events_dropped[EVENT_DROP_NODE_ELSEWHERE]++;
}

/* errno says why its command socket can't be spoken to. */
static void
refuse_unreached(struct control *c, const char *name)
{
	int error = errno;
	char what[192];

	if (error == ENAMETOOLONG) {
		refuse_node(c, name, EVENT_DROP_NODE_NAME,
		    "the path of its command socket would have more than 107 "
		    "bytes: give it a shorter name, or events_url a shorter "
		    "folder");
		return;
	}
	(void)snprintf(what, sizeof what,
	    "no pipeline to its commands can be made (%s): its next hello is "
	    "the next try; should descriptors be lacking, raise control's "
	    "limit (LimitNOFILE=)",
	    strerror(error));
	refuse_node(c, name, EVENT_DROP_NODE_LINK, what);
}

void
nodes_hello(struct control *c, const struct ipc_msg *m)
{
	uint64_t now_ms = loop_now_ms(c->loop);
	const struct ipc_node_hello *hello = &m->u.node_hello;
	struct node *node = nodes_named(c, hello->name);
	uint64_t session;

	if (node == NULL && !make_room(c)) {
		refuse_node(c, hello->name, EVENT_DROP_NODE_LIMIT,
		    "max_splice_nodes are there: raise it, or stop a node");
		return;
	}
	if (node == NULL && (node = node_new(c, hello)) == NULL) {
		refuse_unreached(c, hello->name);
		return;
	}
	node->named_ms = now_ms;
	if (node_link_reach(c, node, hello) != 0) {
		if (errno == EBUSY)
			refuse_elsewhere(c, node);
		else
			refuse_unreached(c, node->name);
		return;
	}
	seals_admit(c, node);
	session = attempts_hello(&node->attempts, m->from, now_ms);
	if (session == 0)
		return;
	node_send_welcome(c, node, m->from, session);
	node_wait_welcomed(c, node);
}

const struct node *
nodes_welcomed(const struct control *c, uint64_t from, uint64_t to)
{
	uint64_t now_ms = loop_now_ms(c->loop);
	const struct node *node = c->nodes.first;

	while (
	    node != NULL && !attempts_match(&node->attempts, from, to, now_ms))
		node = node->next;
	return node;
}

/* Whose WELCOME a NODE_READY answers. A node in a session costs no more than
 * a look, unless hellos came in its name. */
static struct node *
find_welcomed(const struct control *c, const struct ipc_msg *m, uint64_t now_ms)
{
	struct node *node = c->nodes.first;

	while (node != NULL && !attempts_ready(&node->attempts, m, now_ms))
		node = node->next;
	return node;
}

void
nodes_ready(struct control *c, const struct ipc_msg *m)
{
	struct node *node = find_welcomed(c, m, loop_now_ms(c->loop));

	if (node == NULL) {
		c->counters.events_dropped[EVENT_DROP_STALE]++;
		return;
	}
	node_session_begin(c, node, m);
}

struct node *
nodes_in_session(const struct control *c, uint64_t from, uint64_t to)
{
	struct node *node = table_find(&c->nodes.by_session, &to);

	return node != NULL && node->epoch == from ? node : NULL;
}

struct node *
nodes_find(struct control *c, const struct ipc_msg *m)
{
	struct node *node = nodes_in_session(c, m->from, m->to);

	if (node == NULL) {
		c->counters.events_dropped[EVENT_DROP_STALE]++;
		return NULL;
	}
	node->heard_ms = node->named_ms = loop_now_ms(c->loop);
	return node;
}

void
nodes_settle(struct control *c)
{
	for (struct node *n = c->nodes.first; n != NULL; n = n->next) {
		if (n->is_ack_due)
			node_send_release_ack(c, n, n->next_seq - 1);
		n->is_ack_due = false;
		if (n->is_broken)
			node_session_end(c, n, NODE_LOST_QUEUE_FULL);
		nnlink_send_now(n->link.out);
	}
}

/* Whoever says hello keeps a name, but not what is charged to clients: that
 * takes a sign of life of the node itself. */
static bool
is_to_forget(const struct node *node, uint64_t now_ms)
{
	if (node->session != 0)
		return false;
	return node->n_pairs > 0
		   ? now_ms - node->heard_ms >= NODES_FORGET_PAIRS_MS
		   : now_ms - node->named_ms >= NODES_FORGET_MS;
}

static bool
is_gone(const struct control *c, const struct node *node, uint64_t now_ms)
{
	return node->session == 0 && !nodes_are_remote(c) &&
	       now_ms - node->heard_ms >= NODES_GONE_MS &&
	       now_ms - node->link.made_ms >= NODES_GONE_MS &&
	       !nnlink_out_is_connected(node->link.out);
}

void
nodes_tick(struct control *c)
{
	uint64_t now_ms = loop_now_ms(c->loop);
	struct node *next;

	for (struct node *node = c->nodes.first; node != NULL; node = next) {
		next = node->next;
		if (node->session != 0)
			node_session_tick(c, node);
		if (node->n_pairs > 0 && is_gone(c, node, now_ms))
			pairs_forget(c, node);
		if (is_to_forget(node, now_ms))
			forget(c, node);
	}
	nodes_settle(c); /* deadlines and streams send too */
}
