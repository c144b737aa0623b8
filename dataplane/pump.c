/*
 * The invariant: a leg is in exactly one state, and its state says what it
 * waits for: READING for bytes at its source, WRITING for room in its sink,
 * RATED for the pair's turn, DONE for nothing. What is watched on a socket
 * follows from the states of its two legs, in one function (interest_of), and
 * it is watched level-triggered: whatever is true of the socket when the leg
 * begins to wait is reported. The turn's deadline is armed for as long as a leg
 * is RATED, in one function too (pair_pace). So no wake-up can be lost.
 *
 * A leg reads only while its pipe is empty. So EAGAIN while filling the pipe
 * means a dry source (but for urgent data: move_in), EAGAIN while emptying it a
 * full sink, and the end of the source is seen with nothing left to pass on
 * before it.
 */
#include "dataplane/pump.h"

#include <errno.h>

#include "common/fd.h"
#include "common/loop.h"
#include "dataplane/leg.h"
#include "dataplane/stream.h"
#include "dataplane/worker.h"

static bool
both_done(const struct pair *p)
{
	return p->legs[0].state == LEG_DONE && p->legs[1].state == LEG_DONE;
}

/*
 * What to watch on e. An end of which nothing is awaited now would die unseen,
 * and its pair live for ever if the other end just stands still: it is watched
 * for that alone, edge-triggered, since it may be writable all the time (a
 * reset and an error are reported as EV_WRITE too, and not as EV_CLOSED).
 * libevent mixes no edge- and level-triggered events on one socket; here there
 * is one event for each.
 */
static short
interest_of(struct end *e)
{
	const struct leg *out = leg_from(e), *in = leg_to(e);
	short what = 0;

	if (out->state == LEG_READING)
		what |= EV_READ;
	if (in->state == LEG_WRITING)
		what |= EV_WRITE;
	if (what == 0 && !e->dead && !both_done(e->pair))
		what = EV_WRITE | EV_ET;
	return what;
}

static void on_socket(evutil_socket_t fd, short what, void *arg);

static int
end_watch(struct end *e)
{
	short want = interest_of(e);

	if (want == e->interest)
		return 0;
	if (e->interest != 0)
		(void)event_del(e->event); /* it is pending */
	e->interest = want;
	if (want == 0)
		return 0;
	(void)event_assign(e->event, event_get_base(e->event), e->fd,
	    (short)(want | EV_PERSIST), on_socket, e); /* valid flags */
	return event_add(e->event, NULL);
}

static bool
has_unsent(const struct pair *p)
{
	bool unsent = false;

	for (int i = 0; i < 2; i++)
		unsent |= !p->ends[i].dead &&
			  stream_unsent(p->ends[i].fd, p->ends[i].is_unix) > 0;
	return unsent;
}

/* A pair without a way left: orderly ends close it. A broken one waits until
 * its sockets sent what they were given, since a reset throws that away. */
static void
pair_conclude(struct pair *p)
{
	uint64_t now_ms = loop_now_ms(p->worker->loop);

	if (p->reason == REASON_NONE)
		pump_end(p, REASON_FINISHED);
	else if (!has_unsent(p) || now_ms >= p->linger_until_ms ||
		 loop_arm(p->worker->loop, &p->linger, PUMP_SETTLE_MS) == -1)
		pump_end(p, p->reason);
}

static bool
is_rated(const struct pair *p)
{
	return p->legs[0].state == LEG_RATED || p->legs[1].state == LEG_RATED;
}

/* Wake up when the turn begins that a leg waits for; or to give back what no
 * leg used. */
static int
pair_pace(struct pair *p)
{
	struct loop *loop = p->worker->loop;
	uint64_t wait_ms = SHARE_KEEP_MS;

	if (p->share.n == 0)
		return 0;
	if (is_rated(p)) {
		wait_ms = share_wait_ms(&p->share, loop_now_ms(loop));
	} else if (!share_holds(&p->share)) {
		loop_disarm(loop, &p->pace);
		return 0;
	}
	return loop_arm(loop, &p->pace, wait_ms);
}

/* Stop watching it: it may be put elsewhere now, as it is. */
static void
pair_unwatch(struct pair *p)
{
	struct loop *loop = p->worker->loop;

	for (int i = 0; i < 2; i++) {
		struct end *e = &p->ends[i];

		if (e->event != NULL)
			event_free(e->event);
		e->event = NULL;
		e->interest = 0;
	}
	loop_disarm(loop, &p->idle);
	loop_disarm(loop, &p->linger);
	loop_disarm(loop, &p->pace);
	LIST_REMOVE(p, pumped);
}

