#include "tests/unit/dataplane/movers.h"

#include <check.h>

struct shares shares;

struct mover movers[MOVERS];

void
movers_set_up(void)
{
	ck_assert_int_eq(shares_init(&shares, 4), 0);
	for (int i = 0; i < MOVERS; i++)
		movers[i] = (struct mover){.most = UINT64_MAX};
}

void
movers_tear_down(void)
{
	for (int i = 0; i < MOVERS; i++)
		share_fini(&movers[i].share);
	shares_fini(&shares);
}

int
mover_join(struct share *s, uint64_t own, uint64_t group, uint64_t bytes_per_s)
{
	struct ipc_limits limits = {0};

	if (own > 0)
		limits.rates[limits.n_rates++] =
		    (struct ipc_rate){IPC_GROUP_OWN, own};
	if (bytes_per_s > 0)
		limits.rates[limits.n_rates++] =
		    (struct ipc_rate){group, bytes_per_s};
	return share_init(s, &shares, &limits, BEGIN_MS);
}

void
movers_join(int n, uint64_t bytes_per_s)
{
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(
		    mover_join(&movers[i].share, 0, 7, bytes_per_s), 0);
}

static void
move(struct mover *m, uint64_t now_ms)
{
	uint64_t left = m->most, n;

	while (left > 0 && (n = share_allowance(&m->share, now_ms)) > 0) {
		n = n < left ? n : left;
		share_spend(&m->share, n);
		m->moved += n;
		left -= n;
	}
	if (left == 0)
		m->wake_ms = now_ms + 1;
	else
		m->wake_ms =
		    now_ms + share_wait_ms(&m->share, now_ms) + m->late_ms;
}

uint64_t
movers_run(int n, uint64_t from_ms, uint64_t until_ms)
{
	uint64_t moved = 0;

	for (uint64_t now_ms = from_ms; now_ms < until_ms; now_ms++)
		for (int i = 0; i < n; i++)
			if (movers[i].wake_ms <= now_ms)
				move(&movers[i], now_ms);
	for (int i = 0; i < n; i++)
		moved += movers[i].moved;
	return moved;
}

void
assert_about(uint64_t n, uint64_t expected, unsigned percent)
{
	ck_assert_uint_ge(n, expected - expected / 100 * percent);
	ck_assert_uint_le(n, expected + expected / 100 * percent);
}

void
assert_fair(int n)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (int i = 0; i < n; i++) {
		least = movers[i].moved < least ? movers[i].moved : least;
		most = movers[i].moved > most ? movers[i].moved : most;
	}
	ck_assert_msg(10 * most <= 11 * least + 10, "least %llu, most %llu",
	    (unsigned long long)least, (unsigned long long)most);
}
