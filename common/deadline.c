#include "common/deadline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAP_FIRST 64 /* deadlines; doubled as needed */

void
deadline_queue_init(struct deadline_queue *q)
{
	memset(q, 0, sizeof *q);
}

void
deadline_queue_fini(struct deadline_queue *q)
{
	for (size_t i = 0; i < q->n; i++)
		q->heap[i]->slot = 0;
	free(q->heap);
	memset(q, 0, sizeof *q);
}

void
deadline_init(struct deadline *d, deadline_fn *fn, void *arg)
{
	d->at_ms = 0;
	d->slot = 0;
	d->fn = fn;
	d->arg = arg;
}

bool
deadline_is_armed(const struct deadline *d)
{
	return d->slot != 0;
}

/* Slots are 1-based, so that the children of i are 2i and 2i + 1. */
static struct deadline *
at(const struct deadline_queue *q, size_t slot)
{
	return q->heap[slot - 1];
}

static void
place(struct deadline_queue *q, size_t slot, struct deadline *d)
{
	q->heap[slot - 1] = d;
	d->slot = slot;
}

static void
sift_up(struct deadline_queue *q, struct deadline *d)
{
	size_t slot = d->slot;

	while (slot > 1 && at(q, slot / 2)->at_ms > d->at_ms) {
		place(q, slot, at(q, slot / 2));
		slot /= 2;
	}
	place(q, slot, d);
}

static void
sift_down(struct deadline_queue *q, struct deadline *d)
{
	size_t slot = d->slot;

	for (;;) {
		size_t child = slot * 2;

		if (child + 1 <= q->n &&
		    at(q, child + 1)->at_ms < at(q, child)->at_ms)
			child++;
		if (child > q->n || at(q, child)->at_ms >= d->at_ms)
			break;
		place(q, slot, at(q, child));
		slot = child;
	}
	place(q, slot, d);
}

static int
make_room(struct deadline_queue *q)
{
	size_t cap = q->cap == 0 ? CAP_FIRST : q->cap * 2;
	struct deadline **heap;

	if (q->n < q->cap)
		return 0;
	heap = reallocarray(q->heap, cap, sizeof *heap);
	if (heap == NULL)
		return -1;
	q->heap = heap;
	q->cap = cap;
	return 0;
}

int
deadline_arm(struct deadline_queue *q, struct deadline *d, uint64_t at_ms)
{
	if (!deadline_is_armed(d)) {
		if (make_room(q) == -1)
			return -1;
		q->n++;
		place(q, q->n, d);
	}
	d->at_ms = at_ms < q->floor_ms ? q->floor_ms : at_ms;
	sift_up(q, d);
	sift_down(q, d);
	return 0;
}

void
deadline_disarm(struct deadline_queue *q, struct deadline *d)
{
	size_t slot = d->slot;
	struct deadline *last;

	if (slot == 0)
		return;
	assert(slot <= q->n && at(q, slot) == d);
	d->slot = 0;
	last = at(q, q->n);
	q->n--;
	if (last == d)
		return;
	place(q, slot, last);
	sift_up(q, last);
	sift_down(q, last);
}

uint64_t
deadline_next_ms(const struct deadline_queue *q)
{
	return q->n > 0 ? q->heap[0]->at_ms : UINT64_MAX;
}

size_t
deadline_run(struct deadline_queue *q, uint64_t now_ms)
{
	size_t n = 0;

	q->floor_ms = now_ms + 1;
	while (deadline_next_ms(q) <= now_ms) {
		struct deadline *d = q->heap[0];

		deadline_disarm(q, d);
		n++;
		d->fn(d, d->arg);
	}
	q->floor_ms = 0;
	return n;
}
