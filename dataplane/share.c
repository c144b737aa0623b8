#include "dataplane/share.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

int
shares_init(struct shares *all, size_t max)
{
	return table_init(&all->by_group, sizeof(uint64_t), max);
}

void
shares_fini(struct shares *all)
{
	assert(all->by_group.n == 0);
	table_fini(&all->by_group);
}

/* Nothing is given for the time before it was there. */
static struct bucket *
bucket_new(uint64_t group, uint64_t now_ms)
{
	struct bucket *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->group = group;
	atomic_init(&b->next_ns, now_ms * NS_PER_MS);
	return b;
}

static struct bucket *
group_bucket(struct shares *all, uint64_t group, uint64_t now_ms)
{
	struct bucket *b = table_find(&all->by_group, &group);
	int saved;

	if (b != NULL)
		return b;
	b = bucket_new(group, now_ms);
	if (b == NULL)
		return NULL;
	if (table_put(&all->by_group, &group, b) == 0) {
		b->listed_in = all;
		return b;
	}
	saved = errno;
	free(b);
	errno = saved;
	return NULL;
}

static void
bucket_leave(struct bucket *b)
{
	if (--b->n_pairs > 0)
		return;
	if (b->listed_in != NULL)
		(void)table_remove(&b->listed_in->by_group, &b->group);
	free(b);
}

int
share_init(struct share *s, struct shares *all, const struct ipc_limits *limits,
    uint64_t now_ms)
{
	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < limits->n_rates; i++) {
		const struct ipc_rate *r = &limits->rates[i];
		struct bucket *b = r->group == IPC_GROUP_OWN
				       ? bucket_new(r->group, now_ms)
				       : group_bucket(all, r->group, now_ms);

		if (b == NULL) {
			int saved = errno;

			share_fini(s);
			errno = saved;
			return -1;
		}
		b->n_pairs++;
		atomic_store_explicit(
		    &b->bytes_per_s, r->bytes_per_s, memory_order_relaxed);
		s->turns[s->n++] =
		    (struct turn){.bucket = b, .want = UINT64_MAX};
	}
	return 0;
}

void
share_fini(struct share *s)
{
	share_give_back(s);
	for (size_t i = 0; i < s->n; i++)
		bucket_leave(s->turns[i].bucket);
	s->n = 0;
}

static uint64_t
at_most(uint64_t n, uint64_t max)
{
	return n < max ? n : max;
}

/* The bytes of a turn, one of n. */
static uint64_t
turn_len(uint64_t bytes_per_s, uint64_t n)
{
	uint64_t whole = bytes_per_s / SHARE_TURNS;
	uint64_t least = at_most(whole, SHARE_TURN_MIN);
	uint64_t len = at_most(whole, whole * SHARE_WHOLE_TURNS / n);

	if (len < least)
		len = least;
	return len > 0 ? len : 1;
}

/* It is used up, or given back. */
static void
turn_over(struct turn *t)
{
	t->left = 0;
	(void)atomic_fetch_sub_explicit(
	    &t->bucket->n_turns, 1, memory_order_relaxed);
}

/* Stand in line; again, if somebody else did so at the same time. */
static void
turn_take(struct turn *t, uint64_t now_ns)
{
	struct bucket *b = t->bucket;
	uint64_t rate =
	    atomic_load_explicit(&b->bytes_per_s, memory_order_relaxed);
	uint64_t next = atomic_load_explicit(&b->next_ns, memory_order_relaxed);
	uint64_t burst_ns = at_most(now_ns, SHARE_BURST_MS * NS_PER_MS);
	uint64_t n =
	    atomic_fetch_add_explicit(&b->n_turns, 1, memory_order_relaxed);

	t->left = t->bytes = at_most(turn_len(rate, n + 1), t->want);
	t->ns = (t->bytes * NS_PER_S + rate - 1) / rate;
	do {
		t->begins_ns =
		    next > now_ns - burst_ns ? next : now_ns - burst_ns;
	} while (!atomic_compare_exchange_weak_explicit(&b->next_ns, &next,
	    t->begins_ns + t->ns, memory_order_relaxed, memory_order_relaxed));
}

uint64_t
share_allowance(struct share *s, uint64_t now_ms)
{
	uint64_t now_ns = now_ms * NS_PER_MS, allowance = UINT64_MAX;

	assert(s->n > 0);
	for (size_t i = 0; i < s->n; i++) {
		struct turn *t = &s->turns[i];

		if (t->left == 0)
			turn_take(t, now_ns);
		allowance =
		    t->begins_ns <= now_ns ? at_most(allowance, t->left) : 0;
	}
	return allowance;
}

uint64_t
share_wait_ms(const struct share *s, uint64_t now_ms)
{
	uint64_t now_ns = now_ms * NS_PER_MS, begin_ns = now_ns;

	for (size_t i = 0; i < s->n; i++)
		if (s->turns[i].left > 0 && s->turns[i].begins_ns > begin_ns)
			begin_ns = s->turns[i].begins_ns;
	return (begin_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
}

void
share_spend(struct share *s, uint64_t n)
{
	for (size_t i = 0; i < s->n; i++) {
		struct turn *t = &s->turns[i];

		assert(n <= t->left);
		t->left -= n;
		if (t->left > 0)
			continue;
		turn_over(t);
		if (t->want < UINT64_MAX / 2)
			t->want *= 2;
	}
}

bool
share_holds(const struct share *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->turns[i].left > 0)
			return true;
	return false;
}

/* Those behind in the line stay where they are; whoever comes next finds it
 * shorter. One who says little does not keep others waiting again for what he
 * would not use: he asks for that much only, until it is too little. */
static void
turn_give_back(struct turn *t)
{
	uint64_t used = t->bytes - t->left;

	if (t->left == 0)
		return;
	(void)atomic_fetch_sub_explicit(&t->bucket->next_ns,
	    t->ns * t->left / t->bytes, memory_order_relaxed);
	turn_over(t);
	t->want = used > SHARE_TURN_MIN ? used : SHARE_TURN_MIN;
}

void
share_give_back(struct share *s)
{
	for (size_t i = 0; i < s->n; i++)
		turn_give_back(&s->turns[i]);
}
