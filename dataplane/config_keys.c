#include "dataplane/config_keys.h"

#include <string.h>

#include "common/daemon_conf.h"
#include "common/networks.h"
#include "dataplane/config.h"
#include "dataplane/siblings.h"
#include "dataplane/uplink.h"
#include "dataplane/worker.h"
#include "proto/addr.h"
#include "proto/ipc.h"

static const char *
check_name(const char *text)
{
	return text[0] == '\0' || ipc_name_is_valid(text)
		   ? NULL
		   : "a-z 0-9 . _ -, beginning with a letter or digit";
}

static const char *
check_listen(const char *text)
{
	struct addr a;

	return addr_parse(&a, text) == 0
		   ? NULL
		   : "an address and port such as 0.0.0.0:7443 or "
		     "\"[::]:7443\"";
}

static const char *
check_accept_listen(const char *text)
{
	struct addr a;

	return text[0] == '\0' || addr_parse(&a, text) == 0
		   ? NULL
		   : "one address of this machine and a port such as "
		     "10.0.0.7:7449, or nothing";
}

static const char *
check_events_url(const char *text)
{
	return text[0] == '\0' ? NULL : uplink_check_url(text);
}

/* nanomsg takes no port 0. */
static const char *
check_commands_listen(const char *text)
{
	struct addr a;

	return text[0] == '\0' || (addr_parse(&a, text) == 0 && a.port != 0)
		   ? NULL
		   : "an address and port such as 0.0.0.0:7448 or "
		     "\"[::]:7448\"";
}

static const char *
check_advertise(const char *text)
{
	struct addr a;

	return text[0] == '\0' || (addr_parse(&a, text) == 0 && a.port != 0 &&
				      !addr_is_unspecified(&a))
		   ? NULL
		   : "the address and port that others reach, such as "
		     "192.0.2.7:7449, or nothing; a name will not do";
}

static const char *
check_sibling(const char *text)
{
	struct sibling s;

	return sibling_parse(&s, text) == 0
		   ? NULL
		   : "an address or a network and a port such as "
		     "10.0.0.7:7444, 10.0.0.0/24:7444 or "
		     "\"[2001:db8::/64]:7444\"";
}

/* Another name of uid 0 is refused when it is looked up. */
static const char *
check_user(const char *text)
{
	return strcmp(text, "root") != 0 ? NULL : "any user but root";
}

#define KEY(kind, member, least, most) \
	CONF_KEY(config, kind, member, least, most)

