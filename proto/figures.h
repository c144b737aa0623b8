/*
 * figures - what a splice node counts, and sends to control with every
 * heartbeat (NODE_BEAT, proto/IPC.md 4.3) so that control's /metrics can show
 * it: a node has no HTTP. The order is the wire; new figures go to the end.
 */
#ifndef PROTO_FIGURES_H
#define PROTO_FIGURES_H

#include <stdbool.h>

#include "proto/reason.h"

/* id, metric name without its carrick_splice_ prefix, gauge?, help. */
#define FIGURE_TABLE(X)                                                    \
	X(CONNECTIONS, "connections", true, "sockets open now")            \
	X(PENDING, "pending", true, "connections not yet paired")          \
	X(HELD, "held", true, "connections held for a partner")            \
	X(PAIRS, "pairs", true, "pairs being spliced")                     \
	X(PIPES, "pipes", true, "pipes in existence")                      \
	X(ACCEPTED, "accepted_total", false, "connections accepted")       \
	X(ACCEPT_BACKOFFS, "accept_backoffs_total", false,                 \
	    "times accepting paused for want of descriptors")              \
	X(ASKS, "asks_total", false, "CONN_OPEN sent")                     \
	X(LATE_VERDICTS, "late_verdicts_total", false,                     \
	    "verdicts for connections that were gone")                     \
	X(PAIRS_STARTED, "pairs_started_total", false, "pairs started")    \
	X(BYTES_SPLICED, "bytes_spliced_total", false,                     \
	    "bytes moved by splice(2)")                                    \
	X(BYTES_COPIED, "bytes_copied_total", false,                       \
	    "bytes moved through user space: what pairs say first, and "   \
	    "what finds no pipe free")                                     \
	X(IPC_SENT, "ipc_sent_total", false, "IPC messages sent")          \
	X(IPC_RECEIVED, "ipc_received_total", false,                       \
	    "IPC messages received and understood")                        \
	X(IPC_BAD, "ipc_bad_total", false, "IPC messages not understood")  \
	X(IPC_STALE, "ipc_stale_total", false,                             \
	    "IPC messages of another epoch")                               \
	X(IPC_QUEUE_FULL, "ipc_queue_full_total", false,                   \
	    "IPC messages given up because the queue was full")            \
	X(RELEASES_RESENT, "releases_resent_total", false,                 \
	    "release events sent again for want of an ack")                \
	X(CONTROL_LOSSES, "control_losses_total", false,                   \
	    "times the control daemon went away")                          \
	X(PARKED, "parked", true,                                          \
	    "connections that wait until control can be asked about them") \
	X(SEAL_FORGED, "seal_forged_total", false,                         \
	    "sealed IPC messages that did not open")                       \
	X(SEAL_REPEATED, "seal_repeated_total", false,                     \
	    "sealed IPC messages that came before")

enum figure {
#define FIGURE_ENUM(id, name, gauge, help) FIGURE_##id,
	FIGURE_TABLE(FIGURE_ENUM)
#undef FIGURE_ENUM
	    FIGURE_COUNT
};

/*
 * On the wire the figures are followed by two rows of counters by reason
 * (proto/reason.h): how pending connections ended, and how pairs did. Each
 * part has room to grow without moving the next.
 */
enum {
	FIGURE_PENDING_ENDED = 64,
	FIGURE_PAIRS_ENDED = 96,
	FIGURE_WIRE_COUNT = 128
};
_Static_assert(
    (int)FIGURE_COUNT <= (int)FIGURE_PENDING_ENDED, "figures overlap");
_Static_assert((int)REASON_COUNT <= 32, "reasons overlap");

/* figure_name - the metric's name after "carrick_splice_". f < FIGURE_COUNT. */
const char *figure_name(enum figure f);

/* figure_help - one line of help. f < FIGURE_COUNT. */
const char *figure_help(enum figure f);

/* figure_is_gauge - whether it can go down. f < FIGURE_COUNT. */
bool figure_is_gauge(enum figure f);

#endif
