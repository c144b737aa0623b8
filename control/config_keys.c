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
    {.name = "name",
	.type = CONF_STRING,
	.offset = offsetof(struct config_node, name),
	.min = 0,
	.max = IPC_NAME_MAX,
	.check = members_check_pattern,
	.help = "a node's name, or a pattern of names with * and ?"},
    {.name = "networks",
	.type = CONF_STRINGS,
	.offset = offsetof(struct config_node, networks),
	.min = 0,
	.max = NETWORKS_MAX,
	.check = networks_check,
	.help = "where its commands_listen and accept_listen may be"},
    {.name = NULL},
};

#define AT(member) offsetof(struct config, member)

const struct conf_key CONFIG_IDENTITY_KEYS[] = {
    {.name = "file",
	.type = CONF_STRING,
	.offset = offsetof(struct config_identity, file),
	.min = 0,
	.max = 4095,
	.help = "certificate and key in one PEM file, mode 0600"},
    {.name = "dialect",
	.type = CONF_STRING,
	.offset = offsetof(struct config_identity, dialect),
	.min = 0,
	.max = 16,
	.def = "notice32",
	.check = check_dialect,
	.help = "what its clients are told of a peer: notice32 (tx3 0.0.1: "
		"the token alone)\nor notice50 (tx3's later head: the peer's "
		"address too); carrick asks for\nnotice50 by itself"},
    {.name = "retiring",
	.type = CONF_BOOL,
	.offset = offsetof(struct config_identity, retiring),
	.def = "false",
	.help = "true: it still serves, and its URLs are no longer printed"},
    {.name = NULL},
};