const struct conf_key CONFIG_KEYS[] = {
    {KEY(STRING, name, 0, IPC_NAME_MAX), .check = check_name,
	.help = "Who this node is among the nodes of its control: each has a "
		"name of its own.\nEmpty: the host's name."},
    {KEY(STRINGS, listen, 1, IPC_LISTEN_MAX),
	.def = "[\"0.0.0.0:7443\", \"[::]:7443\"]", .check = check_listen,
	.help = "The public addresses. Not bound if the service manager passes "
		"sockets that it\nhas bound (systemd's socket activation)."},
    {KEY(BOOL, reuse_port, 0, 1), .def = "false",
	.help = "Bind with SO_REUSEPORT, so that another node of the same user "
		"that does so too\ncan start on the same port before this one "
		"ends. While both run, newcomers are\nshared out. One whose "
		"TCP handshake is under way when this one closes is reset,\n"
		"unless net.ipv4.tcp_migrate_req is 1 (sysctl)."},
    {KEY(STRING, accept_listen, 0, ADDR_TEXT_CAP), .check = check_accept_listen,
	.help = "Where siblings bring in their ends of pairs whose other end "
		"is at this node, and\nwhere control does whose events_url is "
		"tcp:// (ADDRESS:PORT; empty: nowhere;\nwith tcp:// 0.0.0.0 "
		"will do: they are told the address that control is\nreached "
		"from). What comes in must say a ticket of control's within "
		"5 s, so a\nstranger there gets nothing; but he takes places "
		"of max_accept_connections:\nlet siblings and control alone "
		"reach it."},
    {KEY(STRING, accept_advertise, 0, ADDR_TEXT_CAP), .check = check_advertise,
	.help = "Where siblings and control reach accept_listen, if that is "
		"elsewhere: behind\nNAT the ADDRESS:PORT that is forwarded to "
		"it. It must be in this node's\nnetworks at a control on "
		"another host, and among the siblings of others.\nEmpty: "
		"accept_listen."},
    {KEY(STRINGS, siblings, 0, SIBLINGS_MAX), .def = "[]",
	.check = check_sibling,
	.help = "Other nodes' accept_listen that this one may connect to, "
		"when control says so:\nADDRESS:PORT or NETWORK:PORT. A "
		"network never stands for a loopback or\nlink-local address "
		"or one of this machine's own: such are listed singly.\n[]: "
		"this process connects nowhere, and both ends of a pair must "
		"come to one\nnode."},
    {KEY(STRING, events_url, 0, 6 + ADDR_JOINED_CAP), .check = check_events_url,
	.help = "Where control takes events: ipc:// and a path on the same "
		"host, where this\nnode's own sockets lie in the same "
		"folder; tcp://HOST:PORT on another, which\nneeds link_key, "
		"commands_listen and accept_listen. Empty: ipc://, the "
		"runtime\nfolder ($RUNTIME_DIRECTORY, else "
		"$XDG_RUNTIME_DIR/carrick, else /run/carrick),\n"
		"/control.events.ipc."},
    {KEY(STRING, link_key, 0, 4095),
	.help = "File, mode 0600, with this node's key for a tcp:// link: "
		"what carrick-control\nnode-key NAME prints. It proves this "
		"node alone."},
    {KEY(STRING, commands_listen, 0, ADDR_TEXT_CAP),
	.check = check_commands_listen,
	.help = "Over tcp:// alone: where control reaches this node with its "
		"commands, such as\n0.0.0.0:7448. Sealed; let control alone "
		"reach it."},
    {KEY(STRING, commands_advertise, 0, ADDR_TEXT_CAP),
	.check = check_advertise,
	.help = "Where control reaches commands_listen, if that is elsewhere, "
		"as for\naccept_advertise."},
    {KEY(STRING, user, 1, 32), .def = "carrick-splice", .check = check_user,
	.help = "Started as root, become this user once the public addresses "
		"are bound. It\nmust be able to write in the folder of "
		"events_url. Started as any other user,\nstay that one."},
    {KEY(U32, workers, 0, WORKERS_MAX), .def = "0",
	.help = "Threads that splice what moves much: a pair is theirs once it "
		"has moved 64 KiB.\nUntil then the main thread copies its "
		"bytes. 0: as many as there are cores."},
    {KEY(U32, max_connections, 1, 1000000), .def = "20480",
	.help = "Public connections at once, pending and paired. Lowered at "
		"the start if the\nlimit on descriptors is too low; the log "
		"names the number needed."},
    {KEY(U32, max_connections_per_source, 1, 1000000), .def = "5120",
	.help = "The same from one source (an IPv4 address, an IPv6 /64). "
		"Many clients may sit\nbehind one address, but none alone "
		"may take all: a quarter of max_connections'\ndefault."},
    {KEY(U32, max_local_connections, 1, 1000000), .def = "1024",
	.help = "Control's own connections, on the accept socket, on top of "
		"max_connections:\none for each control stream."},
    {KEY(U32, max_accept_connections, 1, 1000000), .def = "4096",
	.help = "Connections on accept_listen, on top of max_connections: one "
		"for each pair\nthat a sibling brings in its end of, and with "
		"a tcp:// events_url one for\neach control stream."},
    {KEY(U32, max_sibling_connections, 1, 1000000), .def = "4096",
	.help = "Connections to siblings, on top of max_connections: one for "
		"each pair whose\nother end is at one of them. What comes in "
		"takes none of these."},
    {KEY(STRINGS, trusted_proxies, 0, NETWORKS_MAX), .check = networks_check,
	.help = "Networks or addresses of balancers in front of this node. "
		"Everybody behind one\nis one source here, so they are exempt "
		"from the limits of one source\n(max_connections_per_source, "
		"max_asks_per_source); those in all stay. Which of\nthem "
		"comes too often is control's to see: list them in its "
		"trusted_proxies as\nwell."},
    {KEY(U32, max_asks, 1, 65536), .def = "1024",
	.help = "Connections that control was asked about and has not "
		"answered; beyond,\nnewcomers wait for their turn, for 5 s "
		"at most: up to 4,096, and 1,024 of one\nsource."},
    {KEY(U32, max_asks_per_source, 1, 65536), .def = "16",
	.help = "The same from one source."},
    {KEY(U32, preamble_timeout_ms, 100, 600000), .def = "20000",
	.help = "Until the first byte of a connection has come, in ms."},
    {KEY(U32, control_wait_ms, 100, 600000), .def = "5000",
	.help = "How long a connection waits for control while it is away, in "
		"ms."},
    {KEY(U64, pipe_pool_bytes, 0, UINT64_C(1) << 32), .def = "50331648",
	.help = "All pipes for splicing together, in bytes. Linux gives one "
		"unprivileged user\n64 MiB "
		"(/proc/sys/fs/pipe-user-pages-soft). 0: no pipes, all bytes "
		"are copied."},
    {KEY(U32, pipe_bytes, 4096, 1048576), .def = "1048576",
	.help = "One pipe, in bytes; rounded down to a power of 2. Larger "
		"ones need fewer system\ncalls for the same bytes; smaller "
		"ones serve more pairs at once."},
    {KEY(U32, keepalive_idle_s, 1, 32767), .def = "60",
	.help = "TCP keepalive of what comes in, and of pairs for which "
		"control gives none: s\nof silence before the first probe."},
    {KEY(U32, keepalive_interval_s, 1, 32767), .def = "10",
	.help = "s between probes."},
    {KEY(U32, keepalive_count, 1, 127), .def = "6",
	.help = "Probes without an answer that end it."},
    {KEY(U32, user_timeout_ms, 0, 86400000), .def = "0",
	.help = "TCP_USER_TIMEOUT of the same: ms that sent bytes may stay "
		"unacknowledged.\nIt also ends a pair whose receiver lives "
		"but reads nothing for so long, hence\n0: the kernel's own, "
		"about 15 minutes, and not for that."},
    {KEY(U32, drain_timeout_ms, 0, IPC_DRAIN_MAX_MS), .def = "60000",
	.help = "SIGTERM, and `carrick drain` at control: nobody new is let "
		"in, and who is here\nmay finish for so long, in ms. What is "
		"left then is cut. Whatever stops this\nprocess must wait 6 s "
		"longer before it kills. A second signal means now."},
    {DAEMON_CONF_LOG_LEVEL(config)},
    {DAEMON_CONF_LOG_ADDRESSES(config)},
    {.name = NULL},
};
