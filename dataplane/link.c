#include "dataplane/link.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "common/secret.h"
#include "dataplane/ask.h"
#include "dataplane/node.h"

bool
link_in_session(const struct node *n)
{
	return n->link.session != 0;
}

bool
link_proves_session(const struct node *n, const struct ipc_header *h)
{
	return link_in_session(n) && h->to == n->link.epoch &&
	       h->from == n->link.session;
}

bool
link_is_current(const struct node *n, const struct ipc_header *h)
{
	if (h->type != IPC_WELCOME)
		return link_proves_session(n, h);
	return h->to == n->link.epoch && h->from != n->link.lost;
}

void
link_heard(struct node *n)
{
	n->link.heard_ms = loop_now_ms(n->loop);
}

static int
send_now(struct node *n, struct ipc_msg *m)
{
	const uint8_t *p = n->wire;
	size_t len;

	m->from = n->link.epoch;
	m->to = n->link.session;
	len = ipc_encode(m, n->wire, sizeof n->wire);
	assert(len > 0);
	if (sealed_put(&n->sealed, &p, &len) == -1 ||
	    uplink_send(&n->link.up, p, len) == -1) {
		n->account.counters[FIGURE_IPC_QUEUE_FULL]++;
		return -1;
	}
	n->account.counters[FIGURE_IPC_SENT]++;
	return 0;
}

int
link_try_send(struct node *n, struct ipc_msg *m)
{
	return link_in_session(n) ? send_now(n, m) : -1;
}

void
link_send(struct node *n, struct ipc_msg *m)
{
	if (link_in_session(n) && send_now(n, m) == -1)
		link_give_up(n, "the queue of events is full");
}

void
link_give_up(struct node *n, const char *why)
{
	struct link *l = &n->link;

	if (!link_in_session(n))
		return;
	log_warn("control-lost", "session=%016" PRIx64 " why=\"%s\"",
	    l->session, why);
	n->account.counters[FIGURE_CONTROL_LOSSES]++;
	l->lost = l->session;
	l->session = 0;
	sealed_end(&n->sealed);
	silence_begin(n);
	l->losing = true;
	(void)loop_arm(n->loop, &l->tick, 0); /* it is in the heap already */
}

static void
finish_loss(struct node *n)
{
	if (!n->link.losing)
		return;
	n->link.losing = false;
	ask_session_lost(n);
}

/* What waits is of a session that is over, or an older hello. */
static void
send_hello(struct node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_HELLO};
	struct ipc_node_hello *b = &m.u.node_hello;

	uplink_flush(&n->link.up);
	if (!uplink_is_connected(&n->link.up)) {
		silence_unreached(n); /* it would wait there for nobody */
		return;
	}
	(void)stpcpy(b->name, n->config.name); /* its length was checked */
	b->commands = uplink_here(
	    &n->link.up, n->config.commands_advertise, &n->link.commands, true);
	(void)send_now(n, &m); /* the next one follows */
	silence_unanswered(n, &b->commands);
}

void
link_beat(struct node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};
	struct ipc_node_beat *b = &m.u.node_beat;

	b->n_pending = (uint32_t)n->pendings.n;
	b->n_pairs = pairs_n(n);
	b->last_seq = n->releases.next_seq - 1;
	b->flags = stop_is_wanted(n) ? IPC_NODE_DRAINS : 0;
	b->drain_ms = (uint32_t)stop_left_ms(n); /* a day at most */
	b->n_figures = FIGURE_WIRE_COUNT;
	account_figures(n, b->figures);
	n->link.beat_ms = loop_now_ms(n->loop);
	link_send(n, &m);
}

/* A process that stood still finds beats that control sent before it gave us
 * up, and would believe in a session that is over. A beat of margin: to begin
 * anew without need costs nothing. */
static bool
was_silent(const struct node *n)
{
	return loop_now_ms(n->loop) - n->link.beat_ms >=
	       IPC_LOST_MS - IPC_BEAT_MS;
}

/* Both pipelines are asked: a control daemon that was started anew joins our
 * commands only after a hello, so a quick restart shows there. */
static void
check_alive(struct node *n)
{
	const struct link *l = &n->link;

	if (loop_now_ms(n->loop) - l->heard_ms >= IPC_LOST_MS)
		link_give_up(n, "it was silent for 5 s");
	else if (was_silent(n))
		link_give_up(n, "this process stood still");
	else if (nnlink_in_peers(l->in) == 0 || !uplink_is_connected(&l->up))
		link_give_up(n, "its sockets are gone");
}

