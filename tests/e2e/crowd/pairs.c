#include "tests/e2e/crowd/pairs.h"

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/e2e/crowd/keyed.h"

/* What is drawn for one pair: DRAWS numbers, of which these are used. */
enum draw { KEY_FIRST, KEY_SECOND, LENGTH_FIRST, LENGTH_SECOND, BREAK, DRAWS };

struct pairs {
	uint32_t n;
	struct pair pair[];
};

static uint64_t
draw(const struct pairs_plan *plan, uint32_t number, enum draw what)
{
	return keyed_mix(plan->seed, (uint64_t)number * DRAWS + what);
}

static uint64_t
draw_between(const struct pairs_plan *plan, uint32_t number, enum draw what,
    uint64_t min, uint64_t max)
{
	return min + draw(plan, number, what) % (max - min + 1);
}

static void
prepare(struct pair *p, const struct pairs_plan *plan, uint32_t number)
{
	p->number = number;
	p->manner = (enum manner)(number % MANNERS);
	for (unsigned i = 0; i < 2; i++) {
		struct side *s = &p->side[i];

		s->pair = p;
		s->fd = -1;
		s->key = draw(plan, number, KEY_FIRST + i);
		s->length = draw_between(
		    plan, number, LENGTH_FIRST + i, plan->min, plan->max);
	}
	/* the middle: neither the beginning nor the end */
	p->break_at = draw_between(plan, number, BREAK,
	    p->side[0].length / 4 + 1, p->side[0].length * 3 / 4);
}

/* Callers and clients take turns in being the first side. */
static unsigned
side_of_caller(uint32_t number)
{
	return number / MANNERS % 2;
}

static void
take_call(struct pairs *p, struct guests *g, unsigned client)
{
	uint8_t token[TX3_TOKEN_LEN];
	uint32_t number;
	struct side *s;
	int fd;

	guests_token(g, client, token);
	fd = guests_come(g, token);
	number = guests_number(fd);
	if (number >= p->n || number % g->n != client)
		errx(1, "client %u has the call %" PRIu32 " of another", client,
		    number);
	s = &p->pair[number].side[1 - side_of_caller(number)];
	if (s->fd != -1)
		errx(1, "the call %" PRIu32 " comes twice", number);
	s->fd = fd;
}

struct pairs *
pairs_new(struct guests *g, const struct pairs_plan *plan)
{
	struct pairs *p = calloc(1, sizeof *p + plan->n * sizeof *p->pair);

	if (p == NULL)
		err(1, "calloc");
	p->n = plan->n;
	for (uint32_t i = 0; i < p->n; i++) {
		prepare(&p->pair[i], plan, i);
		p->pair[i].side[side_of_caller(i)].fd =
		    guests_call(g, i % g->n, i, i);
	}
	for (uint32_t i = 0; i < p->n; i++)
		take_call(p, g, i % g->n);
	return p;
}

struct exchange_result
pairs_run(struct pairs *p)
{
	return exchange_run(p->pair, p->n);
}

void
pairs_free(struct pairs *p)
{
	free(p);
}
