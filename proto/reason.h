/*
 * reason - why a connection or a pair ended in a splice node. The numbers
 * travel in CONN_GONE, PAIR_REFUSED and PAIR_ENDED (proto/IPC.md, 7) and
 * never change; the names stand in logs and metrics.
 */
#ifndef PROTO_REASON_H
#define PROTO_REASON_H

#include <stdbool.h>
#include <stdint.h>

/* Number, name, what it means: one row a reason, in the order of numbers. */
#define REASON_TABLE(X)                                                      \
	X(0, NONE, "none", "not ended")                                      \
	X(1, FINISHED, "finished", "both sides ended in an orderly way")     \
	X(2, PAIRED, "paired", "a pending connection became half of a pair") \
	X(3, DROPPED, "dropped", "control said so")                          \
	X(4, PEER_FIN, "peer_fin", "the peer ended its side while pending")  \
	X(5, RESET, "reset", "one side reset the connection")                \
	X(6, PREAMBLE_TIMEOUT, "preamble_timeout",                           \
	    "the first bytes did not come in time")                          \
	X(7, ASK_TIMEOUT, "ask_timeout", "control did not answer in time")   \
	X(8, HELD_TIMEOUT, "held_timeout", "held, and nobody came for it")   \
	X(9, IDLE_TIMEOUT, "idle_timeout",                                   \
	    "a pair moved no byte for too long")                             \
	X(10, LIMIT_CONNECTIONS, "limit_connections",                        \
	    "max_connections was reached")                                   \
	X(11, LIMIT_SOURCE, "limit_source",                                  \
	    "max_connections_per_source was reached")                        \
	X(12, LIMIT_ASKS, "limit_asks", "too many unanswered asks")          \
	X(13, NO_CONTROL, "no_control", "no control daemon was there")       \
	X(14, CONTROL_LOST, "control_lost",                                  \
	    "the control daemon that held it went away")                     \
	X(15, PARTNER_GONE, "partner_gone",                                  \
	    "the other half of its pair was gone already")                   \
	X(16, SHUTDOWN, "shutdown", "the splice node ends")                  \
	X(17, RESOURCES, "resources", "no memory or no descriptor was left") \
	X(18, IO_ERROR, "io_error", "a system call failed unexpectedly")     \
	X(19, DRAINED, "drained",                                            \
	    "its splice node was drained, and the time for that was over")   \
	X(20, SIBLING_UNLISTED, "sibling_unlisted",                          \
	    "siblings does not list the address it was to join")             \
	X(21, SIBLING_UNREACHED, "sibling_unreached",                        \
	    "its sibling could not be reached, or not in time")

enum reason {
#define REASON_ENUM(number, id, name, help) REASON_##id = (number),
	REASON_TABLE(REASON_ENUM)
#undef REASON_ENUM
	    REASON_COUNT
};

/* reason_name - its name for logs and metrics; "unknown" if v is no reason. */
const char *reason_name(unsigned v);

/* reason_help - one line that says what it means; "" if v is no reason. */
const char *reason_help(unsigned v);

#endif
