#include "dataplane/account.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "common/log.h"
#include "dataplane/node.h"

void
account_init(struct account *a, uint64_t now_ms)
{
	memset(a, 0, sizeof *a);
	rate_init(
	    &a->records, ACCOUNT_RECORDS_PER_S, ACCOUNT_RECORDS_BURST, now_ms);
}

/* Said once the rush is over, not at each token of it. */
static void
tell_unrecorded(struct account *a, uint64_t tokens)
{
	if (a->n_unrecorded == 0 || tokens < ACCOUNT_RECORDS_PER_S)
		return;
	log_warn("records-left-out",
	    "n=%" PRIu64 " hint=\"more than %d ends a second are not logged "
	    "at level info; the figures count them\"",
	    a->n_unrecorded, ACCOUNT_RECORDS_PER_S);
	a->n_unrecorded = 0;
}

bool
account_may_record(struct node *n)
{
	struct account *a = &n->account;
	uint64_t tokens = rate_available(&a->records, loop_now_ms(n->loop));

	if (tokens == 0) {
		a->n_unrecorded++;
		return false;
	}
	tell_unrecorded(a, tokens);
	rate_take(&a->records, 1);
	return true;
}

void
account_tell_source(struct node *n, const struct addr *remote, enum reason why)
{
	struct account *a = &n->account;
	uint64_t now_ms = loop_now_ms(n->loop);

	if (now_ms < a->source_due_ms)
		return;
	a->source_due_ms = now_ms + ACCOUNT_SOURCE_MS;
	log_warn("source-limit",
	    "remote=%s reason=%s key=%s,trusted_proxies hint=\"more room for "
	    "each source, or for a balancer with many behind it\"",
	    log_addr(remote).s, reason_name(why),
	    why == REASON_LIMIT_SOURCE ? "max_connections_per_source"
				       : "max_asks_per_source");
}

static void
add_gauges(const struct node *n, uint64_t *figures)
{
	for (int kind = 0; kind < ADMISSION_KINDS; kind++)
		figures[FIGURE_CONNECTIONS] += n->admissions.n[kind];
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
