#include "tests/bench/rendezvous.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/now.h"

#define SAMPLES_MAX 262144 /* one client's; 20 s at 13,000 a second */

struct client {
	struct route *route;
	uint64_t end_ns;
	size_t n, max;
	uint64_t *samples_ns; /* SAMPLES_MAX */
	pthread_t thread;
};

struct rendezvous {
	unsigned parallel;
	struct client client[RENDEZVOUS_PARALLEL_MAX];
};

static void *
allocate(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		err(1, "calloc");
	return p;
}

struct rendezvous *
rendezvous_new(const struct route_plan *plan, unsigned parallel)
{
	struct rendezvous *r = allocate(1, sizeof *r);

	r->parallel = parallel;
	for (unsigned i = 0; i < parallel; i++) {
		r->client[i].route = route_new(plan);
		r->client[i].samples_ns =
		    allocate(SAMPLES_MAX, sizeof(uint64_t));
	}
	return r;
}

static void *
meet(void *arg)
{
	struct client *c = arg;
	uint64_t began_ns;

	while (c->n < c->max && (began_ns = now_ns()) < c->end_ns) {
		struct route_ends ends = route_open(c->route);

		c->samples_ns[c->n++] = now_ns() - began_ns;
		route_close(&ends);
	}
	return NULL;
}

static int
by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* All samples in one row, sorted; result->n of them. */
static uint64_t *
sorted(const struct rendezvous *r, struct rendezvous_result *result)
{
	uint64_t *all, *at;

	for (unsigned i = 0; i < r->parallel; i++)
		result->n += r->client[i].n;
	if (result->n == 0)
		errx(1, "not one rendezvous");
	at = all = allocate(result->n, sizeof *all);
	for (unsigned i = 0; i < r->parallel; i++) {
		const struct client *c = &r->client[i];

		memcpy(at, c->samples_ns, c->n * sizeof *at);
		at += c->n;
	}
	qsort(all, result->n, sizeof *all, by_size);
	return all;
}

static void
run_threads(struct rendezvous *r)
{
	for (unsigned i = 0; i < r->parallel; i++) {
		struct client *c = &r->client[i];

		errno = pthread_create(&c->thread, NULL, meet, c);
		if (errno != 0)
			err(1, "pthread_create");
	}
	for (unsigned i = 0; i < r->parallel; i++) {
		errno = pthread_join(r->client[i].thread, NULL);
		if (errno != 0)
			err(1, "pthread_join");
	}
}

struct rendezvous_result
rendezvous_run(struct rendezvous *r, unsigned seconds, uint64_t max)
{
	struct rendezvous_result result = {0};
	uint64_t *all, began_ns = now_ns();

	for (unsigned i = 0; i < r->parallel; i++) {
		r->client[i].end_ns = began_ns + seconds * NS_PER_S;
		r->client[i].max = max < SAMPLES_MAX ? max : SAMPLES_MAX;
	}
	run_threads(r);
	result.ns = now_ns() - began_ns;
	all = sorted(r, &result);
	result.p50_ns = all[result.n / 2];
	result.p99_ns = all[result.n * 99 / 100];
	free(all);
	return result;
}

void
rendezvous_free(struct rendezvous *r)
{
	if (r == NULL)
		return;
	for (unsigned i = 0; i < r->parallel; i++) {
		route_free(r->client[i].route);
		free(r->client[i].samples_ns);
	}
	free(r);
}
