#include "common/replay.h"

#include <string.h>

static uint64_t
bit_of(uint64_t n)
{
	return UINT64_C(1) << (n % 64);
}

static uint64_t *
word_of(struct replay *r, uint64_t n)
{
	return &r->seen[n % REPLAY_WINDOW / 64];
}

bool
replay_is_new(const struct replay *r, uint64_t n)
{
	if (n > r->newest)
		return true;
	if (n == 0 || r->newest - n >= REPLAY_WINDOW)
		return false;
	return (r->seen[n % REPLAY_WINDOW / 64] & bit_of(n)) == 0;
}

/* The numbers between have not come, whatever their places said of numbers a
 * window before. */
static void
advance(struct replay *r, uint64_t n)
{
	if (n - r->newest >= REPLAY_WINDOW)
		memset(r->seen, 0, sizeof r->seen);
	else
		for (uint64_t i = r->newest; i < n; i++)
			*word_of(r, i + 1) &= ~bit_of(i + 1);
	r->newest = n;
}

void
replay_take(struct replay *r, uint64_t n)
{
	if (n > r->newest)
		advance(r, n);
	*word_of(r, n) |= bit_of(n);
}
