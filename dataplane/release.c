#include "dataplane/release.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "dataplane/link.h"
#include "dataplane/node.h"
#include "dataplane/stop.h"

#define RING_FIRST 64 /* releases; doubled as needed */

void
releases_init(struct releases *r)
{
	memset(r, 0, sizeof *r);
	r->first_seq = r->unsent_seq = r->next_seq = 1;
}

void
releases_fini(struct releases *r)
{
	free(r->ring);
	releases_init(r);
}

static struct release *
at(const struct releases *r, uint64_t seq)
{
	return &r->ring[seq & (r->cap - 1)];
}

static int
grow(struct releases *r)
{
	size_t cap = r->cap == 0 ? RING_FIRST : r->cap * 2;
	struct release *ring = calloc(cap, sizeof *ring);

	if (ring == NULL)
		return -1;
	for (uint64_t seq = r->first_seq; seq < r->next_seq; seq++)
		ring[seq & (cap - 1)] = *at(r, seq);
	free(r->ring);
	r->ring = ring;
	r->cap = cap;
	return 0;
}

/* Beyond the bound, or without memory, the oldest goes: PAIR_LIST of a new
 * session mends the difference. */
static void
forget_oldest(struct node *n)
{
	struct releases *r = &n->releases;

	r->first_seq++;
	if (r->unsent_seq < r->first_seq)
		r->unsent_seq = r->first_seq;
	link_give_up(n, "too many releases were not acknowledged");
}

/* The place of a new one; NULL: there is no memory for the very first. */
static struct release *
append(struct node *n, uint64_t *seq)
{
	struct releases *r = &n->releases;
	size_t len = (size_t)(r->next_seq - r->first_seq);

	if (len == r->cap && (len == IPC_RELEASES_MAX || grow(r) == -1)) {
		if (len == 0) {
			link_give_up(n, "no memory for a release");
			return NULL;
		}
		forget_oldest(n);
	}
	*seq = r->next_seq++;
	return at(r, *seq);
}

static int
send_one(struct node *n, const struct release *release)
{
	struct ipc_msg m = {.type = release->type};

	memcpy(&m.u, &release->u, sizeof release->u);
	return link_try_send(n, &m);
}

/* As many as the window and the pipeline take; the rest at an ack or tick. */
static void
send_unsent(struct node *n)
{
	struct releases *r = &n->releases;

	if (r->unsent_seq == r->first_seq)
		r->moved_ms = loop_now_ms(n->loop);
	while (link_in_session(n) && r->unsent_seq < r->next_seq &&
	       r->unsent_seq - r->first_seq < RELEASE_WINDOW &&
	       send_one(n, at(r, r->unsent_seq)) == 0)
		r->unsent_seq++;
}

void
release_conn_gone(struct node *n, uint64_t conn, enum reason why)
{
	uint64_t seq;
	struct release *release = append(n, &seq);

	if (release == NULL)
		return;
	release->type = IPC_CONN_GONE;
	release->u.conn_gone = (struct ipc_conn_gone){
	    .seq = seq, .conn = conn, .reason = (uint8_t)why};
	send_unsent(n);
}

void
release_pair_refused(struct node *n, const struct ipc_pair_refused *u)
{
	uint64_t seq;
	struct release *release = append(n, &seq);

	if (release == NULL)
		return;
	release->type = IPC_PAIR_REFUSED;
	release->u.pair_refused = *u;
	release->u.pair_refused.seq = seq;
	send_unsent(n);
}

void
release_pair_ended(struct node *n, const struct ipc_pair_ended *u)
{
	uint64_t seq;
	struct release *release = append(n, &seq);

	if (release == NULL)
		return;
	release->type = IPC_PAIR_ENDED;
	release->u.pair_ended = *u;
	release->u.pair_ended.seq = seq;
	send_unsent(n);
}

bool
releases_are_heard(const struct releases *r)
{
	return r->first_seq == r->next_seq;
}

void
release_begin(struct node *n)
{
	n->releases.unsent_seq = n->releases.first_seq;
	send_unsent(n);
}

void
release_tick(struct node *n)
{
	struct releases *r = &n->releases;
	uint64_t now_ms = loop_now_ms(n->loop);

	if (r->unsent_seq > r->first_seq &&
	    now_ms - r->moved_ms >= IPC_RESEND_MS) {
		n->account.counters[FIGURE_RELEASES_RESENT] +=
		    r->unsent_seq - r->first_seq;
		r->unsent_seq = r->first_seq;
	}
	send_unsent(n);
}

enum command_result
on_release_ack(struct node *n, const struct ipc_msg *m)
{
	struct releases *r = &n->releases;
	uint64_t seq = m->u.release_ack.seq;

	if (seq >= r->next_seq)
		return COMMAND_MALFORMED;
	if (seq < r->first_seq)
		return COMMAND_DONE; /* of one that was sent twice */
	r->first_seq = seq + 1;
	if (r->unsent_seq < r->first_seq)
		r->unsent_seq = r->first_seq;
	r->moved_ms = loop_now_ms(n->loop);
	send_unsent(n);
	stop_advance(n);
	return COMMAND_DONE;
}
