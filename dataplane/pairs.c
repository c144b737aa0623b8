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

void
pairs_over(void *arg, struct pair *p)
{
	on_over(arg, p);
	stop_advance(arg);
}

static struct worker *
least_loaded_thread(struct node *n)
{
	struct worker *best = &n->workers[1];

	for (size_t i = 2; i < n->n_workers; i++)
		if (n->workers[i].n_pairs < best->n_pairs)
			best = &n->workers[i];
	return best;
}

void
pairs_outgrown(void *arg, struct pair *p)
{
	p->worker->n_pairs--;
	worker_take(least_loaded_thread(arg), p);
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
	worker_take(&n->workers[0], p); /* p may be gone now */
}

uint32_t
pairs_n(const struct node *n)
{
	return n->pairs.n + n->n_in[PENDING_JOINING];
}

/* A PAIR_LIST that is being filled. */
struct list {
	uint32_t ask;
	uint16_t n_tags;
	uint8_t tags[IPC_LIST_MAX][IPC_TAG_LEN];
};

static void
send_list(struct node *n, struct list *list, bool last)
{
	struct ipc_msg m = {.type = IPC_PAIR_LIST};

	m.u.pair_list = (struct ipc_pair_list){
	    .ask = list->ask,
	    .flags = last ? IPC_PAIR_LIST_LAST : 0,
	    .n_tags = list->n_tags,
	    .tags = list->tags[0],
	};
	link_send(n, &m);
	list->n_tags = 0;
}

static void
list_tag(struct node *n, struct list *list, const uint8_t tag[IPC_TAG_LEN])
{
	if (list->n_tags == IPC_LIST_MAX)
		send_list(n, list, false);
	memcpy(list->tags[list->n_tags++], tag, IPC_TAG_LEN);
}

enum command_result
on_pair_list_ask(struct node *n, const struct ipc_msg *m)
{
	struct list list = {.ask = m->u.pair_list_ask.ask};
	const struct pair *p;
	const struct hop *h;

	LIST_FOREACH(p, &n->pairs.list, listed)
	list_tag(n, &list, p->tag);
	LIST_FOREACH(h, &n->hops, listed)
	list_tag(n, &list, h->tag);
	send_list(n, &list, true);
	return COMMAND_DONE;
}

static const struct pair *
find(const struct node *n, const uint8_t tag[IPC_TAG_LEN])
{
	const struct pair *p;

	LIST_FOREACH(p, &n->pairs.list, listed)
	{
		if (memcmp(p->tag, tag, IPC_TAG_LEN) == 0)
			return p;
	}
	return NULL;
}

enum command_result
on_pair_ask(struct node *n, const struct ipc_msg *m)
{
	const struct pair *p = find(n, m->u.pair_ask.tag);
	struct ipc_msg answer = {.type = IPC_PAIR_HEARD};

	if (p == NULL)
		return COMMAND_DONE;
	memcpy(answer.u.pair_heard.tag, p->tag, IPC_TAG_LEN);
	answer.u.pair_heard.a_ms = worker_heard_ms(p->worker, p, 0);
	answer.u.pair_heard.b_ms = worker_heard_ms(p->worker, p, 1);
	link_send(n, &answer);
	return COMMAND_DONE;
}
