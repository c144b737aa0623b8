#include "dataplane/budget.h"

#include <assert.h>
#include <stdlib.h>

static void
source_init(struct budget_source *s, const struct addr *addr)
{
	*s = (struct budget_source){.addr = *addr};
	TAILQ_INIT(&s->parked);
}

int
budget_init(struct budget *b, uint32_t max_asked, uint32_t max_asked_per_source,
    size_t max_sources)
{
	const struct addr none = {0};

	source_init(&b->local, &none);
	TAILQ_INIT(&b->turns);
	b->n_asked = b->n_parked = 0;
	b->max_asked = max_asked;
	b->max_asked_per_source = max_asked_per_source;
	return table_init(&b->sources, sizeof none.ip, max_sources);
}

static void
free_source(void *arg, const void *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

void
budget_fini(struct budget *b)
{
	table_each(&b->sources, free_source, NULL);
	table_fini(&b->sources);
}

static struct budget_source *
new_source(struct budget *b, const struct admission *a)
{
	struct budget_source *s = malloc(sizeof *s);

	if (s == NULL)
		return NULL;
	source_init(s, &a->source);
	s->max_asked = a->is_counted ? b->max_asked_per_source : b->max_asked;
	s->max_parked =
	    a->is_counted ? BUDGET_PARKED_SOURCE_MAX : BUDGET_PARKED_MAX;
	if (table_put(&b->sources, s->addr.ip, s) == 0)
		return s;
	free(s);
	return NULL;
}

static struct budget_source *
source_of(struct budget *b, const struct pending *p)
{
	const struct admission *a = &p->admission;
	struct budget_source *s;

	if (p->local)
		return &b->local;
	s = table_find(&b->sources, a->source.ip);
	return s != NULL ? s : new_source(b, a);
}

int
budget_join(struct budget *b, struct pending *p)
{
	if (p->source != NULL)
		return 0;
	p->source = source_of(b, p);
	if (p->source == NULL)
		return -1;
	p->source->n_users++;
	return 0;
}

void
budget_leave(struct budget *b, struct pending *p)
{
	struct budget_source *s = p->source;

	if (s == NULL)
		return;
	p->source = NULL;
	assert(s->n_users > 0);
	if (--s->n_users > 0 || s == &b->local)
		return;
	assert(s->n_asked == 0 && s->n_parked == 0);
	(void)table_remove(&b->sources, s->addr.ip); /* it is s */
	free(s);
}

bool
budget_has_room(const struct budget *b, const struct pending *p)
{
	const struct budget_source *s = p->source;

	if (s == &b->local)
		return true;
	return b->n_asked < b->max_asked && TAILQ_EMPTY(&b->turns) &&
	       s->n_asked < s->max_asked && s->n_parked == 0;
}

bool
budget_may_park(const struct budget *b, const struct pending *p)
{
	return p->source == &b->local ||
	       (b->n_parked < BUDGET_PARKED_MAX &&
		   p->source->n_parked < p->source->max_parked);
}

bool
budget_is_source_full(const struct budget *b, const struct pending *p)
{
	return p->source != &b->local && b->n_asked < b->max_asked &&
	       p->source->n_asked >= p->source->max_asked;
}

struct pending *
budget_next(const struct budget *b)
{
	const struct budget_source *s = TAILQ_FIRST(&b->turns);

	if (b->local.n_parked > 0)
		return TAILQ_FIRST(&b->local.parked);
	if (s == NULL || b->n_asked >= b->max_asked)
		return NULL;
	return TAILQ_FIRST(&s->parked);
}

static void
lose_turn(struct budget *b, struct budget_source *s)
{
	if (s->in_turn)
		TAILQ_REMOVE(&b->turns, s, turn);
	s->in_turn = false;
}

/* What s has changed: it is among those that take turns, or it is not. */
static void
settle(struct budget *b, struct budget_source *s)
{
	bool waits =
	    s != &b->local && s->n_parked > 0 && s->n_asked < s->max_asked;

	if (!waits)
		lose_turn(b, s);
	else if (!s->in_turn)
		TAILQ_INSERT_TAIL(&b->turns, s, turn);
	s->in_turn = waits;
}

void
budget_park(struct budget *b, struct pending *p)
{
	struct budget_source *s = p->source;

	TAILQ_INSERT_TAIL(&s->parked, p, parked);
	s->n_parked++;
	b->n_parked += s != &b->local;
	settle(b, s);
}

void
budget_unpark(struct budget *b, struct pending *p)
{
	struct budget_source *s = p->source;

	TAILQ_REMOVE(&s->parked, p, parked);
	s->n_parked--;
	b->n_parked -= s != &b->local;
	lose_turn(b, s); /* that was its turn: now the others */
	settle(b, s);
}

void
budget_ask(struct budget *b, struct pending *p)
{
	struct budget_source *s = p->source;

	s->n_asked++;
	b->n_asked += s != &b->local;
	settle(b, s);
}

void
budget_answer(struct budget *b, struct pending *p)
{
	struct budget_source *s = p->source;

	s->n_asked--;
	b->n_asked -= s != &b->local;
	settle(b, s);
}
