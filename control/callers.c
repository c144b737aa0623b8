#include "control/callers.h"

#include <assert.h>
#include <stdlib.h>

#include "control/call.h"

uint32_t
callers_share(const struct config *config)
{
	enum { SHARE = 4 };

	return config->max_relays_per_client < SHARE
		   ? 1
		   : config->max_relays_per_client / SHARE;
}

uint32_t
callers_places(const struct config *config)
{
	enum { OTHERS = 8 };

	return config->max_relays_per_client -
	       config->max_relays_per_client / OTHERS;
}

int
callers_init(struct callers *cs, const struct config *config)
{
	/* Each has a call or a pair, and these are bounded by the quota. */
	size_t max = (size_t)config->max_relays_per_client *
		     (CALLERS_WAITING_FACTOR + 1);

	TAILQ_INIT(&cs->turns);
	cs->share = callers_share(config);
	cs->places = callers_places(config);
	cs->n_pending = cs->n_waiting = 0;
	return table_init(&cs->by_source, sizeof(struct addr), max);
}

void
callers_fini(struct callers *cs)
{
	assert(cs->by_source.n == 0);
	table_fini(&cs->by_source);
}

uint32_t
callers_n_waiting(const struct callers *cs, const struct addr *source)
{
	const struct caller *caller = table_find(&cs->by_source, source);

	return caller == NULL ? 0 : caller->n_waiting;
}

static struct caller *
find_or_make(struct callers *cs, const struct addr *source)
{
	struct caller *caller = table_find(&cs->by_source, source);

	if (caller != NULL)
		return caller;
	caller = calloc(1, sizeof *caller);
	if (caller == NULL)
		return NULL;
	caller->source = *source;
	TAILQ_INIT(&caller->waiting);
	if (table_put(&cs->by_source, source, caller) == 0)
		return caller;
	free(caller);
	return NULL;
}

static void
settle_turn(struct callers *cs, struct caller *caller)
{
	bool has_turn = caller->n_waiting > 0 &&
			caller->n_pending < cs->share &&
			caller->n_pending + caller->n_paired < cs->places;

	if (has_turn && !caller->has_turn)
		TAILQ_INSERT_TAIL(&cs->turns, caller, turn);
	else if (!has_turn && caller->has_turn)
		TAILQ_REMOVE(&cs->turns, caller, turn);
	caller->has_turn = has_turn;
}

/* After any change; nobody without a call or a pair is kept. */
static void
settle(struct callers *cs, struct caller *caller)
{
	settle_turn(cs, caller);
	if (caller->n_waiting + caller->n_pending + caller->n_paired > 0)
		return;
	(void)table_remove(&cs->by_source, &caller->source);
	free(caller);
}

int
callers_wait(struct callers *cs, struct call *call)
{
	struct caller *caller = find_or_make(cs, &call->source);

	if (caller == NULL)
		return -1;
	call->caller = caller;
	TAILQ_INSERT_TAIL(&caller->waiting, call, wait);
	caller->n_waiting++;
	cs->n_waiting++;
	settle(cs, caller);
	return 0;
}

struct call *
callers_next(const struct callers *cs)
{
	const struct caller *caller = TAILQ_FIRST(&cs->turns);

	return caller == NULL ? NULL : TAILQ_FIRST(&caller->waiting);
}

static void
stop_waiting(struct callers *cs, struct caller *caller, struct call *call)
{
	TAILQ_REMOVE(&caller->waiting, call, wait);
	caller->n_waiting--;
	cs->n_waiting--;
}

void
callers_announce(struct callers *cs, struct call *call)
{
	struct caller *caller = call->caller;

	assert(caller->has_turn);
	stop_waiting(cs, caller, call);
	caller->n_pending++;
	cs->n_pending++;
	TAILQ_REMOVE(&cs->turns, caller, turn);
	caller->has_turn = false;
	settle(cs, caller);
}

void
callers_leave(struct callers *cs, struct call *call)
{
	struct caller *caller = call->caller;

	call->caller = NULL;
	if (call->state == CALL_WAITING) {
		stop_waiting(cs, caller, call);
	} else {
		assert(caller->n_pending > 0);
		caller->n_pending--;
		cs->n_pending--;
	}
	settle(cs, caller);
}

struct caller *
callers_pair(struct callers *cs, struct call *call)
{
	struct caller *caller = call->caller;

	assert(caller->n_pending > 0);
	call->caller = NULL;
	caller->n_pending--;
	cs->n_pending--;
	caller->n_paired++;
	settle_turn(cs, caller);
	return caller;
}

void
callers_give_pair(struct callers *cs, struct caller *caller)
{
	assert(caller->n_paired > 0);
	caller->n_paired--;
	settle(cs, caller);
}
