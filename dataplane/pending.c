#include "dataplane/pending.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/log.h"
#include "dataplane/ask.h"
#include "dataplane/drop.h"
#include "dataplane/hold.h"
#include "dataplane/hop.h"
#include "dataplane/node.h"
#include "dataplane/preamble.h"
#include "dataplane/stop.h"
#include "dataplane/stream.h"

#define TO(state) (1u << PENDING_##state)

/* What each state is called, how its deadline ends it, who looks at its
 * socket's news, and where it may go. */
static const struct {
	const char *name;
	enum reason expiry;
	void (*look)(struct pending *p);
	unsigned moves;
} STATES[PENDING_STATES] = {
    [PENDING_PREAMBLE] = {"preamble", REASON_PREAMBLE_TIMEOUT, preamble_look,
	TO(PARKED) | TO(ASKED) | TO(CLOSED)},
    [PENDING_PARKED] = {"parked", REASON_NONE, NULL, /* see on_deadline */
	TO(ASKED) | TO(DRAINING) | TO(CLOSED)},
    [PENDING_ASKED] = {"asked", REASON_ASK_TIMEOUT, NULL,
	TO(PARKED) | TO(WAITING) | TO(HELD) | TO(JOINING) | TO(DRAINING) |
	    TO(CLOSED)},
    [PENDING_WAITING] = {"waiting", REASON_PREAMBLE_TIMEOUT, preamble_look,
	TO(PARKED) | TO(ASKED) | TO(DRAINING) | TO(CLOSED)},
    [PENDING_HELD] = {"held", REASON_HELD_TIMEOUT, hold_look,
	TO(PARKED) | TO(JOINING) | TO(DRAINING) | TO(CLOSED)},
    [PENDING_JOINING] = {"joining", REASON_SIBLING_UNREACHED, NULL, TO(CLOSED)},
    [PENDING_DRAINING] = {"draining", REASON_DROPPED, drop_look, TO(CLOSED)},
    [PENDING_CLOSED] = {"closed", REASON_NONE, NULL, 0},
};

/*
 * One event for the whole life, edge-triggered: it fires once each for bytes,
 * a FIN and a reset, and what it finds is kept, for whoever asks later: an end
 * that comes after that look has news of its own. Peeked bytes stay readable,
 * so a level-triggered event would fire for ever, and SO_RCVLOWAT quiets no
 * UNIX socket.
 */
static void
on_news(evutil_socket_t fd, short what, void *arg)
{
	struct pending *p = arg;

	(void)what;
	if (p->state != PENDING_DRAINING)
		p->seen = stream_look(fd, p->is_unix);
	if (p->seen == STREAM_RESET)
		pending_close(p, REASON_RESET);
	else if (STATES[p->state].look != NULL)
		STATES[p->state].look(p);
}

static void
on_deadline(struct deadline *d, void *arg)
{
	struct pending *p = arg;

	(void)d;
	if (p->state == PENDING_PARKED)
		ask_give_up(p);
	else
		pending_close(p, STATES[p->state].expiry);
}

static int
watch(struct pending *p)
{
	p->event = event_new(loop_base(p->node->loop), p->fd,
	    EV_READ | EV_CLOSED | EV_ET | EV_PERSIST, on_news, p);
	return p->event != NULL ? event_add(p->event, NULL) : -1;
}

static bool
is_for_tickets(const struct pending_origin *origin)
{
	return origin->admission.kind == ADMISSION_ACCEPT;
}

static void
fill(struct pending *p, struct node *n, const struct pending_origin *origin)
{
	p->node = n;
	p->conn = n->next_conn++;
	p->fd = origin->fd;
	p->local = origin->listener == IPC_LISTENER_LOCAL;
	p->is_unix = origin->is_unix;
	p->listener = origin->listener;
	p->remote = origin->remote;
	p->here = origin->here;
	p->admission = origin->admission;
	p->want = is_for_tickets(origin) ? IPC_TICKET_LEN : 1;
	p->since_ms = loop_now_ms(n->loop);
	deadline_init(&p->deadline, on_deadline, p);
}

static void
refuse(struct node *n, const struct pending_origin *origin)
{
	struct admission admission = origin->admission;
	int fd = origin->fd;

	n->account.pending_ended[REASON_RESOURCES]++;
	admission_give(&n->admissions, &admission);
	fd_close(&fd);
}

int
pending_new(struct node *n, const struct pending_origin *origin)
{
	uint32_t in_ms = is_for_tickets(origin) ? PENDING_TICKET_MS
						: n->config.preamble_timeout_ms;
	struct pending *p = calloc(1, sizeof *p);

	if (p == NULL) {
		refuse(n, origin);
		return -1;
	}
	fill(p, n, origin);
	n->n_in[PENDING_PREAMBLE]++;
	if (table_put(&n->pendings, &p->conn, p) == 0 && watch(p) == 0 &&
	    loop_arm(n->loop, &p->deadline, in_ms) == 0)
		return 0;
	pending_close(p, REASON_RESOURCES);
	return -1;
}

