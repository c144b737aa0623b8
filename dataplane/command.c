#include "dataplane/command.h"

#include "common/log.h"
#include "dataplane/drop.h"
#include "dataplane/hold.h"
#include "dataplane/hop.h"
#include "dataplane/join.h"
#include "dataplane/link.h"
#include "dataplane/node.h"
#include "dataplane/pairs.h"
#include "dataplane/preamble.h"
#include "dataplane/release.h"

static command_fn *const HANDLERS[IPC_TYPE_MAX + 1] = {
    [IPC_WELCOME] = on_welcome,
    [IPC_CONTROL_BEAT] = on_control_beat,
    [IPC_RELEASE_ACK] = on_release_ack,
    [IPC_BYE_ACK] = on_bye_ack,
    [IPC_DRAIN] = on_drain,
    [IPC_CONN_WAIT] = on_conn_wait,
    [IPC_CONN_HOLD] = on_conn_hold,
    [IPC_CONN_PAIR] = on_conn_pair,
    [IPC_CONN_JOIN] = on_conn_join,
    [IPC_CONN_DROP] = on_conn_drop,
    [IPC_PAIR_ASK] = on_pair_ask,
    [IPC_PAIR_LIST_ASK] = on_pair_list_ask,
};

struct pending *
command_find(struct node *n, uint64_t conn)
{
	struct pending *p = pending_find(n, conn);

	if (p == NULL)
		n->account.counters[FIGURE_LATE_VERDICTS]++;
	return p;
}

void
command_receive(struct node *n, const void *p, size_t len)
{
	struct ipc_header h;
	struct ipc_msg m;

	if (ipc_decode_header(&h, p, len) != PARSE_OK) {
		n->account.counters[FIGURE_IPC_BAD]++;
		return; /* it may be anybody's */
	}
	if (!link_is_current(n, &h)) {
		n->account.counters[FIGURE_IPC_STALE]++;
		return;
	}
	if (ipc_decode(&m, p, len, IPC_COMMAND) != PARSE_OK) {
		n->account.counters[FIGURE_IPC_BAD]++;
		if (link_proves_session(n, &h))
			link_give_up(n, "a command was not understood");
		return;
	}
	n->account.counters[FIGURE_IPC_RECEIVED]++;
	link_heard(n);
	if (HANDLERS[m.type](n, &m) == COMMAND_DONE)
		return;
	n->account.counters[FIGURE_IPC_BAD]++;
	log_warn("command-impossible", "message=%s", ipc_type_name(m.type));
	link_give_up(n, "a command was impossible");
}
