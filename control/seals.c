#include "control/seals.h"

#include <stdio.h>
#include <string.h>

#include "common/keyfile.h"
#include "common/secret.h"
#include "control/control.h"
#include "control/node_refused.h"

/* Not dropped: in the place of an EVENT_DROP_... */
#define GOOD EVENT_DROP_COUNT

int
seals_load(struct seals *s, const struct config *config, char *why)
{
	char detail[KEYFILE_WHY_CAP];

	s->on = nnlink_is_tcp(config->events_url);
	if (!s->on)
		return 0;
	if (keyfile_load_cluster(s->cluster, config->cluster_key, detail) !=
	    0) {
		(void)snprintf(why, CONFIG_WHY_CAP, "cluster_key: %s", detail);
		return -1;
	}
	if (members_init(&s->members, &config->nodes) == 0)
		return 0;
	(void)snprintf(why, CONFIG_WHY_CAP, "nodes: no memory is left");
	return -1;
}

void
seals_free(struct seals *s)
{
	seal_session_end(&s->newcomer.session);
	members_fini(&s->members);
	secret_wipe(s, sizeof *s);
}

static int
link_of(struct control *c, const char *name, struct seal_link *link)
{
	const struct node *node = nodes_named(c, name);

	if (node == NULL)
		return seal_link_derive(link, c->seals.cluster, name);
	*link = node->seal.link;
	return 0;
}

static enum event_drop
judge_hello(struct control *c, const char *name, size_t len)
{
	struct ipc_msg m;

	if (ipc_decode(&m, c->seals.opened, len, IPC_EVENT) != PARSE_OK ||
	    m.type != IPC_NODE_HELLO ||
	    strcmp(m.u.node_hello.name, name) != 0 ||
	    m.u.node_hello.commands.port == 0)
		return EVENT_DROP_MALFORMED;
	if (members_admit(&c->seals.members, name, &m.u.node_hello.commands))
		return GOOD;
	return node_refused(c, name, EVENT_DROP_NODE_NETWORK,
	    "the address of its commands (commands_listen, or "
	    "commands_advertise) is in none of the networks that nodes: has "
	    "for it");
}

static enum event_drop
open_hello(struct control *c, const struct seal_parts *parts, size_t *len)
{
	struct node_seal *who = &c->seals.newcomer;
	const char *name = parts->head.name;

	if (!members_know(&c->seals.members, name))
		return node_refused(c, name, EVENT_DROP_NODE_UNLISTED,
		    "no entry of nodes: has this name");
	if (link_of(c, name, &who->link) != 0)
		return EVENT_DROP_SEAL_FORGED;
	*len = seal_open_hello(&who->link, parts, c->seals.opened);
	if (*len == 0)
		return node_refused(c, name, EVENT_DROP_SEAL_FORGED,
		    "its hello is not sealed with this name's link key: give "
		    "it the file that carrick-control node-key NAME prints");
	memcpy(who->phase, parts->head.phase, sizeof who->phase);
	return judge_hello(c, name, *len);
}

static enum event_drop
open_session(struct control *c, struct seal_session *session,
    const struct seal_parts *parts, size_t *len)
{
	switch (seal_session_open(session, parts, c->seals.opened, len)) {
	case SEAL_OPENED:
		return GOOD;
	case SEAL_FORGED:
		return EVENT_DROP_SEAL_FORGED;
	case SEAL_REPEATED:
		return EVENT_DROP_SEAL_REPEATED;
	}
	return EVENT_DROP_SEAL_FORGED;
}

static enum event_drop
judge_ready(struct control *c, const char *name, size_t len)
{
	struct ipc_msg m;

	if (ipc_decode(&m, c->seals.opened, len, IPC_EVENT) != PARSE_OK ||
	    m.type != IPC_NODE_READY)
		return EVENT_DROP_MALFORMED;
	if (m.u.node_ready.accept.port == 0 ||
	    members_admit(&c->seals.members, name, &m.u.node_ready.accept))
		return GOOD;
	return node_refused(c, name, EVENT_DROP_NODE_NETWORK,
	    "the address where it accepts us (accept_listen, or "
	    "accept_advertise) is in none of the networks that nodes: has for "
	    "it");
}

/* A NODE_READY is of the session that it is to begin, if it answers a WELCOME
 * of ours. */
static enum event_drop
open_ready(struct control *c, const struct seal_parts *parts, size_t *len)
{
	const struct seal_head *h = &parts->head;
	struct node_seal *who = &c->seals.newcomer;
	const struct node *node = nodes_welcomed(c, h->from, h->to);
	enum event_drop why;

	if (node == NULL)
		return EVENT_DROP_STALE;
	if (seal_session_begin(&who->session, &node->seal.link, SEAL_AT_CONTROL,
		h->from, h->to) != 0)
		return EVENT_DROP_SEAL_FORGED;
	why = open_session(c, &who->session, parts, len);
	return why == GOOD ? judge_ready(c, node->name, *len) : why;
}

static enum event_drop
open_event(struct control *c, const struct seal_parts *parts, size_t *len)
{
	const struct seal_head *h = &parts->head;
	struct node *node = nodes_in_session(c, h->from, h->to);

	if (node != NULL)
		return open_session(c, &node->seal.session, parts, len);
	return h->type == IPC_NODE_READY ? open_ready(c, parts, len)
					 : EVENT_DROP_STALE;
}

static enum event_drop
open_any(struct control *c, const void *p, size_t *len)
{
	struct seal_parts parts;
	enum event_drop why = EVENT_DROP_SEAL_FORM;

	if (seal_parse(&parts, p, *len) != PARSE_OK)
		return EVENT_DROP_SEAL_FORM;
	if (parts.head.form == SEAL_HELLO)
		why = open_hello(c, &parts, len);
	else if (parts.head.form == SEAL_EVENT)
		why = open_event(c, &parts, len);
	if (why == GOOD && !seal_head_is_of(&parts.head, c->seals.opened, *len))
		why = EVENT_DROP_MALFORMED;
	return why;
}

bool
seals_open(struct control *c, const void **p, size_t *len)
{
	enum event_drop why;

	if (!c->seals.on)
		return true;
	why = open_any(c, *p, len);
	*p = c->seals.opened;
	if (why == GOOD)
		return true;
	c->counters.events_dropped[why]++;
	return false;
}

void
seals_admit(struct control *c, struct node *node)
{
	if (!c->seals.on)
		return;
	node->seal.link = c->seals.newcomer.link;
	memcpy(
	    node->seal.phase, c->seals.newcomer.phase, sizeof node->seal.phase);
}

void
seals_begin(struct control *c, struct node *node)
{
	struct seal_session *fresh = &c->seals.newcomer.session;

	if (!c->seals.on)
		return;
	seal_session_end(&node->seal.session);
	fresh->counter = node->seal.session.counter; /* it goes on */
	node->seal.session = *fresh;
	*fresh = (struct seal_session){0};
}

void
seals_end(struct node *node)
{
	seal_session_end(&node->seal.session);
}

int
seals_put(struct control *c, struct node *node, const uint8_t **p, size_t *len)
{
	struct seals *s = &c->seals;
	struct ipc_header h;

	if (!s->on)
		return 0;
	if (**p != IPC_WELCOME)
		*len = seal_session_put(
		    &node->seal.session, *p, *len, s->envelope);
	else if (ipc_decode_header(&h, *p, *len) == PARSE_OK)
		*len = seal_put_welcome(&node->seal.link, node->seal.phase,
		    h.to, *p, *len, s->envelope);
	else
		*len = 0;
	*p = s->envelope;
	return *len > 0 ? 0 : -1;
}
