#include "dataplane/pairs.h"

#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "dataplane/link.h"
#include "dataplane/node.h"
#include "dataplane/stop.h"

static void
record(struct node *n, const struct pair *p, uint64_t ms)
{
	void (*say)(const char *event, const char *fmt, ...) LOG_PRINTF =
	    account_may_record(n) ? log_info : log_debug;

	say("pair-ended",
	    "a=%016" PRIx64 " b=%016" PRIx64 " bytes_ab=%" PRIu64
	    " bytes_ba=%" PRIu64 " ms=%" PRIu64 " reason=%s",
	    p->ends[0].conn, p->ends[1].conn, p->legs[0].bytes,
	    p->legs[1].bytes, ms, reason_name(p->reason));
}

static void
report(struct node *n, const struct pair *p)
{
	struct ipc_pair_ended u = {
	    .bytes_ab = p->legs[0].bytes,
	    .bytes_ba = p->legs[1].bytes,
	    /* Two loops' clocks, each read once a round. */
	    .ms = p->ended_ms > p->started_ms ? p->ended_ms - p->started_ms : 0,
	    .reason = (uint8_t)p->reason,
	};

	memcpy(u.tag, p->tag, sizeof u.tag);
	n->account.pairs_ended[p->reason]++;
	record(n, p, u.ms);
	release_pair_ended(n, &u);
}

static void
on_over(void *arg, struct pair *p)
{
	struct node *n = arg;

	LIST_REMOVE(p, listed);
	n->pairs.n--;
	n->pairs.n_awaited -= p->is_awaited;
	p->worker->n_pairs--;
	for (int i = 0; i < 2; i++)
		admission_give(&n->admissions, &p->ends[i].admission);
	report(n, p);
	pair_free(p);
}

static void
on_over_emptied(void *arg)
{
	stop_advance(arg);
}

int
pairs_init(struct node *n)
{
	LIST_INIT(&n->pairs.list);
	n->pairs.n = n->pairs.n_awaited = 0;
	return mailbox_init(
	    &n->pairs.over, n->loop, on_over, on_over_emptied, n);
}

void
pairs_fini(struct node *n)
{
	mailbox_fini(&n->pairs.over);
	LIST_INIT(&n->pairs.list);
	n->pairs.n = n->pairs.n_awaited = 0;
}

static struct worker *
least_loaded(struct node *n)
{
	struct worker *best = &n->workers[0];

	for (size_t i = 1; i < n->n_workers; i++)
		if (n->workers[i].n_pairs < best->n_pairs)
			best = &n->workers[i];
	return best;
}

void
pairs_add(struct node *n, struct pair *p)
{
	LIST_INSERT_HEAD(&n->pairs.list, p, listed);
	n->pairs.n++;
	n->pairs.n_awaited += p->is_awaited;
	n->account.counters[FIGURE_PAIRS_STARTED]++;
	log_debug("pair-started", "a=%016" PRIx64 " b=%016" PRIx64,
	    p->ends[0].conn, p->ends[1].conn);
	worker_take(least_loaded(n), p);
}

static void
send_list(struct node *n, uint32_t ask, const uint8_t *tags, uint16_t n_tags,
    bool last)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};

	m.u.pair_list = (struct ipc_pair_list){
	    .ask = ask,
	    .flags = last ? IPC_PAIR_LIST_LAST : 0,
	    .n_tags = n_tags,
	    .tags = tags,
	};
	link_send(n, &m);
}

enum command_result
on_pair_list_ask(struct node *n, const struct ipc_msg *m)
{
	uint32_t ask = m->u.pair_list_ask.ask;
	uint8_t tags[IPC_LIST_MAX][IPC_TAG_LEN];
	uint16_t n_tags = 0;
	const struct pair *p;

	LIST_FOREACH(p, &n->pairs.list, listed)
	{
		if (n_tags == IPC_LIST_MAX) {
			send_list(n, ask, tags[0], n_tags, false);
			n_tags = 0;
		}
		memcpy(tags[n_tags++], p->tag, IPC_TAG_LEN);
	}
	send_list(n, ask, tags[0], n_tags, true);
	return COMMAND_DONE;
}
