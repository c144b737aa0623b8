#include "control/config_keys.h"

#include <string.h>

#include "common/daemon_conf.h"
#include "common/ipcpath.h"
#include "common/networks.h"
#include "common/nnlink.h"
#include "control/config.h"
#include "control/frontend.h"
#include "control/members.h"
#include "proto/addr.h"
#include "proto/tx3.h"

#define TEXT(x)	 TEXT_(x)
#define TEXT_(x) #x

static const char *
check_literal(const char *text)
{
	struct addr a;

	return addr_parse(&a, text) == 0
		   ? NULL
		   : "an address and port such as 127.0.0.1:7445 or "
		     "\"[::1]:7445\"";
}

static const char *
check_public(const char *text)
{
	char host[ADDR_HOST_CAP];
	uint16_t port;

	return addr_split_host(text, strlen(text), host, &port) == 0
		   ? NULL
		   : "HOST:PORT such as relay.example:7443 or "
		     "\"[2001:db8::7]:7443\"";
}

static const char *
check_events_url(const char *text)
{
	const char *why = NULL;

	if (text[0] == '\0' || nnlink_check_bind(text, &why) == 0)
		return NULL;
	return why;
}

static const char *
check_frontend(const char *text)
{
#define FRONTEND_IS(number, id)     \
	if (strcmp(text, #id) == 0) \
		return NULL;
	FRONTEND_TABLE(FRONTEND_IS)
#undef FRONTEND_IS
#define FRONTEND_NAME(number, id) " " #id
	return "one of:" FRONTEND_TABLE(FRONTEND_NAME);
#undef FRONTEND_NAME
}

static const char *
check_dialect(const char *text)
{
	enum tx3_dialect dialect;

	return tx3_dialect_parse(&dialect, text) == 0
		   ? NULL
		   : "one of notice32, notice50";
}

static const struct conf_key NODE_KEYS[] = {
    {CONF_KEY(config_node, STRING, name, 0, IPC_NAME_MAX),
	.check = members_check_pattern,
	.help = "a node's name, or a pattern of names with * and ?"},
    {CONF_KEY(config_node, STRINGS, networks, 0, NETWORKS_MAX),
	.check = networks_check,
	.help =
	    "where its commands_listen and accept_listen may be, or what it\n"
	    "advertises for them"},
    {.name = NULL},
};

const struct conf_key CONFIG_IDENTITY_KEYS[] = {
    {CONF_KEY(config_identity, STRING, file, 0, 4095),
	.help = "certificate and key in one PEM file, mode 0600"},
    {CONF_KEY(config_identity, STRING, dialect, 0, 16), .def = "notice32",
	.check = check_dialect,
	.help = "what its clients are told of a peer: notice32 (tx3 0.0.1: "
		"the token alone)\nor notice50 (tx3's later head: the peer's "
		"address too); carrick asks for\nnotice50 by itself"},
    {CONF_KEY(config_identity, BOOL, retiring, 0, 1), .def = "false",
	.help = "true: it still serves, and its URLs are no longer printed"},
    {.name = NULL},
};

#define KEY(kind, member, least, most) \
	CONF_KEY(config, kind, member, least, most)

const struct conf_key CONFIG_KEYS[] = {
    {KEY(SECTIONS, identities, 0, CONFIG_IDENTITIES_MAX),
	.sub = CONFIG_IDENTITY_KEYS, .sub_size = sizeof(struct config_identity),
	.help = "Who this relay is: the SHA-256 of the certificate stands in "
		"its URL, so\nlosing the file is losing the URL. Several serve "
		"on the same ports, each by\nits own URL. Empty: identity.pem "
		"in the state folder ($STATE_DIRECTORY, else\n"
		"$XDG_STATE_HOME/carrick, else /var/lib/carrick). "
		"carrick-control --init makes\none."},
    {KEY(STRINGS, frontends, 1, FRONTENDS_MAX), .def = "[tx3]",
	.check = check_frontend,
	.help = "The protocols that are served, all on the nodes' ports: tx3, "
		"and syncthing for\nSyncthing's devices."},
    {KEY(STRING, syncthing_identity, 0, 4095),
	.help = "Certificate and key of the Syncthing frontend in one PEM "
		"file, mode 0600: its\nSHA-256 is the relay's device ID, the "
		"id in relay://HOST:PORT/?id=ID. Empty:\nsyncthing.pem in the "
		"state folder, made at the first start."},
    {KEY(STRING, syncthing_token_file, 0, 4095),
	.help = "File with the token that Syncthing devices must have in the "
		"relay's URL\n(&token=..., Syncthing 1.22.1 and later) to "
		"join. Empty: any device may join."},
    {KEY(STRINGS, syncthing_status_listen, 0, CONFIG_ADMIN_LISTEN_MAX),
	.check = check_literal,
	.help = "HTTP for the page /status that strelaysrv has, by its names: "
		"figures for\neverybody who reaches it. strelaysrv's own "
		"default is [\"0.0.0.0:22070\",\n\"[::]:22070\"]."},
    {KEY(STRINGS, advertise, 0, CONFIG_ADVERTISE_MAX), .check = check_public,
	.help = "HOST:PORT under which others reach the splice nodes: what "
		"the relay's URLs\nare made of. Empty: the first node's "
		"listen addresses, with a warning."},
    {KEY(STRINGS, trusted_proxies, 0, NETWORKS_MAX), .check = networks_check,
	.help = "Networks or addresses of balancers in front of the nodes: "
		"each connection from\nthere must begin with a PROXY header "
		"(version 1 or 2), and the source it names\nis the one that "
		"limits, log and clients know. A header from anywhere else "
		"is\nrefused. List nobody who passes on what strangers say. "
		"The nodes have a key of\nthis name too."},
    {KEY(STRING, events_url, 0, 6 + NNLINK_IPC_PATH_MAX),
	.check = check_events_url,
	.help = "Where splice nodes reach this daemon. ipc:// and a path: "
		"nodes on this host,\nwhose own sockets lie in the same "
		"folder. tcp://ADDRESS:PORT or tcp://*:PORT:\nnodes on other "
		"hosts, sealed with keys made from cluster_key; let nodes "
		"alone\nreach it. Empty: ipc://, the runtime folder "
		"($RUNTIME_DIRECTORY, else\n$XDG_RUNTIME_DIR/carrick, else "
		"/run/carrick), /control.events.ipc."},
    {KEY(STRING, cluster_key, 0, 4095),
	.help = "File, mode 0600, with the key that the nodes' keys are made "
		"from\n(carrick-control node-key NAME prints one); read for "
		"tcp:// alone. Empty:\ncluster.key in the state folder, "
		"where carrick-control --init makes it."},
    {KEY(SECTIONS, nodes, 0, CONFIG_NODES_MAX), .sub = NODE_KEYS,
	.sub_size = sizeof(struct config_node),
	.help = "Who may be a splice node over tcp://, and from where; "
		"nobody else is."},
    /* nanomsg has 512 sockets a process. */
    {KEY(U32, max_splice_nodes, 1, 256), .def = "64",
	.help = "Splice nodes at once."},
    {KEY(STRINGS, admin_listen, 0, CONFIG_ADMIN_LISTEN_MAX),
	.def = "[\"127.0.0.1:7445\"]", .check = check_literal,
	.help = "HTTP for /healthz and /metrics. [] switches it off."},
    {KEY(STRING, admin_socket, 0, IPCPATH_MAX),
	.help = "UNIX socket, mode 0660, for the same and for /status, which "
		"names clients.\nEmpty: admin.sock in the runtime folder."},
    {KEY(U32, max_control_streams, 1, 65536),
	.def = TEXT(TX3_MAX_CONTROL_STREAMS),
	.help = "Control streams at once, handshakes included. Of several "
		"nodes, one has at\nmost half of them. (tx3-relay: "
		"maxControlStreams)"},
    {KEY(U32, max_control_streams_per_source, 1, 65536),
	.def = TEXT(TX3_MAX_CONTROL_STREAMS_PER_IP),
	.help = "Of these, from one IPv4 address or IPv6 /64. (tx3-relay: "
		"maxControlStreamsPerIp)"},
    {KEY(U32, max_relays_per_client, 1, 65536),
	.def = TEXT(TX3_MAX_RELAYS_PER_CONTROL),
	.help = "Peers of one client at once, announced to it and connected; "
		"beyond, a peer is\nclosed. One source may have a quarter of "
		"them announced and not yet answered,\nand seven eighths in "
		"all; more of it wait for their turn, up to this number.\n"
		"(tx3-relay: maxRelaysPerControl)"},
    {KEY(U32, connection_timeout_ms, IPC_TTL_MIN_MS, IPC_TTL_MAX_MS),
	.def = TEXT(TX3_CONNECTION_TIMEOUT_MS),
	.help = "How long a peer waits for its client. (tx3-relay: "
		"connectionTimeoutMs)"},
    /* At most a week. */
    {KEY(U32, pair_idle_ms, 0, 604800000), .def = "0",
	.help = "A peer and its client who send each other nothing for so "
		"long are parted.\n0: never, as with tx3-relay. Control "
		"streams are not meant."},
    {KEY(U32, max_bytes_per_s_per_pair, 0, 4294967295), .def = "0",
	.help = "Bytes a second that a peer and its client can send each "
		"other, both ways\ntogether. 0: no limit."},
    {KEY(U32, max_bytes_per_s_per_client, 0, 4294967295), .def = "0",
	.help = "The same for all peers of one client together, who take "
		"turns; of a Syncthing\ndevice for all its sessions, whoever "
		"asked for them. 0: no limit."},
    {KEY(U32, max_bytes_per_s, 0, 4294967295), .def = "0",
	.help = "And for everybody together. Each splice node keeps these "
		"three for the pairs\nit has: two nodes move twice that. 0: "
		"no limit."},
    {KEY(U32, max_handshakes, 1, 65536), .def = "64",
	.help = "TLS handshakes at once: strangers cost no more than these. "
		"Of several\nnodes, one has at most half of them."},
    {KEY(U32, max_handshakes_per_source, 1, 65536), .def = "4",
	.help = "Of these, from one IPv4 address or IPv6 /64."},
    {KEY(U32, handshake_timeout_ms, IPC_TTL_MIN_MS, IPC_TTL_MAX_MS),
	.def = "10000",
	.help = "From a client's first bytes to its registration."},
    {KEY(U32, max_notices_per_s, 1, 100000), .def = "200",
	.help = "Peers announced to one client, on average; those beyond "
		"wait. What strangers\ncan cost a client is bounded by "
		"max_relays_per_client already."},
    {KEY(U32, max_notices_burst, 1, 65536), .def = "200",
	.help = "And at once, after a quiet time."},
    {KEY(STRING, user, 0, 64),
	.help = "Whom to become when started as root. Empty: stay who we are."},
    {DAEMON_CONF_LOG_LEVEL(config)},
    {DAEMON_CONF_LOG_ADDRESSES(config)},
    {.name = NULL},
};