const struct conf_key CONFIG_KEYS[] = {
    {.name = "identities",
	.type = CONF_SECTIONS,
	.offset = AT(identities),
	.min = 0,
	.max = CONFIG_IDENTITIES_MAX,
	.sub = CONFIG_IDENTITY_KEYS,
	.sub_size = sizeof(struct config_identity),
	.help = "Who this relay is: the SHA-256 of the certificate stands in "
		"its URL, so\nlosing the file is losing the URL. Several serve "
		"on the same ports, each by\nits own URL. Empty: identity.pem "
		"in the state folder ($STATE_DIRECTORY, else\n"
		"$XDG_STATE_HOME/carrick, else /var/lib/carrick). "
		"carrick-control --init makes\none."},
    {.name = "frontends",
	.type = CONF_STRINGS,
	.offset = AT(frontends),
	.min = 1,
	.max = FRONTENDS_MAX,
	.def = "[tx3]",
	.check = check_frontend,
	.help = "The protocols that are served, all on the nodes' ports: tx3, "
		"and syncthing for\nSyncthing's devices."},
    {.name = "syncthing_identity",
	.type = CONF_STRING,
	.offset = AT(syncthing_identity),
	.min = 0,
	.max = 4095,
	.help = "Certificate and key of the Syncthing frontend in one PEM "
		"file, mode 0600: its\nSHA-256 is the relay's device ID, the "
		"id in relay://HOST:PORT/?id=ID. Empty:\nsyncthing.pem in the "
		"state folder, made at the first start."},
    {.name = "syncthing_token_file",
	.type = CONF_STRING,
	.offset = AT(syncthing_token_file),
	.min = 0,
	.max = 4095,
	.help = "File with the token that Syncthing devices must have in the "
		"relay's URL\n(&token=..., Syncthing 1.22.1 and later) to "
		"join. Empty: any device may join."},
    {.name = "syncthing_status_listen",
	.type = CONF_STRINGS,
	.offset = AT(syncthing_status_listen),
	.min = 0,
	.max = CONFIG_ADMIN_LISTEN_MAX,
	.check = check_literal,
	.help = "HTTP for the page /status that strelaysrv has, by its names: "
		"figures for\neverybody who reaches it. strelaysrv's own "
		"default is [\"0.0.0.0:22070\",\n\"[::]:22070\"]."},
    {.name = "advertise",
	.type = CONF_STRINGS,
	.offset = AT(advertise),
	.min = 0,
	.max = CONFIG_ADVERTISE_MAX,
	.check = check_public,
	.help = "HOST:PORT under which others reach the splice nodes: what "
		"the relay's URLs\nare made of. Empty: the first node's "
		"listen addresses, with a warning."},
    {.name = "trusted_proxies",
	.type = CONF_STRINGS,
	.offset = AT(trusted_proxies),
	.min = 0,
	.max = NETWORKS_MAX,
	.check = networks_check,
	.help = "Networks or addresses of balancers in front of the nodes: "
		"each connection from\nthere must begin with a PROXY header "
		"(version 1 or 2), and the source it names\nis the one that "
		"limits, log and clients know. A header from anywhere else "
		"is\nrefused. List nobody who passes on what strangers say. "
		"The nodes have a key of\nthis name too."},
    {.name = "events_url",
	.type = CONF_STRING,
	.offset = AT(events_url),
	.min = 0,
	.max = 6 + NNLINK_IPC_PATH_MAX,
	.check = check_events_url,
	.help = "Where splice nodes reach this daemon. ipc:// and a path: "
		"nodes on this host,\nwhose own sockets lie in the same "
		"folder. tcp://ADDRESS:PORT or tcp://*:PORT:\nnodes on other "
		"hosts, sealed with keys made from cluster_key; let nodes "
		"alone\nreach it. Empty: ipc://, the runtime folder "
		"($RUNTIME_DIRECTORY, else\n$XDG_RUNTIME_DIR/carrick, else "
		"/run/carrick), /control.events.ipc."},
    {.name = "cluster_key",
	.type = CONF_STRING,
	.offset = AT(cluster_key),
	.min = 0,
	.max = 4095,
	.help = "File, mode 0600, with the key that the nodes' keys are made "
		"from\n(carrick-control node-key NAME prints one); read for "
		"tcp:// alone. Empty:\ncluster.key in the state folder, "
		"where carrick-control --init makes it."},
    {.name = "nodes",
	.type = CONF_SECTIONS,
	.offset = AT(nodes),
	.min = 0,
	.max = CONFIG_NODES_MAX,
	.sub = NODE_KEYS,
	.sub_size = sizeof(struct config_node),
	.help = "Who may be a splice node over tcp://, and from where; "
		"nobody else is."},
    {.name = "max_splice_nodes",
	.type = CONF_U32,
	.offset = AT(max_splice_nodes),
	.min = 1,
	.max = 256, /* nanomsg has 512 sockets a process */
	.def = "64",
	.help = "Splice nodes at once."},
    {.name = "admin_listen",
	.type = CONF_STRINGS,
	.offset = AT(admin_listen),
	.min = 0,
	.max = CONFIG_ADMIN_LISTEN_MAX,
	.def = "[\"127.0.0.1:7445\"]",
	.check = check_literal,
	.help = "HTTP for /healthz and /metrics. [] switches it off."},
    {.name = "admin_socket",
	.type = CONF_STRING,
	.offset = AT(admin_socket),
	.min = 0,
	.max = IPCPATH_MAX,
	.help = "UNIX socket, mode 0660, for the same and for /status, which "
		"names clients.\nEmpty: admin.sock in the runtime folder."},
    {.name = "max_control_streams",
	.type = CONF_U32,
	.offset = AT(max_control_streams),
	.min = 1,
	.max = 65536,
	.def = TEXT(TX3_MAX_CONTROL_STREAMS),
	.help = "Control streams at once, handshakes included. (tx3-relay: "
		"maxControlStreams)"},
    {.name = "max_control_streams_per_source",
	.type = CONF_U32,
	.offset = AT(max_control_streams_per_source),
	.min = 1,
	.max = 65536,
	.def = TEXT(TX3_MAX_CONTROL_STREAMS_PER_IP),
	.help = "Of these, from one IPv4 address or IPv6 /64. (tx3-relay: "
		"maxControlStreamsPerIp)"},
    {.name = "max_relays_per_client",
	.type = CONF_U32,
	.offset = AT(max_relays_per_client),
	.min = 1,
	.max = 65536,
	.def = TEXT(TX3_MAX_RELAYS_PER_CONTROL),
	.help = "Peers of one client at once, announced to it and connected; "
		"beyond, a peer is\nclosed. One source may have a quarter of "
		"them announced and not yet answered,\nand seven eighths in "
		"all; more of it wait for their turn, up to this number.\n"
		"(tx3-relay: maxRelaysPerControl)"},
    {.name = "connection_timeout_ms",
	.type = CONF_U32,
	.offset = AT(connection_timeout_ms),
	.min = IPC_TTL_MIN_MS,
	.max = IPC_TTL_MAX_MS,
	.def = TEXT(TX3_CONNECTION_TIMEOUT_MS),
	.help = "How long a peer waits for its client. (tx3-relay: "
		"connectionTimeoutMs)"},
    {.name = "pair_idle_ms",
	.type = CONF_U32,
	.offset = AT(pair_idle_ms),
	.min = 0,
	.max = 604800000, /* a week */
	.def = "0",
	.help = "A peer and its client who send each other nothing for so "
		"long are parted.\n0: never, as with tx3-relay. Control "
		"streams are not meant."},
    {.name = "max_bytes_per_s_per_pair",
	.type = CONF_U32,
	.offset = AT(max_bytes_per_s_per_pair),
	.min = 0,
	.max = 4294967295,
	.def = "0",
	.help = "Bytes a second that a peer and its client can send each "
		"other, both ways\ntogether. 0: no limit."},
    {.name = "max_bytes_per_s_per_client",
	.type = CONF_U32,
	.offset = AT(max_bytes_per_s_per_client),
	.min = 0,
	.max = 4294967295,
	.def = "0",
	.help = "The same for all peers of one client together, who take "
		"turns. 0: no limit."},
    {.name = "max_bytes_per_s",
	.type = CONF_U32,
	.offset = AT(max_bytes_per_s),
	.min = 0,
	.max = 4294967295,
	.def = "0",
	.help = "And for everybody together. Each splice node keeps these "
		"three for the pairs\nit has: two nodes move twice that. 0: "
		"no limit."},
    {.name = "max_handshakes",
	.type = CONF_U32,
	.offset = AT(max_handshakes),
	.min = 1,
	.max = 65536,
	.def = "64",
	.help = "TLS handshakes at once: strangers cost no more than these. "
		"Of several\nnodes, one has at most half of them."},
    {.name = "max_handshakes_per_source",
	.type = CONF_U32,
	.offset = AT(max_handshakes_per_source),
	.min = 1,
	.max = 65536,
	.def = "4",
	.help = "Of these, from one IPv4 address or IPv6 /64."},
    {.name = "handshake_timeout_ms",
	.type = CONF_U32,
	.offset = AT(handshake_timeout_ms),
	.min = IPC_TTL_MIN_MS,
	.max = IPC_TTL_MAX_MS,
	.def = "10000",
	.help = "From a client's first bytes to its registration."},
    {.name = "max_notices_per_s",
	.type = CONF_U32,
	.offset = AT(max_notices_per_s),
	.min = 1,
	.max = 100000,
	.def = "200",
	.help = "Peers announced to one client, on average; those beyond "
		"wait. What strangers\ncan cost a client is bounded by "
		"max_relays_per_client already."},
    {.name = "max_notices_burst",
	.type = CONF_U32,
	.offset = AT(max_notices_burst),
	.min = 1,
	.max = 65536,
	.def = "200",
	.help = "And at once, after a quiet time."},
    {.name = "user",
	.type = CONF_STRING,
	.offset = AT(user),
	.min = 0,
	.max = 64,
	.help = "Whom to become when started as root. Empty: stay who we are."},
    {.name = "log_level",
	.type = CONF_STRING,
	.offset = AT(log_level),
	.min = 0,
	.max = 16,
	.def = "info",
	.check = daemon_conf_check_log_level,
	.help = "debug, info, warn or error."},
    {.name = "log_addresses",
	.type = CONF_STRING,
	.offset = AT(log_addresses),
	.min = 0,
	.max = 16,
	.def = "full",
	.check = daemon_conf_check_log_addresses,
	.help = "Others' addresses in log and status: full, prefix (the "
		"network) or none."},
    {.name = NULL},
};
