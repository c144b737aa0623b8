/*
 * counters - what control counts: one table for each kind of end, so that the
 * name in a log record, the label in /metrics and the key in /status are the
 * same word and come from the same row.
 */
#ifndef CONTROL_COUNTERS_H
#define CONTROL_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/reason.h"

/* Why a connection was not let in. id, name, what it means. */
#define REFUSAL_TABLE(X)                                                    \
	X(NONE, "none", "not refused")                                      \
	X(NOBODY, "nobody", "its first bytes name nobody who is here")      \
	X(SHORT, "short", "it ended before its first bytes were there")     \
	X(PROXY_HEADER, "proxy_header",                                     \
	    "a source of trusted_proxies, and no PROXY header")             \
	X(PROXY_UNTRUSTED, "proxy_untrusted",                               \
	    "a PROXY header from a source not in trusted_proxies")          \
	X(TICKET, "ticket", "a local connection without a valid ticket")    \
	X(OTHER_NODE, "other_node",                                         \
	    "a token or ticket at another node than its partner")           \
	X(LIMIT_STREAMS, "limit_streams", "max_control_streams")            \
	X(LIMIT_STREAMS_SOURCE, "limit_streams_source",                     \
	    "max_control_streams_per_source")                               \
	X(LIMIT_STREAMS_NODE, "limit_streams_node",                         \
	    "half of max_control_streams are of one of several nodes")      \
	X(LIMIT_HANDSHAKES, "limit_handshakes", "max_handshakes")           \
	X(LIMIT_HANDSHAKES_SOURCE, "limit_handshakes_source",               \
	    "max_handshakes_per_source")                                    \
	X(LIMIT_HANDSHAKES_NODE, "limit_handshakes_node",                   \
	    "half of max_handshakes are of one of several nodes")           \
	X(LIMIT_CLIENT, "limit_client", "max_relays_per_client")            \
	X(LIMIT_WAITING, "limit_waiting",                                   \
	    "four times max_relays_per_client wait for one client")         \
	X(LIMIT_WAITING_SOURCE, "limit_waiting_source",                     \
	    "max_relays_per_client of one source wait for one client")      \
	X(DRAINING, "draining", "a control stream over a node that drains") \
	X(TIMEOUT, "timeout", "its node never told how its wait ended")     \
	X(RESOURCES, "resources", "no memory, descriptor or randomness")

/* How a control stream, or its handshake, ended. */
#define STREAM_END_TABLE(X)                                              \
	X(CLOSED, "closed", "the client closed it")                      \
	X(BROKEN, "broken", "the connection or its TLS broke")           \
	X(SENT_BYTES, "sent_bytes", "the client wrote on it")            \
	X(REPLACED, "replaced", "a newer one has the same certificate")  \
	X(SLOW, "slow", "the client does not read its notices")          \
	X(TIMEOUT, "timeout", "the handshake was not done in time")      \
	X(ACCEPT_SOCKET, "accept_socket",                                \
	    "its node's accept socket could not be reached")             \
	X(GONE, "gone", "the connection went before it was paired")      \
	X(REFUSED, "refused", "the node could not pair it")              \
	X(NODE_LOST, "node_lost", "its node went before it was paired")  \
	X(DRAINED, "drained", "its node drains, and others do not")      \
	X(TLS_VERSION, "tls_version", "the client's TLS is too old")     \
	X(TLS_CERTIFICATE, "tls_certificate",                            \
	    "the client showed no certificate")                          \
	X(TLS_PROOF, "tls_proof",                                        \
	    "the client's certificate came without its key")             \
	X(TLS_ALPN, "tls_alpn", "the client wants an unknown protocol")  \
	X(TLS_OTHER, "tls_other", "the handshake failed otherwise")      \
	X(DIGEST, "digest", "the client's digest can't be registered")   \
	X(TOKEN, "token", "the client has not the relay's token")        \
	X(DUPLICATE, "duplicate",                                        \
	    "another has the same certificate, and is there")            \
	X(FULL, "full", "the client was told that the relay is full")    \
	X(INVITED, "invited", "the client was sent on to a session")     \
	X(ABSENT, "absent", "the client was told that nobody is there")  \
	X(SILENT, "silent", "nothing came from the client for too long") \
	X(PROTOCOL, "protocol", "the client does not know the protocol") \
	X(RESOURCES, "resources", "no memory, descriptor or randomness") \
	X(SHUTDOWN, "shutdown", "control ends")

/* How a call - a peer that waits for its client - ended. */
#define CALL_END_TABLE(X)                                               \
	X(PAIRED, "paired", "the client came for it")                   \
	X(PEER_GONE, "peer_gone", "the peer left")                      \
	X(EXPIRED, "expired", "the client did not come in time")        \
	X(NO_TURN, "no_turn",                                           \
	    "held to its deadline behind others, never announced")      \
	X(NO_CLIENT, "no_client",                                       \
	    "control had just begun, and the client did not come back") \
	X(CLIENT_GONE, "client_gone", "the client's stream ended")      \
	X(OTHER_NODE, "other_node", "the client came at another node")  \
	X(NOT_JOINED, "not_joined",                                     \
	    "the client came at another node, which could not join it") \
	X(NODE_LOST, "node_lost", "the peer's node was lost")           \
	X(RESOURCES, "resources", "no memory")                          \
	X(SHUTDOWN, "shutdown", "control ends")

