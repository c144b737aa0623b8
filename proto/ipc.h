/*
 * ipc - the messages between carrick-control and carrick-splice: the
 * catalogue, and their encoding. The specification is proto/IPC.md.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_IPC_H
#define PROTO_IPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/figures.h"
#include "proto/reason.h"
#include "proto/wire.h"

#define IPC_MAJOR      1
#define IPC_MINOR      0
#define IPC_MSG_CAP    18432 /* bytes; IPC.md 2 */
#define IPC_NAME_MAX   48    /* bytes of a node's name; IPC.md 1 */
#define IPC_NAME_CAP   (IPC_NAME_MAX + 1)
#define IPC_BUILD_CAP  64
#define IPC_FIRST_MAX  512   /* bytes shown by CONN_OPEN */
#define IPC_MORE_MAX   16920 /* 16 KiB and a PROXY v2 header's 536 */
#define IPC_SAY_MAX    2048
#define IPC_TAG_LEN    32
#define IPC_TICKET_LEN 32
#define IPC_LISTEN_MAX 32
#define IPC_LIST_MAX   256 /* tags in one PAIR_LIST */
#define IPC_RATES_MAX  4   /* groups that one pair draws from */
#define IPC_RATE_MAX   UINT64_C(100000000000) /* bytes a second */
#define IPC_GROUP_OWN  0 /* a pair's own, shared with none */
#define IPC_TTL_MIN_MS 100
#define IPC_TTL_MAX_MS 600000

#define IPC_BEAT_MS	   1000 /* both ways; IPC.md 4.3 */
#define IPC_LOST_MS	   5000 /* silence that ends a session; 5.2 */
#define IPC_HELLO_MS	   250	/* between hellos; 5.1 */
#define IPC_RESEND_MS	   1000 /* without an ack; 5.3 */
#define IPC_RELEASES_MAX   65536
#define IPC_ASK_TIMEOUT_MS 5000	      /* from ask to verdict; 4.1 */
#define IPC_BYE_TIMEOUT_MS 1000	      /* 5.5 */
#define IPC_DRAIN_MAX_MS   86400000   /* 5.6 */
#define IPC_DRAIN_OWN_MS   UINT32_MAX /* as long as the node's own file says */

enum ipc_direction { IPC_EVENT, IPC_COMMAND };

enum ipc_type {
	IPC_NODE_HELLO = 1,
	IPC_NODE_READY = 2,
	IPC_NODE_BEAT = 3,
	IPC_NODE_BYE = 4,
	IPC_CONN_OPEN = 16,
	IPC_CONN_MORE = 17,
	IPC_CONN_FIN = 18,
	IPC_CONN_GONE = 19,
	IPC_PAIR_REFUSED = 20,
	IPC_PAIR_ENDED = 21,
	IPC_PAIR_LIST = 22,
	IPC_PAIR_HEARD = 23,
	IPC_WELCOME = 64,
	IPC_CONTROL_BEAT = 65,
	IPC_RELEASE_ACK = 66,
	IPC_BYE_ACK = 67,
	IPC_DRAIN = 68,
	IPC_CONN_WAIT = 80,
	IPC_CONN_HOLD = 81,
	IPC_CONN_PAIR = 82,
	IPC_CONN_DROP = 83,
	IPC_PAIR_LIST_ASK = 84,
	IPC_CONN_JOIN = 85,
	IPC_PAIR_ASK = 86
};
#define IPC_TYPE_MAX 86

enum {			      /* flags of CONN_OPEN and CONN_MORE */
	IPC_CONN_LOCAL = 1,   /* came in on the accept socket */
	IPC_CONN_FINISHED = 2 /* a FIN has come */
};
enum { IPC_NODE_DRAINS = 1 }; /* flag of NODE_BEAT */
enum { IPC_LISTENER_LOCAL = 255 };
enum { IPC_FEATURE_SIBLINGS = 1 }; /* of a node: it may be told CONN_JOIN */
enum { IPC_PAIR_LIST_LAST = 1 };   /* flag of PAIR_LIST */
enum { IPC_GONE_A = 1, IPC_GONE_B = 2 };
#define IPC_HEARD_UNKNOWN_MS UINT32_MAX /* of PAIR_HEARD */
enum ipc_on_fin { IPC_FIN_DROPS = 0, IPC_FIN_KEEPS = 1 };
enum ipc_on_refused { IPC_REFUSED_DROPS = 0, IPC_REFUSED_KEEPS = 1 };
enum ipc_on_drain { IPC_DRAIN_WAITS = 0, IPC_DRAIN_ENDS = 1 };
enum ipc_how { IPC_DROP_ORDERLY = 0, IPC_DROP_RESET = 1 };