struct pending *
pending_find(const struct node *n, uint64_t conn)
{
	struct pending *p = table_find(&n->pendings, &conn);

	return p != NULL && p->known ? p : NULL;
}

/* What a state holds: its place in the gauges, and in the budget. */
static void
leave(struct pending *p)
{
	struct node *n = p->node;

	n->n_in[p->state]--;
	if (p->state == PENDING_PARKED)
		budget_unpark(&n->budget, p);
	if (p->state == PENDING_ASKED) {
		budget_answer(&n->budget, p);
		ask_soon(n);
	}
}

static void
take_up(struct pending *p, enum pending_state state)
{
	struct node *n = p->node;

	p->state = state;
	n->n_in[state]++;
	p->was_held |= state == PENDING_HELD;
	if (state == PENDING_PARKED)
		budget_park(&n->budget, p);
	if (state == PENDING_ASKED)
		budget_ask(&n->budget, p);
}

void
pending_enter(struct pending *p, enum pending_state state, uint64_t in_ms)
{
	struct node *n = p->node;

	assert((STATES[p->state].moves & (1u << state)) != 0);
	log_debug("conn-state", "conn=%016" PRIx64 " from=%s to=%s", p->conn,
	    STATES[p->state].name, STATES[state].name);
	leave(p);
	take_up(p, state);
	if (state == PENDING_CLOSED)
		loop_disarm(n->loop, &p->deadline);
	else if (loop_arm(n->loop, &p->deadline, in_ms) == -1)
		pending_close(p, REASON_RESOURCES); /* never without one */
}

void
pending_forget(struct pending *p)
{
	p->known = false;
	p->shown = 0;
	p->fin_told = false;
}

static void
free_pending(void *arg)
{
	struct pending *p = arg;
	struct node *n = p->node;

	n->n_in[PENDING_CLOSED]--;
	free(p);
	stop_advance(n); /* it may have been the last */
}

/* What control never took up is a scan, or a stranger's mistake: a figure, and
 * a record for who looks closer. The rest is worth one, within the bounds of
 * account_may_record, since to be held takes no proof of who one is. */
static void
record(const struct pending *p, enum reason why)
{
	struct node *n = p->node;
	void (*say)(const char *event, const char *fmt, ...) LOG_PRINTF =
	    p->was_held && account_may_record(n) ? log_info : log_debug;

	say("conn-closed",
	    "conn=%016" PRIx64 " remote=%s state=%s reason=%s ms=%" PRIu64,
	    p->conn, p->is_unix ? "local" : log_addr(&p->remote).s,
	    STATES[p->state].name, reason_name(why),
	    loop_now_ms(n->loop) - p->since_ms);
}

static void
report(struct pending *p, enum reason why)
{
	struct node *n = p->node;

	n->account.pending_ended[why]++;
	if (why == REASON_PAIRED) /* the pair's record names it */
		log_debug("conn-paired", "conn=%016" PRIx64, p->conn);
	else
		record(p, why);
	if (p->known && why != REASON_PAIRED)
		release_conn_gone(n, p->conn, why);
}

void
pending_close(struct pending *p, enum reason why)
{
	struct node *n = p->node;

	if (p->state == PENDING_CLOSED)
		return;
	report(p, why);
	pending_enter(p, PENDING_CLOSED, 0);
	(void)table_remove(&n->pendings, &p->conn); /* it may never have been
						      * put there */
	if (p->event != NULL)
		event_free(p->event);
	if (p->hop != NULL)
		hop_end(p, why);
	budget_leave(&n->budget, p);
	admission_give(&n->admissions, &p->admission);
	fd_close(&p->fd);
	/* Without the memory to defer it is kept: callbacks may hold it. */
	(void)loop_defer(n->loop, free_pending, p);
}

int
pending_hand_over(struct pending *p, struct admission *admission)
{
	int fd = p->fd;

	*admission = p->admission;
	p->admission.taken = false;
	preamble_end(p);
	/* Before somebody else watches it: the same socket twice in one loop
	 * is two things to libevent, once edge- and once level-triggered. */
	event_free(p->event);
	p->event = NULL;
	p->fd = -1;
	pending_close(p, REASON_PAIRED);
	return fd;
}

static void
close_one(void *arg, const void *key, void *value)
{
	const enum reason *why = arg;

	(void)key;
	pending_close(value, *why);
}

static void
close_silent(void *arg, const void *key, void *value)
{
	const struct pending *p = value;

	if (p->state == PENDING_PREAMBLE)
		close_one(arg, key, value);
}

void
pending_close_silent(struct node *n, enum reason why)
{
	table_each(&n->pendings, close_silent, &why);
}

void
pending_close_all(struct node *n, enum reason why)
{
	table_each(&n->pendings, close_one, &why);
}