static void
keep_session(struct node *n)
{
	check_alive(n);
	if (!link_in_session(n))
		return;
	if (n->link.n_ticks++ % LINK_TICKS_PER_BEAT == 0)
		link_beat(n);
	release_tick(n);
	ask_parked(n);
}

static void
on_tick(struct deadline *d, void *arg)
{
	struct node *n = arg;

	if (link_in_session(n))
		keep_session(n);
	finish_loss(n);
	if (!link_in_session(n)) {
		uplink_renew(n);
		send_hello(n);
	}
	(void)loop_arm(n->loop, d, LINK_TICK_MS); /* its place is kept */
}

/* What an earlier start of control had for itself leads nowhere. If its host
 * vanished without a word, nobody but us can tell the clients so soon. */
static void
take_control(struct node *n, uint64_t start)
{
	struct link *l = &n->link;

	for (size_t i = 0; l->control != start && i < n->n_workers; i++)
		worker_end_orphans(&n->workers[i], start);
	l->control = start;
}

static void
send_ready(struct node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_READY};
	struct ipc_node_ready *b = &m.u.node_ready;

	b->first_seq = n->releases.first_seq;
	(void)stpcpy(b->build, "carrick-splice " CARRICK_VERSION);
	if (n->siblings.n > 0)
		b->features |= IPC_FEATURE_SIBLINGS;
	b->accept = uplink_here(
	    &n->link.up, n->config.accept_advertise, &n->accept.bound, false);
	b->n_listeners = (uint8_t)n->n_listeners;
	for (size_t i = 0; i < n->n_listeners; i++)
		b->listeners[i] = n->listeners[i].bound;
	link_send(n, &m);
}

enum command_result
on_welcome(struct node *n, const struct ipc_msg *m)
{
	struct link *l = &n->link;

	if (m->from == l->session)
		return COMMAND_DONE; /* two hellos got the same answer */
	link_give_up(n, "it began a new session");
	finish_loss(n);
	uplink_flush(&l->up);
	if (sealed_begin(&n->sealed, l->epoch, m->from) == -1)
		return COMMAND_DONE; /* no memory: hello again */
	l->session = m->from;
	l->n_ticks = 0;
	l->beat_ms = loop_now_ms(n->loop);
	log_info("session", "session=%016" PRIx64 " control=%s", l->session,
	    log_str(m->u.welcome.build).s);
	take_control(n, m->u.welcome.start);
	send_ready(n);
	/* What is moved from here on is counted from these figures; and before
	 * anybody counts on this node they hear if it drains. */
	link_beat(n);
	release_begin(n);
	ask_parked(n);
	return COMMAND_DONE;
}

enum command_result
on_control_beat(struct node *n, const struct ipc_msg *m)
{
	(void)n;
	(void)m; /* that it came is all it says */
	return COMMAND_DONE;
}

static void
receive(void *arg, const void *p, size_t len)
{
	const uint8_t *message = p;

	if (sealed_take(arg, &message, &len))
		command_receive(arg, message, len);
}

/* An envelope is longer than what it holds. */
static struct nnlink_in *
bind_commands(struct node *n, const char *url)
{
	size_t max_len = n->sealed.on ? SEAL_MSG_CAP : IPC_MSG_CAP;

	(void)nnlink_tcp_addr(&n->link.commands, url); /* or ipc:// */
	return nnlink_in_new(n->loop, url, 0660, max_len, receive, NULL, n);
}

int
link_start(struct node *n, const char *commands_url, const char **why)
{
	struct link *l = &n->link;

	deadline_init(&l->tick, on_tick, n);
	*why = "draw an epoch";
	l->epoch = secret_random_u64();
	if (l->epoch == 0)
		return -1;
	*why = "bind the socket for commands";
	l->in = bind_commands(n, commands_url);
	if (l->in == NULL)
		return -1;
	silence_begin(n);
	*why = "join control's events";
	if (uplink_start(n) == 0 && loop_arm(n->loop, &l->tick, 0) == 0)
		return 0;
	link_stop(n);
	return -1;
}

void
link_stop(struct node *n)
{
	int saved = errno;

	loop_disarm(n->loop, &n->link.tick);
	uplink_stop(n);
	sealed_end(&n->sealed);
	nnlink_in_free(n->link.in);
	n->link.in = NULL;
	errno = saved;
}