/* Why an event from a node was not believed. */
#define EVENT_DROP_TABLE(X)                                                  \
	X(MALFORMED, "malformed", "not understood")                          \
	X(STALE, "stale", "of another session or nobody's")                  \
	X(NODE_LIMIT, "node_limit", "max_splice_nodes")                      \
	X(NODE_NAME, "node_name", "a name whose socket can't be used")       \
	X(NODE_LINK, "node_link", "no pipeline to its commands can be made") \
	X(NODE_UNLISTED, "node_unlisted", "a name in no entry of nodes")     \
	X(NODE_NETWORK, "node_network",                                      \
	    "an address outside its entry's networks")                       \
	X(NODE_ELSEWHERE, "node_elsewhere",                                  \
	    "a name whose session, or newest link, is at another address")   \
	X(SEAL_FORM, "seal_form", "no envelope")                             \
	X(SEAL_FORGED, "seal_forged", "does not open under its key")         \
	X(SEAL_REPEATED, "seal_repeated", "sealed, and came before")         \
	X(CONN_UNKNOWN, "conn_unknown", "names no connection of its node")   \
	X(CONN_TWICE, "conn_twice", "opens a connection that is open")       \
	X(CONN_LIMIT, "conn_limit", "too many connections of one node")      \
	X(CONN_STATE, "conn_state", "not asked of this connection")          \
	X(SEQ_GAP, "seq_gap", "a release behind a missing one")              \
	X(SEQ_AGAIN, "seq_again", "a release that came before")              \
	X(TAG_UNKNOWN, "tag_unknown", "names no pair of its node")           \
	X(TAG_BAD, "tag_bad", "a tag that control can't have given")         \
	X(PAIR_LIMIT, "pair_limit", "too many pairs")                        \
	X(LIST_OLD, "list_old", "answers no ask")

/* Single counters. */
#define COUNT_TABLE(X)                                                     \
	X(EVENTS, "events", "events taken from nodes")                     \
	X(COMMANDS, "commands", "commands sent to nodes")                  \
	X(COMMANDS_LOST, "commands_lost",                                  \
	    "commands given up, the queue to a node being full")           \
	X(SESSIONS, "sessions", "sessions begun with nodes")               \
	X(SESSIONS_LOST, "sessions_lost", "sessions given up")             \
	X(ARRIVALS, "arrivals", "connections that nodes showed")           \
	X(PROXIED_EMPTY, "proxied_empty",                                  \
	    "connections that ended behind their PROXY header")            \
	X(GONE_LATE, "gone_late",                                          \
	    "connections that ended while their verdict was under way")    \
	X(STREAMS, "streams", "control streams registered")                \
	X(CALLS, "calls", "peers held for a client")                       \
	X(NOTICES, "notices", "notices written to clients")                \
	X(TOKENS_REDRAWN, "tokens_redrawn",                                \
	    "tokens that looked like another protocol")                    \
	X(PAIRS, "pairs", "pairs commanded")                               \
	X(PAIRS_ADOPTED, "pairs_adopted",                                  \
	    "pairs of an earlier control taken over")                      \
	X(HOPS, "hops", "joins of two nodes commanded, for one pair each") \
	X(PAIRS_MISSING, "pairs_missing",                                  \
	    "pairs whose end was learned from a list alone")               \
	X(BYTES, "relayed_bytes", "bytes that ended pairs had moved")      \
	X(ADMIN_REQUESTS, "admin_requests", "HTTP requests answered")      \
	X(ADMIN_REFUSED, "admin_refused",                                  \
	    "HTTP requests with a method or Host not allowed")

#define REFUSAL_ENUM(id, name, help)	REFUSAL_##id,
#define STREAM_END_ENUM(id, name, help) STREAM_END_##id,
#define CALL_END_ENUM(id, name, help)	CALL_END_##id,
#define EVENT_DROP_ENUM(id, name, help) EVENT_DROP_##id,
#define COUNT_ENUM(id, name, help)	COUNT_##id,
enum refusal { REFUSAL_TABLE(REFUSAL_ENUM) REFUSAL_COUNT };
enum stream_end { STREAM_END_TABLE(STREAM_END_ENUM) STREAM_END_COUNT };
enum call_end { CALL_END_TABLE(CALL_END_ENUM) CALL_END_COUNT };
enum event_drop { EVENT_DROP_TABLE(EVENT_DROP_ENUM) EVENT_DROP_COUNT };
enum count { COUNT_TABLE(COUNT_ENUM) COUNT_COUNT };

struct counters {
	uint64_t refused[REFUSAL_COUNT];
	uint64_t streams_ended[STREAM_END_COUNT];
	uint64_t calls_ended[CALL_END_COUNT];
	uint64_t events_dropped[EVENT_DROP_COUNT];
	uint64_t pairs_ended[REASON_COUNT]; /* as nodes reported them */
	uint64_t counts[COUNT_COUNT];
};

/* A family: counters that differ by one label, or the single ones. */
struct counter_family {
	const char *name;  /* in metrics after "carrick_", with "_total" */
	const char *label; /* "reason"; NULL: each row is its own metric */
	const char *help;  /* of the family; NULL where label is NULL */
	size_t offset;	   /* of the array in struct counters */
	size_t n;
	const char *(*row_name)(unsigned row);
	const char *(*row_help)(unsigned row);
};

extern const struct counter_family COUNTER_FAMILIES[];
extern const size_t N_COUNTER_FAMILIES;

/* counter_value - one counter of a family. row < f->n. */
uint64_t counter_value(
    const struct counters *k, const struct counter_family *f, size_t row);

/* refusal_name and its like - the row's name, for logs; "unknown" if v is no
 * row. */
const char *refusal_name(unsigned v);
const char *stream_end_name(unsigned v);
const char *stream_end_help(unsigned v);
const char *call_end_name(unsigned v);
const char *event_drop_name(unsigned v);

#endif
