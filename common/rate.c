#include "common/rate.h"

#include <assert.h>

void
rate_init(struct rate *r, uint64_t per_s, uint64_t burst, uint64_t now_ms)
{
	r->per_s = per_s;
	r->burst = burst;
	r->tokens = burst;
	r->rest = 0;
	r->at_ms = now_ms;
}

static void
fill(struct rate *r)
{
	r->tokens = r->burst;
	r->rest = 0;
}

/* A long pause at a high rate goes beyond 64 bits: the bucket is full then. */
static void
refill(struct rate *r, uint64_t now_ms)
{
	uint64_t elapsed_ms = now_ms > r->at_ms ? now_ms - r->at_ms : 0;
	uint64_t thousandths;

	r->at_ms = now_ms;
	if (__builtin_mul_overflow(elapsed_ms, r->per_s, &thousandths) ||
	    __builtin_add_overflow(thousandths, r->rest, &thousandths) ||
	    thousandths / 1000 >= r->burst - r->tokens) {
		fill(r);
		return;
	}
	r->tokens += thousandths / 1000;
	r->rest = thousandths % 1000;
}

uint64_t
rate_available(struct rate *r, uint64_t now_ms)
{
	if (r->per_s == 0)
		return UINT64_MAX;
	refill(r, now_ms);
	return r->tokens;
}

void
rate_take(struct rate *r, uint64_t n)
{
	if (r->per_s == 0)
		return;
	assert(n <= r->tokens);
	r->tokens -= n;
}

uint64_t
rate_wait_ms(struct rate *r, uint64_t n, uint64_t now_ms)
{
	uint64_t available = rate_available(r, now_ms);
	uint64_t missing;

	if (available >= n)
		return 0;
	if (__builtin_mul_overflow(n - available, 1000, &missing))
		missing = UINT64_MAX;
	missing -= r->rest;
	return missing / r->per_s + (missing % r->per_s != 0);
}
