#include "dataplane/hop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/secret.h"
#include "dataplane/hold.h"
#include "dataplane/join.h"
#include "dataplane/node.h"
#include "dataplane/stream.h"

static void
refuse(struct node *n, const uint8_t tag[IPC_TAG_LEN], enum reason why)
{
	bool is_siblings =
	    why == REASON_SIBLING_UNLISTED || why == REASON_SIBLING_UNREACHED;
	struct ipc_pair_refused u = {
	    .reason = (uint8_t)why,
	    .gone = is_siblings ? IPC_GONE_B : IPC_GONE_A,
	};

	memcpy(u.tag, tag, sizeof u.tag);
	release_pair_refused(n, &u);
}

/* Whoever runs the nodes has to mend it: by far the most often at `siblings`,
 * or at a firewall. */
static void
warn(const struct hop *h, enum reason why)
{
	log_warn("join-failed", "conn=%016llx sibling=%s reason=%s",
	    (unsigned long long)h->pending->conn, log_addr(&h->addr).s,
	    reason_name(why));
}

void
hop_end(struct pending *p, enum reason why)
{
	struct node *n = p->node;
	struct hop *h = p->hop;

	if (why != REASON_PAIRED) {
		if (account_may_record(n))
			warn(h, why);
		refuse(n, h->tag, why);
	}
	LIST_REMOVE(h, listed);
	if (h->event != NULL)
		event_free(h->event);
	fd_close(&h->fd);
	admission_give(&n->admissions, &h->admission);
	p->hop = NULL;
	secret_wipe(h->ticket, sizeof h->ticket);
	free(h);
}

static bool
is_own(const struct node *n, const struct addr *a)
{
	struct addr advertised;

	for (size_t i = 0; i < n->n_listeners; i++)
		if (addr_equal(&n->listeners[i].bound, a))
			return true;
	if (addr_parse(&advertised, n->config.accept_advertise) == 0 &&
	    addr_equal(&advertised, a))
		return true;
	return addr_equal(&n->accept.bound, a);
}

static bool
is_allowed(const struct node *n, struct hop *h)
{
	h->listing = siblings_find(&n->siblings, &h->addr);
	return h->listing == SIBLING_EXACT ||
	       (h->listing == SIBLING_IN_NETWORK && !is_own(n, &h->addr));
}

/* Listeners on 0.0.0.0 have many addresses; one that this machine reaches from
 * the same address is its own. */
static bool
is_this_machine(const struct hop *h)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof ss;
	struct addr here = {0};

	(void)getsockname(h->fd, (struct sockaddr *)&ss, &len);
	(void)addr_from_sockaddr(&here, (const struct sockaddr *)&ss);
	return memcmp(here.ip, h->addr.ip, sizeof here.ip) == 0;
}

/* 0 once it stands: what failed says so here. */
static int
say_ticket(const struct hop *h)
{
	return stream_say(h->fd, h->ticket, sizeof h->ticket);
}

static enum reason
become_pair(struct hop *h)
{
	struct pending *p = h->pending;
	struct node *n = p->node;
	const int fds[2] = {p->fd, h->fd};
	const bool is_unix[2] = {p->is_unix, false};
	struct pair *pair = join_make(n, fds, is_unix, h->tag, &h->limits);

	if (pair == NULL)
		return REASON_RESOURCES;
	pair->ends[0].conn = p->conn;
	pair->ends[1].admission = h->admission;
	h->admission.taken = false;
	h->fd = -1;
	/* Watched twice in one loop it would be two things to libevent. */
	event_free(h->event);
	h->event = NULL;
	(void)pending_hand_over(p, &pair->ends[0].admission); /* fds[0] */
	pairs_add(n, pair);
	return REASON_NONE;
}

/* The ticket first: if the sibling can't be told, nothing was consumed. */
static enum reason
finish(struct hop *h)
{
	const struct ipc_bytes say = {h->say, h->say_len};
	enum reason why;

	if (say_ticket(h) == -1)
		return REASON_SIBLING_UNREACHED;
	why = hold_consume(h->pending, h->skip, &say);
	return why == REASON_NONE ? become_pair(h) : why;
}

static void
on_connected(evutil_socket_t fd, short what, void *arg)
{
	struct hop *h = arg;
	struct pending *p = h->pending;
	enum reason why;

	(void)fd;
	(void)what;
	why = h->listing == SIBLING_IN_NETWORK && is_this_machine(h)
		  ? REASON_SIBLING_UNLISTED
		  : finish(h);
	if (why != REASON_NONE)
		pending_close(p, why);
}

static enum reason
start_connect(struct hop *h)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&h->addr, &ss);

	h->fd =
	    socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->fd == -1)
		return REASON_RESOURCES;
	/* As on what is accepted; no failure of an option matters. */
	(void)listener_set_options(&h->pending->node->config, h->fd);
	if (connect(h->fd, (const struct sockaddr *)&ss, len) == -1 &&
	    errno != EINPROGRESS)
		return REASON_SIBLING_UNREACHED;
	return REASON_NONE;
}

static enum reason
watch(struct hop *h)
{
	h->event = event_new(loop_base(h->pending->node->loop), h->fd, EV_WRITE,
	    on_connected, h);
	return h->event != NULL && event_add(h->event, NULL) == 0
		   ? REASON_NONE
		   : REASON_RESOURCES;
}

static enum reason
start(struct node *n, struct hop *h)
{
	enum reason why;

	if (!is_allowed(n, h))
		return REASON_SIBLING_UNLISTED;
	why = admission_take(
	    &n->admissions, &h->admission, &h->addr, ADMISSION_SIBLING);
	if (why == REASON_NONE)
		why = start_connect(h);
	return why == REASON_NONE ? watch(h) : why;
}

static struct hop *
hop_new(struct pending *p, const struct ipc_conn_join *b)
{
	struct hop *h = calloc(1, sizeof *h + b->say.len);

	if (h == NULL)
		return NULL;
	h->pending = p;
	h->addr = b->addr;
	h->fd = -1;
	h->skip = b->skip;
	memcpy(h->ticket, b->ticket, sizeof h->ticket);
	memcpy(h->tag, b->tag, sizeof h->tag);
	h->limits = b->limits;
	h->say_len = b->say.len;
	memcpy(h->say, b->say.p, b->say.len);
	LIST_INSERT_HEAD(&p->node->hops, h, listed);
	return h;
}

/* Control's verdict took the number, so it hears of the tag alone. */
static void
begin(struct node *n, struct pending *p, const struct ipc_conn_join *b)
{
	enum reason why;

	p->known = false; /* what was shown is still to be consumed */
	p->hop = hop_new(p, b);
	if (p->hop == NULL) {
		refuse(n, b->tag, REASON_RESOURCES);
		pending_close(p, REASON_RESOURCES);
		return;
	}
	pending_enter(p, PENDING_JOINING, b->ttl_ms);
	if (p->state != PENDING_JOINING)
		return; /* without a deadline; it is closed */
	why = start(n, p->hop);
	if (why != REASON_NONE)
		pending_close(p, why);
}

enum command_result
on_conn_join(struct node *n, const struct ipc_msg *m)
{
	const struct ipc_conn_join *b = &m->u.conn_join;
	struct pending *p = command_find(n, b->conn);

	if (p == NULL) {
		refuse(n, b->tag, REASON_PARTNER_GONE);
		return COMMAND_DONE;
	}
	if ((p->state != PENDING_ASKED && p->state != PENDING_HELD) ||
	    b->skip > p->shown)
		return COMMAND_MALFORMED;
	begin(n, p, b);
	return COMMAND_DONE;
}
