/*
 * account - what a node counts. The order of the figures, and what each means,
 * is proto/figures.h's.
 */
#ifndef DATAPLANE_ACCOUNT_H
#define DATAPLANE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/rate.h"
#include "proto/addr.h"
#include "proto/figures.h"
#include "proto/reason.h"

#define ACCOUNT_RECORDS_PER_S 100   /* in the log, of what strangers cause */
#define ACCOUNT_RECORDS_BURST 1000  /* a restart of control ends so many */
#define ACCOUNT_SOURCE_MS     60000 /* ms between records of full sources */

struct node;

/* Counters of the main thread; gauges and what workers count are added when
 * the figures are asked for. */
struct account {
	uint64_t counters[FIGURE_COUNT];
	uint64_t pending_ended[REASON_COUNT];
	uint64_t pairs_ended[REASON_COUNT];
	struct rate records;
	uint64_t n_unrecorded;	/* since the bucket was empty */
	uint64_t source_due_ms; /* when the next full source may be told */
};

/* account_init - nothing is counted yet. */
void account_init(struct account *a, uint64_t now_ms);

/*
 * account_may_record - whether one more end of a connection or a pair may be
 * logged at info level. Whoever connects causes such ends, as many as he likes,
 * and a log that is written slower than that would stop the main thread: so
 * they have a bucket, and beyond it they are for the debug level. The figures
 * count all of them.
 */
bool account_may_record(struct node *n);

/*
 * account_tell_source - somebody was turned away because of a limit of his
 * source: say so, with the keys of splice.yml to change, since many may be
 * behind that source. One record in ACCOUNT_SOURCE_MS; the figures count all.
 *
 * why      LIMIT_SOURCE or LIMIT_ASKS.
 */
void
account_tell_source(struct node *n, const struct addr *remote, enum reason why);

/* account_figures - all figures as NODE_BEAT carries them. */
void account_figures(const struct node *n, uint64_t figures[FIGURE_WIRE_COUNT]);

#endif
