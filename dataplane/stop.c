#include "dataplane/stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "common/notify.h"
#include "dataplane/link.h"
#include "dataplane/node.h"

/* A step took too long: the end does not wait for it. */
static void
on_deadline(struct deadline *d, void *arg)
{
	struct node *n = arg;

	(void)d;
	log_warn("stop-overdue", "pairs=%" PRIu32 " bye_said=%d", n->pairs.n,
	    n->stop.said_bye);
	loop_stop(n->loop);
}

void
stop_init(struct node *n)
{
	n->stop.wanted = n->stop.said_bye = false;
	deadline_init(&n->stop.deadline, on_deadline, n);
}

void
stop_begin(void *node)
{
	struct node *n = node;

	if (n->stop.wanted)
		_exit(EXIT_FAILURE); /* asked twice: not in good order */
	n->stop.wanted = true;
	log_info("stopping", "pending=%zu pairs=%" PRIu32, n->pendings.n,
	    n->pairs.n);
	(void)notify_manager("STOPPING=1"); /* nobody has to listen */
	listeners_close(n);
	pending_close_all(n, REASON_SHUTDOWN);
	for (size_t i = 0; i < n->n_workers; i++)
		worker_end_pairs(&n->workers[i]);
	if (loop_arm(n->loop, &n->stop.deadline, STOP_PAIRS_MS) == -1)
		loop_stop(n->loop);
	else
		stop_advance(n);
}

static void
say_bye(struct node *n)
{
	struct ipc_msg m = {.type = IPC_NODE_BYE};

	n->stop.said_bye = true;
	m.u.node_bye.reason = REASON_SHUTDOWN;
	link_send(n, &m);
	if (!link_in_session(n) ||
	    loop_arm(n->loop, &n->stop.deadline, IPC_BYE_TIMEOUT_MS) == -1)
		loop_stop(n->loop);
}

void
stop_advance(struct node *n)
{
	if (n->stop.wanted && !n->stop.said_bye && n->pairs.n == 0)
		say_bye(n);
}

enum command_result
on_bye_ack(struct node *n, const struct ipc_msg *m)
{
	(void)m;
	if (!n->stop.said_bye)
		return COMMAND_MALFORMED;
	loop_stop(n->loop);
	return COMMAND_DONE;
}
