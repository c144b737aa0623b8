/*
 * hop - the one connection that a splice node opens: to a sibling's accept
 * listener, for a connection whose partner is there. It says the ticket that
 * control gave, and the two are a pair like every other.
 *
 * From the command on it counts as a pair, so that each tag has one end,
 * PAIR_REFUSED or PAIR_ENDED, and PAIR_LIST names it until then.
 */
#ifndef DATAPLANE_HOP_H
#define DATAPLANE_HOP_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "dataplane/admission.h"
#include "dataplane/command.h"
#include "dataplane/siblings.h"
#include "proto/ipc.h"

/* Until it is connected; its pending connection's, which has the deadline. */
struct hop {
	struct pending *pending;
	LIST_ENTRY(hop) listed;
	struct addr addr;
	enum sibling_listing listing;
	int fd;
	struct event *event;
	struct admission admission;
	uint16_t skip;
	uint8_t ticket[IPC_TICKET_LEN];
	uint8_t tag[IPC_TAG_LEN];
	struct ipc_limits limits;
	size_t say_len;
	uint8_t say[];
};

LIST_HEAD(hop_list, hop);

/* hop_end - its pending connection ends: for PAIRED without a word, for any
 * other reason control is told that there will be no pair. p->hop is freed. */
void hop_end(struct pending *p, enum reason why);

/* on_conn_join - proto/IPC.md, 4.2. */
command_fn on_conn_join;

#endif