/* Bytes inside a message; borrowed from the buffer that was decoded. */
struct ipc_bytes {
	const uint8_t *p;
	size_t len;
};

struct ipc_node_hello {
	char name[IPC_NAME_CAP];
	struct addr commands; /* over tcp://; port 0: its socket by name */
};

struct ipc_node_ready {
	uint64_t first_seq;
	char build[IPC_BUILD_CAP];
	uint64_t features;
	struct addr accept; /* zeros: no accept_listen */
	uint8_t n_listeners;
	struct addr listeners[IPC_LISTEN_MAX];
};

struct ipc_node_beat {
	uint32_t n_pending;
	uint32_t n_pairs;
	uint64_t last_seq;
	uint8_t flags;	    /* IPC_NODE_DRAINS */
	uint32_t drain_ms;  /* until a drain cuts; 0 without one */
	uint16_t n_figures; /* decoded: at most FIGURE_WIRE_COUNT */
	uint64_t figures[FIGURE_WIRE_COUNT];
};

struct ipc_node_bye {
	uint8_t reason;
};

struct ipc_conn_open {
	uint64_t conn;
	uint8_t flags;
	uint8_t listener;
	struct addr remote;
	struct addr local;
	struct ipc_bytes first;
};

struct ipc_conn_more {
	uint64_t conn;
	uint8_t flags;
	struct ipc_bytes bytes;
};

struct ipc_conn_fin {
	uint64_t conn;
};

struct ipc_conn_gone {
	uint64_t seq;
	uint64_t conn;
	uint8_t reason;
};

struct ipc_pair_refused {
	uint64_t seq;
	uint8_t tag[IPC_TAG_LEN];
	uint8_t reason;
	uint8_t gone; /* IPC_GONE_A | IPC_GONE_B */
};

struct ipc_pair_ended {
	uint64_t seq;
	uint8_t tag[IPC_TAG_LEN];
	uint64_t bytes_ab;
	uint64_t bytes_ba;
	uint64_t ms;
	uint8_t reason;
};

struct ipc_pair_list {
	uint32_t ask;
	uint8_t flags;
	uint16_t n_tags;
	const uint8_t *tags; /* n_tags * IPC_TAG_LEN bytes, borrowed */
};

struct ipc_pair_heard {
	uint8_t tag[IPC_TAG_LEN];
	uint32_t a_ms; /* IPC_HEARD_UNKNOWN_MS: it can't be told */
	uint32_t b_ms;
};

struct ipc_welcome {
	char build[IPC_BUILD_CAP];
	uint64_t features;
	uint64_t start; /* of control: drawn anew at each */
};

struct ipc_release_ack {
	uint64_t seq;
};

struct ipc_conn_wait {
	uint64_t conn;
	uint16_t n;
	uint32_t ttl_ms;
};

struct ipc_conn_hold {
	uint64_t conn;
	uint32_t ttl_ms;
	uint16_t skip;
	uint8_t on_fin; /* enum ipc_on_fin */
	struct ipc_bytes say;
};

/* Bytes a second of all pairs of one node that name the group. */
struct ipc_rate {
	uint64_t group;
	uint64_t bytes_per_s;
};

/* What a pair is spliced with; zeros: no limit, the node's keepalive, and a
 * drain of the node waits for its end. */
struct ipc_limits {
	uint8_t on_drain; /* enum ipc_on_drain */
	uint32_t idle_ms;
	uint16_t keepalive_idle_s;
	uint16_t keepalive_interval_s;
	uint8_t keepalive_count;
	uint8_t n_rates;
	struct ipc_rate rates[IPC_RATES_MAX]; /* each group once */
};

struct ipc_conn_pair {
	uint64_t a;
	uint64_t b;
	uint16_t skip_a;
	uint16_t skip_b;
	uint8_t tag[IPC_TAG_LEN];
	uint8_t on_refused; /* enum ipc_on_refused */
	struct ipc_limits limits;
	struct ipc_bytes say_a;
	struct ipc_bytes say_b;
};

