#include "client/drain_wait.h"

#include <string.h>

static json_int_t
number(const json_t *object, const char *field)
{
	return json_integer_value(json_object_get(object, field));
}

static const json_t *
find(const struct drain_wait *w, const json_t *status)
{
	const json_t *node;
	size_t i;

	json_array_foreach(json_object_get(status, "nodes"), i, node)
	{
		const json_t *name = json_object_get(node, "name");

		if (json_is_string(name) &&
		    strcmp(json_string_value(name), w->node) == 0)
			return node;
	}
	return NULL;
}

static bool
is_in(const json_t *node, const char *state)
{
	const json_t *v = json_object_get(node, "state");

	return json_is_string(v) && strcmp(json_string_value(v), state) == 0;
}

void
drain_wait_begin(struct drain_wait *w, const char *node, const json_t *status,
    uint32_t timeout_s, uint64_t now_ms)
{
	memset(w, 0, sizeof *w);
	w->node = node;
	w->start = number(find(w, status), "starts");
	w->until_ms = now_ms + timeout_s * UINT64_C(1000) + DRAIN_WAIT_GRACE_MS;
}

/* Whichever process it is that drains, its end is what is waited for. */
static void
note_draining(struct drain_wait *w, const json_t *node, uint64_t now_ms)
{
	w->start = number(node, "starts");
	w->seen.left_s = number(node, "drain_left_s");
	w->until_ms =
	    now_ms + (uint64_t)w->seen.left_s * 1000 + DRAIN_WAIT_GRACE_MS;
}

static enum drain_answer
look_at(struct drain_wait *w, const json_t *node, uint64_t now_ms)
{
	const json_t *goodbye = json_object_get(node, "goodbye");

	w->seen.is_heard = !is_in(node, "away");
	w->seen.drains = is_in(node, "draining");
	w->seen.pairs = number(node, "pairs");
	w->seen.pending = number(node, "pending");
	if (w->seen.drains)
		note_draining(w, node, now_ms);
	else if (goodbye != NULL && number(goodbye, "start") == w->start) {
		w->n_cut = number(goodbye, "cut");
		return DRAIN_ENDED;
	} else if (number(node, "starts") != w->start)
		return DRAIN_LOST; /* another one has its name now */
	return now_ms < w->until_ms ? DRAIN_GOES_ON : DRAIN_OVERDUE;
}

/* A control that has just begun has a name from the first hello on, which
 * anybody can say, and a process of it from its first session. */
static bool
is_known(const json_t *node)
{
	return number(node, "starts") > 0;
}

enum drain_answer
drain_wait_look(struct drain_wait *w, const json_t *status, uint64_t now_ms)
{
	const json_t *node = find(w, status);

	if (is_known(node))
		return look_at(w, node, now_ms);
	w->seen.is_heard = false;
	if (number(status, "uptime_s") >= DRAIN_WAIT_SETTLED_S)
		return DRAIN_LOST;
	return now_ms < w->until_ms ? DRAIN_GOES_ON : DRAIN_OVERDUE;
}

static bool
is_news(const struct drain_wait *w)
{
	const struct drain_seen *a = &w->seen, *b = &w->told;

	return a->is_heard != b->is_heard || a->pairs != b->pairs ||
	       a->pending != b->pending;
}

void
drain_wait_tell(struct drain_wait *w, uint64_t now_ms, FILE *f)
{
	const struct drain_seen *s = &w->seen;
	uint64_t pause_ms =
	    is_news(w) ? DRAIN_WAIT_NEWS_MS : DRAIN_WAIT_QUIET_MS;

	if (s->is_heard && !s->drains)
		return; /* it is about to be told */
	if (w->told_ms != 0 && now_ms - w->told_ms < pause_ms)
		return;
	w->told = *s;
	w->told_ms = now_ms;
	if (s->is_heard)
		(void)fprintf(f,
		    "%s: pairs %" JSON_INTEGER_FORMAT
		    ", pending connections %" JSON_INTEGER_FORMAT
		    ", %" JSON_INTEGER_FORMAT " s left\n",
		    w->node, s->pairs, s->pending, s->left_s);
	else
		(void)fprintf(f, "%s: control hears nothing of it\n", w->node);
}
