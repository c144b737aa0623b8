#include "tests/unit/dataplane/ask_world.h"

#include <check.h>

#include "common/fd.h"

struct node *n;
int peers[BUDGET_PARKED_SOURCE_MAX + 64];
size_t n_peers;
size_t n_answered;

void
world_begin(const char *const *settings)
{
	n = fixture_begin(settings);
}

void
world_begin_session(const char *const *settings)
{
	n = fixture_session(settings);
}

static void
expect_empty_budget(void)
{
	ck_assert_uint_eq(n->budget.n_asked, 0);
	ck_assert_uint_eq(n->budget.n_parked, 0);
	ck_assert_uint_eq(n->budget.local.n_users, 0);
	ck_assert_uint_eq(n->budget.sources.n, 0);
	ck_assert(TAILQ_EMPTY(&n->budget.turns));
}

void
world_end(void)
{
	while (n_peers > 0)
		fd_close(&peers[--n_peers]);
	pending_close_all(n, REASON_SHUTDOWN);
	fixture_rounds(2);
	expect_empty_budget();
	ck_assert_uint_eq(n->n_in[PENDING_CLOSED], 0);
	fixture_end();
}

void
world_come(uint8_t source, int how_many)
{
	for (; how_many > 0; how_many--) {
		int peer = fixture_arrive(source == 0, source);

		peers[n_peers++] = peer;
		sockets_put(peer, "x", 1);
	}
	fixture_rounds(40); /* libevent reports so many at a time */
}

void
world_answer_one(void)
{
	size_t n_opens = fixture_count(IPC_CONN_OPEN);

	fixture_drop(fixture_event(IPC_CONN_OPEN, n_opens - 1 - n_answered++)
			 ->u.conn_open.conn,
	    0, IPC_DROP_RESET, "");
	fixture_rounds(2);
}
