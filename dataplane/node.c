#include "dataplane/node.h"

#include <stdlib.h>

#include "common/secret.h"

static int
init_tables(struct node *n)
{
	const struct config *c = &n->config;
	const uint32_t max_of[ADMISSION_KINDS] = {
	    [ADMISSION_PUBLIC] = c->max_connections,
	    [ADMISSION_LOCAL] = c->max_local_connections,
	    [ADMISSION_ACCEPT] = config_max_accepts(c),
	    [ADMISSION_SIBLING] = config_max_siblings(c),
	};
	size_t max = 0;

	for (int kind = 0; kind < ADMISSION_KINDS; kind++)
		max += max_of[kind];
	if (admissions_init(&n->admissions, max_of,
		c->max_connections_per_source, &c->trusted_proxies) == -1)
		return -1;
	if (table_init(&n->pendings, sizeof n->next_conn, max) == -1)
		return -1;
	/* Of two connections a pair is made, and names so many groups. */
	if (shares_init(&n->shares, max * IPC_RATES_MAX / 2 + 1) == -1)
		return -1;
	return budget_init(
	    &n->budget, c->max_asks, c->max_asks_per_source, max);
}

/* The pool is shared out evenly; what is left over goes to the first ones. */
static int
init_workers(struct node *n)
{
	const struct worker_home home = {
	    n->loop, pairs_over, pairs_outgrown, n};
	size_t n_threads = config_n_workers(&n->config);
	size_t n_pipes = config_n_pipes(&n->config);

	n->workers = calloc(1 + n_threads, sizeof *n->workers);
	if (n->workers == NULL || worker_init_main(&n->workers[0], &home) == -1)
		return -1;
	n->n_workers = 1;
	for (size_t i = 0; i < n_threads; i++) {
		size_t share = n_pipes / n_threads + (i < n_pipes % n_threads);

		if (worker_init(&n->workers[1 + i], &n->pairs.over, share,
			n->config.pipe_bytes) == -1)
			return -1;
		n->n_workers++;
	}
	return 0;
}

int
node_init(struct node *n)
{
	releases_init(&n->releases);
	LIST_INIT(&n->hops);
	config_siblings(&n->config, &n->siblings);
	stop_init(n);
	n->loop = loop_new();
	if (n->loop == NULL)
		return -1;
	account_init(&n->account, loop_now_ms(n->loop));
	n->next_conn = secret_random_u64();
	if (n->next_conn == 0 || init_tables(n) == -1 || pairs_init(n) == -1)
		return -1;
	return init_workers(n);
}

int
node_start_workers(struct node *n)
{
	for (size_t i = 0; i < n->n_workers; i++)
		if (worker_start(&n->workers[i]) == -1)
			return -1;
	return 0;
}

void
node_fini(struct node *n)
{
	listeners_close(n);
	for (size_t i = 0; i < n->n_workers; i++)
		worker_fini(&n->workers[i]);
	free(n->workers);
	n->workers = NULL;
	n->n_workers = 0;
	if (n->loop == NULL) {
		sealed_free(&n->sealed);
		return;
	}
	stop_fini(n);
	if (n->pendings.buckets != NULL)
		pending_close_all(n, REASON_SHUTDOWN);
	link_stop(n);
	sealed_free(&n->sealed);
	pairs_fini(n);
	loop_free(n->loop); /* frees the closed connections */
	n->loop = NULL;
	releases_fini(&n->releases);
	if (n->shares.by_group.buckets != NULL)
		shares_fini(&n->shares);
	if (n->budget.sources.buckets != NULL)
		budget_fini(&n->budget);
	if (n->pendings.buckets != NULL)
		table_fini(&n->pendings);
	if (n->admissions.sources.counts.buckets != NULL)
		admissions_fini(&n->admissions);
}