struct ipc_conn_join {
	uint64_t conn;
	uint16_t skip;
	uint32_t ttl_ms;
	struct addr addr; /* of a sibling's accept listener */
	uint8_t ticket[IPC_TICKET_LEN];
	uint8_t tag[IPC_TAG_LEN];
	struct ipc_limits limits;
	struct ipc_bytes say;
};

struct ipc_conn_drop {
	uint64_t conn;
	uint16_t skip;
	uint8_t how; /* enum ipc_how */
	struct ipc_bytes say;
};

struct ipc_pair_list_ask {
	uint32_t ask;
};

struct ipc_pair_ask {
	uint8_t tag[IPC_TAG_LEN];
};

struct ipc_drain {
	uint32_t timeout_ms; /* or IPC_DRAIN_OWN_MS */
};

/* What every message begins with. */
struct ipc_header {
	uint8_t type;  /* any number: it need not be in the catalogue */
	uint8_t minor; /* version; the major one is ours */
	uint64_t from;
	uint64_t to;
};

struct ipc_msg {
	enum ipc_type type;
	uint64_t from;
	uint64_t to;
	union {
		struct ipc_node_hello node_hello;
		struct ipc_node_ready node_ready;
		struct ipc_node_beat node_beat;
		struct ipc_node_bye node_bye;
		struct ipc_conn_open conn_open;
		struct ipc_conn_more conn_more;
		struct ipc_conn_fin conn_fin;
		struct ipc_conn_gone conn_gone;
		struct ipc_pair_refused pair_refused;
		struct ipc_pair_ended pair_ended;
		struct ipc_pair_list pair_list;
		struct ipc_pair_heard pair_heard;
		struct ipc_welcome welcome;
		struct ipc_release_ack release_ack;
		struct ipc_conn_wait conn_wait;
		struct ipc_conn_hold conn_hold;
		struct ipc_conn_pair conn_pair;
		struct ipc_conn_join conn_join;
		struct ipc_conn_drop conn_drop;
		struct ipc_pair_list_ask pair_list_ask;
		struct ipc_pair_ask pair_ask;
		struct ipc_drain drain;
	} u;
};

/* ipc_type_name - "NODE_HELLO" and so on; "unknown" for a number that is no
 * message. */
const char *ipc_type_name(unsigned type);

/* ipc_type_min_len, ipc_type_max_len - the catalogue's range for the whole
 * message in bytes; 0 for a number that is no message. */
size_t ipc_type_min_len(unsigned type);
size_t ipc_type_max_len(unsigned type);

/* ipc_type_direction - who sends it. type must be a message's number. */
enum ipc_direction ipc_type_direction(unsigned type);

/* ipc_type_is_known - whether the number is in the catalogue. */
bool ipc_type_is_known(unsigned type);

/*
 * ipc_decode_header - whose message it is, whether or not the rest can be
 * understood.
 *
 * h        out; written on PARSE_OK alone.
 * Returns  PARSE_OK; PARSE_BAD: too short, or another major version.
 */
enum parse_result
ipc_decode_header(struct ipc_header *h, const void *buf, size_t len);

/*
 * ipc_decode - understand one message.
 *
 * m          out; written on PARSE_OK alone. Its views borrow from buf.
 * direction  what the receiver takes: a message that goes the other way is
 *            PARSE_BAD.
 * Returns    PARSE_OK; PARSE_BAD for everything else (a message comes whole,
 *            so PARSE_MORE does not occur). All ranges of IPC.md 3 and 4 that
 *            can be judged without state are checked here: reasons, flags,
 *            ttl_ms, n, names, epochs other than 0.
 */
enum parse_result ipc_decode(struct ipc_msg *m, const void *buf, size_t len,
    enum ipc_direction direction);

/*
 * ipc_encode - write one message.
 *
 * buf      cap bytes; IPC_MSG_CAP is always enough.
 * Returns  the length; 0 when it does not fit or a field is out of its range
 *          (a bug of the caller).
 */
size_t ipc_encode(const struct ipc_msg *m, void *buf, size_t cap);

/* ipc_name_is_valid - a node's name as IPC.md 1 allows it. */
bool ipc_name_is_valid(const char *name);

#endif
