#include "dataplane/stop.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "common/notify.h"
#include "dataplane/link.h"
#include "dataplane/node.h"

static const char *
step_name(enum stop_step step)
{
	switch (step) {
	case STOP_NOT:
		return "not";
	case STOP_DRAINING:
		return "draining";
	case STOP_CUTTING:
		return "cutting";
	case STOP_RELEASING:
		return "releasing";
	case STOP_GOODBYE:
		return "goodbye";
	}
	return "unknown";
}

/* The only way to the next step; no step is without a deadline. */
static void
enter(struct node *n, enum stop_step step, uint64_t in_ms)
{
	assert(step > n->stop.step);
	log_debug("stop-step", "from=%s to=%s", step_name(n->stop.step),
	    step_name(step));
	n->stop.step = step;
	if (loop_arm(n->loop, &n->stop.deadline, in_ms) == -1)
		loop_stop(n->loop);
}

/* Who is not in a session needs no goodbye, and gets none. The last beat has
 * what was moved since the one before. */
static void
say_goodbye(struct node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_BYE};

	enter(n, STOP_GOODBYE, IPC_BYE_TIMEOUT_MS);
	link_beat(n);
	m.u.node_bye.reason = REASON_SHUTDOWN;
	link_send(n, &m);
	if (!link_in_session(n))
		loop_stop(n->loop);
}

/* why: of pairs that a drain waits for. */
static void
cut(struct node *n, enum reason why)
{
	log_info("stopping",
	    "pending=%zu pairs=%" PRIu32 " cut=%" PRIu32 " drained_ms=%" PRIu64,
	    n->pendings.n, n->pairs.n, n->pairs.n_awaited,
	    loop_now_ms(n->loop) - n->stop.began_ms);
	enter(n, STOP_CUTTING, STOP_PAIRS_MS);
	listeners_close(n);
	pending_close_all(n, REASON_SHUTDOWN);
	for (size_t i = 0; i < n->n_workers; i++)
		worker_end_pairs(&n->workers[i], why);
}

/* A pair that nobody waits for still has a moment, if control is there to end
 * it better than by cutting. */
static bool
is_drained(const struct node *n)
{
	if (n->pendings.n > 0 || n->pairs.n_awaited > 0)
		return false;
	return n->pairs.n == 0 || n->stop.grace_is_over || !link_in_session(n);
}

static bool
is_released(const struct node *n)
{
	return !link_in_session(n) || releases_are_heard(&n->releases);
}

/* A step that has nothing to wait for is over at once. */
void
stop_advance(struct node *n)
{
	const struct stop *s = &n->stop;

	if (s->step == STOP_DRAINING && is_drained(n))
		cut(n, REASON_DRAINED);
	if (s->step == STOP_CUTTING && n->pairs.n == 0)
		enter(n, STOP_RELEASING, STOP_RELEASES_MS);
	if (s->step == STOP_RELEASING && is_released(n))
		say_goodbye(n);
}

/* What DRAINING waits for next: the end of the grace, or its own end. */
static void
arm_drain(struct node *n)
{
	struct stop *s = &n->stop;
	uint64_t now_ms = loop_now_ms(n->loop);
	uint64_t at_ms = s->began_ms + STOP_GRACE_MS;

	if (s->grace_is_over || at_ms > s->until_ms)
		at_ms = s->until_ms;
	/* Its place in the heap is there: this can't fail. */
	(void)loop_arm(
	    n->loop, &s->deadline, at_ms > now_ms ? at_ms - now_ms : 0);
}

static void
drain_on(struct node *n)
{
	struct stop *s = &n->stop;
	uint64_t now_ms = loop_now_ms(n->loop);

	if (!s->grace_is_over && now_ms - s->began_ms >= STOP_GRACE_MS) {
		s->grace_is_over = true;
		pending_close_silent(n, REASON_SHUTDOWN);
	}
	if (now_ms >= s->until_ms)
		cut(n, REASON_DRAINED);
	else
		arm_drain(n);
	stop_advance(n);
}

/* A step took too long: the end does not wait for it. */
static void
on_overdue(struct node *n)
{
	log_warn("stop-overdue", "step=%s pairs=%" PRIu32,
	    step_name(n->stop.step), n->pairs.n);
	if (n->stop.step == STOP_GOODBYE)
		loop_stop(n->loop);
	else
		say_goodbye(n);
}

static void
on_deadline(struct deadline *d, void *arg)
{
	struct node *n = arg;

	(void)d;
	if (n->stop.step == STOP_DRAINING)
		drain_on(n);
	else
		on_overdue(n);
}

void
stop_init(struct node *n)
{
	n->stop = (struct stop){.step = STOP_NOT};
	deadline_init(&n->stop.deadline, on_deadline, n);
}

void
stop_fini(struct node *n)
{
	loop_disarm(n->loop, &n->stop.deadline);
	n->stop.step = STOP_NOT;
}

static void
begin(struct node *n, uint64_t timeout_ms)
{
	log_info("draining",
	    "pending=%zu pairs=%" PRIu32 " awaited=%" PRIu32
	    " timeout_ms=%" PRIu64,
	    n->pendings.n, n->pairs.n, n->pairs.n_awaited, timeout_ms);
	(void)notify_manager("STOPPING=1"); /* nobody has to listen */
	n->stop.began_ms = loop_now_ms(n->loop);
	enter(n, STOP_DRAINING, timeout_ms);
	listeners_close_public(n);
}

void
stop_drain(struct node *n, uint64_t timeout_ms)
{
	if (n->stop.step > STOP_DRAINING)
		return;
	n->stop.until_ms = loop_now_ms(n->loop) + timeout_ms;
	if (n->stop.step == STOP_NOT)
		begin(n, timeout_ms);
	link_beat(n); /* control acts on it, or shows the new time */
	drain_on(n);
}

/* Whoever sends the first has a time after which it kills: a longer one that
 * control has given is over. */
void
stop_signal(void *node)
{
	struct node *n = node;
	uint64_t timeout_ms = n->config.drain_timeout_ms;

	if (++n->stop.n_signals > 2)
		_exit(EXIT_FAILURE); /* not in good order, then */
	if (n->stop.n_signals == 2 && n->stop.step == STOP_DRAINING) {
		cut(n, REASON_SHUTDOWN);
		stop_advance(n);
	} else if (n->stop.step == STOP_NOT || stop_left_ms(n) > timeout_ms) {
		stop_drain(n, timeout_ms);
	}
}

bool
stop_is_wanted(const struct node *n)
{
	return n->stop.step != STOP_NOT;
}

uint64_t
stop_left_ms(const struct node *n)
{
	uint64_t now_ms = loop_now_ms(n->loop);

	if (n->stop.step != STOP_DRAINING || n->stop.until_ms <= now_ms)
		return 0;
	return n->stop.until_ms - now_ms;
}

enum command_result
on_drain(struct node *n, const struct ipc_msg *m)
{
	uint32_t timeout_ms = m->u.drain.timeout_ms;

	if (timeout_ms == IPC_DRAIN_OWN_MS)
		timeout_ms = n->config.drain_timeout_ms;
	stop_drain(n, timeout_ms);
	return COMMAND_DONE;
}

enum command_result
on_bye_ack(struct node *n, const struct ipc_msg *m)
{
	(void)m;
	if (n->stop.step != STOP_GOODBYE)
		return COMMAND_MALFORMED;
	loop_stop(n->loop);
	return COMMAND_DONE;
}