/* A broken pair ends where it is; whoever copies has nothing in a pipe. */
static bool
may_pass_on(const struct pair *p)
{
	return p->reason == REASON_NONE && !both_done(p) &&
	       worker_is_outgrown(p->worker, p);
}

static void
pair_pass_on(struct pair *p)
{
	const struct worker_home *home = &p->worker->home;

	pair_unwatch(p);
	home->outgrown(home->arg, p);
}

/* The last thing that every callback does: after it p may be gone. */
static void
pair_settle(struct pair *p)
{
	bool watched = true;

	if (may_pass_on(p)) {
		pair_pass_on(p);
		return;
	}
	for (int i = 0; i < 2; i++)
		watched &= end_watch(&p->ends[i]) == 0;
	if (!watched || pair_pace(p) == -1)
		pump_end(p, REASON_RESOURCES);
	else if (both_done(p))
		pair_conclude(p);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct end *e = arg;
	struct pair *p = e->pair;

	if ((what & EV_READ) != 0 && leg_from(e)->state == LEG_READING)
		leg_go(leg_from(e), true);
	if ((what & EV_WRITE) != 0 && leg_to(e)->state == LEG_WRITING)
		leg_go(leg_to(e), false);
	else if ((e->interest & EV_ET) != 0 &&
		 stream_is_dead(fd, leg_to(e)->state == LEG_DONE))
		end_died(e, ECONNRESET);
	pair_settle(p);
}

/* Where both legs wait, each turn is another one's. */
static void
on_pace(struct deadline *d, void *arg)
{
	struct pair *p = arg;

	(void)d;
	if (!is_rated(p))
		share_give_back(&p->share);
	for (int i = 0; i < 2; i++) {
		struct leg *l = &p->legs[i ^ p->first];

		if (l->state == LEG_RATED)
			leg_go(l, false);
	}
	p->first ^= 1;
	pair_settle(p);
}

static void
on_idle(struct deadline *d, void *arg)
{
	struct pair *p = arg;
	struct loop *loop = p->worker->loop;
	uint64_t idle_ms = loop_now_ms(loop) - p->moved_ms;

	if (is_rated(p)) /* it would move bytes if it might */
		idle_ms = 0;
	if (idle_ms >= p->idle_ms)
		pump_end(p, REASON_IDLE_TIMEOUT);
	else if (loop_arm(loop, d, p->idle_ms - idle_ms) == -1)
		pump_end(p, REASON_RESOURCES);
}

static void
on_linger(struct deadline *d, void *arg)
{
	struct pair *p = arg;

	(void)d;
	if (both_done(p))
		pair_conclude(p);
	else
		pump_end(p, p->reason);
}

static int
prepare(struct worker *w, struct pair *p)
{
	deadline_init(&p->idle, on_idle, p);
	deadline_init(&p->linger, on_linger, p);
	deadline_init(&p->pace, on_pace, p);
	for (int i = 0; i < 2; i++) {
		p->ends[i].event = event_new(loop_base(w->loop), p->ends[i].fd,
		    EV_READ | EV_PERSIST, on_socket, &p->ends[i]);
		if (p->ends[i].event == NULL)
			return -1;
	}
	return p->idle_ms > 0 ? loop_arm(w->loop, &p->idle, p->idle_ms) : 0;
}

void
pump_start(struct worker *w, struct pair *p)
{
	p->worker = w;
	p->moved_ms = loop_now_ms(w->loop); /* it may be behind who made p */
	LIST_INSERT_HEAD(&w->pumped, p, pumped);
	if (prepare(w, p) == -1)
		pump_end(p, REASON_RESOURCES);
	else if (worker_is_orphan(w, p))
		pump_end(p, REASON_CONTROL_LOST);
	else if (w->cuts != REASON_NONE)
		pump_cut(p);
	else
		pair_settle(p);
}

struct pair *
pump_abandon(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		leg_finish(&p->legs[i]);
	pair_unwatch(p);
	return p;
}

void
pump_end(struct pair *p, enum reason why)
{
	struct worker *w = p->worker;

	(void)pump_abandon(p);
	p->reason = why;
	p->ended_ms = loop_now_ms(w->loop);
	/* So that a cut stream does not look like a whole one. */
	for (int i = 0; i < 2 && why != REASON_FINISHED; i++)
		(void)fd_reset_on_close(p->ends[i].fd);
	worker_close_ends(w, p);
	worker_return(w, p);
}

void
pump_cut(struct pair *p)
{
	int why = p->worker->cuts; /* set once, and never unset */

	pump_end(p, p->is_awaited ? (enum reason)why : REASON_SHUTDOWN);
}
