#include "dataplane/account.h"

#include <stdatomic.h>
#include <string.h>

#include "dataplane/node.h"

static void
add_gauges(const struct node *n, uint64_t *figures)
{
	figures[FIGURE_CONNECTIONS] =
	    (uint64_t)n->admissions.n_public + n->admissions.n_local;
	figures[FIGURE_PENDING] = n->pendings.n;
	figures[FIGURE_HELD] = n->n_in[PENDING_HELD];
	figures[FIGURE_PAIRS] = n->pairs.n;
	figures[FIGURE_PARKED] = n->n_in[PENDING_PARKED];
}

static void
add_worker(const struct worker *w, uint64_t *figures)
{
	figures[FIGURE_PIPES] += w->pipes.n;
	figures[FIGURE_BYTES_SPLICED] +=
	    atomic_load_explicit(&w->bytes_spliced, memory_order_relaxed);
	figures[FIGURE_BYTES_COPIED] +=
	    atomic_load_explicit(&w->bytes_copied, memory_order_relaxed);
}

void
account_figures(const struct node *n, uint64_t figures[FIGURE_WIRE_COUNT])
{
	memset(figures, 0, FIGURE_WIRE_COUNT * sizeof *figures);
	memcpy(figures, n->account.counters, sizeof n->account.counters);
	memcpy(figures + FIGURE_PENDING_ENDED, n->account.pending_ended,
	    sizeof n->account.pending_ended);
	memcpy(figures + FIGURE_PAIRS_ENDED, n->account.pairs_ended,
	    sizeof n->account.pairs_ended);
	add_gauges(n, figures);
	for (size_t i = 0; i < n->n_workers; i++)
		add_worker(&n->workers[i], figures);
}
