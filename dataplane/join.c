#include "dataplane/join.h"

#include <string.h>

#include "common/fd.h"
#include "dataplane/hold.h"
#include "dataplane/node.h"
#include "dataplane/pairs.h"
#include "dataplane/stream.h"

/* What CONN_PAIR says of each side, so that both are treated by one code. */
struct side {
	struct pending *p; /* NULL = gone */
	size_t skip;
	struct ipc_bytes say;
};

static bool
is_possible(const struct side *s)
{
	return s->p == NULL ||
	       ((s->p->state == PENDING_ASKED || s->p->state == PENDING_HELD) &&
		   s->skip <= s->p->shown);
}

/* Close a side; control's verdict took its number, so it is not told. */
static void
spend(struct side *s, enum reason why)
{
	pending_forget(s->p);
	pending_close(s->p, why);
	s->p = NULL;
}

/* Why the pair can't be, after closing the sides it can't be for; NONE. */
static enum reason
check_there(struct side sides[2])
{
	enum reason why = REASON_NONE;

	for (int i = 0; i < 2; i++) {
		struct pending *p = sides[i].p;

		if (p == NULL) {
			why = REASON_PARTNER_GONE;
		} else if (stream_look(p->fd, p->is_unix) == STREAM_RESET) {
			why = REASON_RESET;
			spend(&sides[i], why);
		}
	}
	return why;
}

/* If the first side fails, the second is as it was and may be kept; if the
 * second does, the first is spoilt already and goes too. */
static enum reason
consume(struct side sides[2])
{
	for (int i = 0; i < 2; i++) {
		enum reason why =
		    hold_consume(sides[i].p, sides[i].skip, &sides[i].say);

		if (why == REASON_NONE)
			continue;
		spend(&sides[i], why);
		if (i == 1)
			spend(&sides[0], REASON_PARTNER_GONE);
		return why;
	}
	return REASON_NONE;
}

static void
refuse(struct node *n, struct side sides[2], const struct ipc_conn_pair *b,
    enum reason why)
{
	struct ipc_pair_refused u = {
	    .reason = (uint8_t)why,
	    .gone = (uint8_t)((sides[0].p == NULL ? IPC_GONE_A : 0) |
			      (sides[1].p == NULL ? IPC_GONE_B : 0)),
	};

	memcpy(u.tag, b->tag, sizeof u.tag);
	for (int i = 0; i < 2; i++)
		if (sides[i].p != NULL && b->on_refused == IPC_REFUSED_DROPS)
			spend(&sides[i], REASON_PARTNER_GONE);
	release_pair_refused(n, &u);
}

/*
 * Keepalive of a TCP socket as the verdict says; it has the node's own already
 * (listener_set_options). A verdict that wants a dead peer noticed wants that
 * while bytes are under way too, when no probe is sent: hence the user timeout,
 * as long as the probes would take. No failure matters here: a socket that
 * takes no option is dead, and the pump sees it.
 */
static void
set_keepalive(const struct config *c, int fd, const struct ipc_limits *l)
{
	int idle_s = l->keepalive_idle_s;
	int interval_s = l->keepalive_interval_s;
	int count = l->keepalive_count;

	if (idle_s == 0)
		return;
	if (interval_s == 0)
		interval_s = (int)c->keepalive_interval_s;
	if (count == 0)
		count = (int)c->keepalive_count;
	(void)fd_set_keepalive(fd, idle_s, interval_s, count);
	(void)fd_set_user_timeout(
	    fd, 1000u * (unsigned)(idle_s + interval_s * count));
}

static struct pair *
make_pair(struct node *n, const int fds[2], const bool is_unix[2],
    const struct ipc_limits *l)
{
	uint64_t now_ms = loop_now_ms(n->loop);
	struct share share;
	struct pair *p;

	if (share_init(&share, &n->shares, l, now_ms) == -1)
		return NULL;
	p = pair_new(fds, is_unix, &share, l->idle_ms, now_ms);
	if (p == NULL)
		share_fini(&share);
	return p;
}

struct pair *
join_make(struct node *n, const int fds[2], const bool is_unix[2],
    const uint8_t tag[IPC_TAG_LEN], const struct ipc_limits *limits)
{
	struct pair *p = make_pair(n, fds, is_unix, limits);

	if (p == NULL)
		return NULL;
	memcpy(p->tag, tag, sizeof p->tag);
	p->is_awaited = limits->on_drain == IPC_DRAIN_WAITS;
	p->control = n->link.control;
	for (int i = 0; i < 2; i++)
		if (!is_unix[i])
			set_keepalive(&n->config, fds[i], limits);
	return p;
}

static enum reason
start(struct node *n, struct side sides[2], const struct ipc_conn_pair *b)
{
	const int fds[2] = {sides[0].p->fd, sides[1].p->fd};
	const bool is_unix[2] = {sides[0].p->is_unix, sides[1].p->is_unix};
	struct pair *p = join_make(n, fds, is_unix, b->tag, &b->limits);

	if (p == NULL) {
		spend(&sides[0], REASON_RESOURCES);
		spend(&sides[1], REASON_RESOURCES);
		return REASON_RESOURCES;
	}
	for (int i = 0; i < 2; i++) {
		p->ends[i].conn = sides[i].p->conn;
		(void)pending_hand_over(
		    sides[i].p, &p->ends[i].admission); /* fds[i] */
	}
	pairs_add(n, p);
	return REASON_NONE;
}

enum command_result
on_conn_pair(struct node *n, const struct ipc_msg *m)
{
	const struct ipc_conn_pair *b = &m->u.conn_pair;
	struct side sides[2] = {
	    {command_find(n, b->a), b->skip_a, b->say_a},
	    {command_find(n, b->b), b->skip_b, b->say_b},
	};
	enum reason why;

	if (!is_possible(&sides[0]) || !is_possible(&sides[1]))
		return COMMAND_MALFORMED;
	why = check_there(sides);
	if (why == REASON_NONE)
		why = consume(sides);
	if (why == REASON_NONE)
		why = start(n, sides, b);
	if (why != REASON_NONE)
		refuse(n, sides, b, why);
	return COMMAND_DONE;
}
