#include "dataplane/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/daemon_conf.h"
#include "common/ipcpath.h"
#include "common/networks.h"
#include "common/nnlink.h"
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

#define AT(member) offsetof(struct config, member)

static const struct conf_key KEYS[] = {
    {.name = "name",
	.type = CONF_STRING,
	.offset = AT(name),
	.min = 0,
	.max = IPC_NAME_MAX,
	.check = check_name,
	.help = "Who this node is among the nodes of its control: each has a "
		"name of its own.\nEmpty: the host's name."},
    {.name = "listen",
	.type = CONF_STRINGS,
	.offset = AT(listen),
	.min = 1,
	.max = IPC_LISTEN_MAX,
	.def = "[\"0.0.0.0:7443\", \"[::]:7443\"]",
	.check = check_listen,
	.help = "The public addresses. Not bound if the service manager passes "
		"sockets that it\nhas bound (systemd's socket activation)."},
    {.name = "reuse_port",
	.type = CONF_BOOL,
	.offset = AT(reuse_port),
	.def = "false",
	.help = "Bind with SO_REUSEPORT, so that another node of the same user "
		"that does so too\ncan start on the same port before this one "
		"ends. While both run, newcomers are\nshared out. One whose "
		"TCP handshake is under way when this one closes is reset,\n"
		"unless net.ipv4.tcp_migrate_req is 1 (sysctl)."},
    {.name = "accept_listen",
	.type = CONF_STRING,
	.offset = AT(accept_listen),
	.min = 0,
	.max = ADDR_TEXT_CAP,
	.check = check_accept_listen,
	.help = "Where siblings bring in their ends of pairs whose other end "
		"is at this node, and\nwhere control does whose events_url is "
		"tcp:// (ADDRESS:PORT; empty: nowhere;\nwith tcp:// 0.0.0.0 "
		"will do: they are told the address that control is\nreached "
		"from). What comes in must say a ticket of control's, so a "
		"stranger\nthere gets nothing; but he takes places of "
		"max_sibling_connections: let\nsiblings and control alone "
		"reach it."},
    {.name = "siblings",
	.type = CONF_STRINGS,
	.offset = AT(siblings),
	.min = 0,
	.max = SIBLINGS_MAX,
	.def = "[]",
	.check = check_sibling,
	.help = "Other nodes' accept_listen that this one may connect to, "
		"when control says so:\nADDRESS:PORT or NETWORK:PORT. A "
		"network never stands for a loopback or\nlink-local address "
		"or one of this machine's own: such are listed singly.\n[]: "
		"this process connects nowhere, and both ends of a pair must "
		"come to one\nnode."},
    {.name = "events_url",
	.type = CONF_STRING,
	.offset = AT(events_url),
	.min = 0,
	.max = 6 + ADDR_JOINED_CAP,
	.check = check_events_url,
	.help = "Where control takes events: ipc:// and a path on the same "
		"host, where this\nnode's own sockets lie in the same "
		"folder; tcp://HOST:PORT on another, which\nneeds link_key, "
		"commands_listen and accept_listen. Empty: ipc://, the "
		"runtime\nfolder ($RUNTIME_DIRECTORY, else "
		"$XDG_RUNTIME_DIR/carrick, else /run/carrick),\n"
		"/control.events.ipc."},
    {.name = "link_key",
	.type = CONF_STRING,
	.offset = AT(link_key),
	.min = 0,
	.max = 4095,
	.help = "File, mode 0600, with this node's key for a tcp:// link: "
		"what carrick-control\nnode-key NAME prints. It proves this "
		"node alone."},
    {.name = "commands_listen",
	.type = CONF_STRING,
	.offset = AT(commands_listen),
	.min = 0,
	.max = ADDR_TEXT_CAP,
	.check = check_commands_listen,
	.help = "Over tcp:// alone: where control reaches this node with its "
		"commands, such as\n0.0.0.0:7448. Sealed; let control alone "
		"reach it."},
    {.name = "user",
	.type = CONF_STRING,
	.offset = AT(user),
	.min = 1,
	.max = 32,
	.def = "carrick-splice",
	.check = check_user,
	.help = "Started as root, become this user once the public addresses "
		"are bound. It\nmust be able to write in the folder of "
		"events_url. Started as any other user,\nstay that one."},
    {.name = "workers",
	.type = CONF_U32,
	.offset = AT(workers),
	.min = 0,
	.max = WORKERS_MAX,
	.def = "0",
	.help = "Threads that move bytes. 0: as many as there are cores."},
    {.name = "max_connections",
	.type = CONF_U32,
	.offset = AT(max_connections),
	.min = 1,
	.max = 1000000,
	.def = "20480",
	.help = "Public connections at once, pending and paired. Lowered at "
		"the start if the\nlimit on descriptors is too low; the log "
		"names the number needed."},
    {.name = "max_connections_per_source",
	.type = CONF_U32,
	.offset = AT(max_connections_per_source),
	.min = 1,
	.max = 1000000,
	.def = "5120",
	.help = "The same from one source (an IPv4 address, an IPv6 /64). "
		"Many clients may sit\nbehind one address, but none alone "
		"may take all: a quarter of max_connections'\ndefault."},
    {.name = "max_local_connections",
	.type = CONF_U32,
	.offset = AT(max_local_connections),
	.min = 1,
	.max = 1000000,
	.def = "1024",
	.help = "Control's own connections, on the accept socket, on top of "
		"max_connections:\none for each control stream."},
    {.name = "max_sibling_connections",
	.type = CONF_U32,
	.offset = AT(max_sibling_connections),
	.min = 1,
	.max = 1000000,
	.def = "8192",
	.help = "Connections with siblings, on top of max_connections: one "
		"for each pair whose\nends came in at two nodes. Only where "
		"accept_listen or siblings is set."},
    {.name = "trusted_proxies",
	.type = CONF_STRINGS,
	.offset = AT(trusted_proxies),
	.min = 0,
	.max = NETWORKS_MAX,
	.check = networks_check,
	.help = "Networks or addresses of balancers in front of this node. "
		"Everybody behind one\nis one source here, so they are exempt "
		"from the limits of one source\n(max_connections_per_source, "
		"max_asks_per_source); those in all stay. Which of\nthem "
		"comes too often is control's to see: list them in its "
		"trusted_proxies as\nwell."},
    {.name = "max_asks",
	.type = CONF_U32,
	.offset = AT(max_asks),
	.min = 1,
	.max = 65536,
	.def = "1024",
	.help = "Connections that control was asked about and has not "
		"answered; beyond,\nnewcomers wait for their turn, for 5 s "
		"at most: up to 4,096, and 1,024 of one\nsource."},
    {.name = "max_asks_per_source",
	.type = CONF_U32,
	.offset = AT(max_asks_per_source),
	.min = 1,
	.max = 65536,
	.def = "16",
	.help = "The same from one source."},
    {.name = "preamble_timeout_ms",
	.type = CONF_U32,
	.offset = AT(preamble_timeout_ms),
	.min = 100,
	.max = 600000,
	.def = "20000",
	.help = "Until the first byte of a connection has come, in ms."},
    {.name = "control_wait_ms",
	.type = CONF_U32,
	.offset = AT(control_wait_ms),
	.min = 100,
	.max = 600000,
	.def = "5000",
	.help = "How long a connection waits for control while it is away, in "
		"ms."},
    {.name = "pipe_pool_bytes",
	.type = CONF_U64,
	.offset = AT(pipe_pool_bytes),
	.min = 0,
	.max = UINT64_C(1) << 32,
	.def = "50331648",
	.help = "All pipes for splicing together, in bytes. Linux gives one "
		"unprivileged user\n64 MiB "
		"(/proc/sys/fs/pipe-user-pages-soft). 0: no pipes, all bytes "
		"are copied."},
    {.name = "pipe_bytes",
	.type = CONF_U32,
	.offset = AT(pipe_bytes),
	.min = 4096,
	.max = 1048576,
	.def = "1048576",
	.help = "One pipe, in bytes; rounded down to a power of 2. Larger "
		"ones need fewer system\ncalls for the same bytes; smaller "
		"ones serve more pairs at once."},
    {.name = "keepalive_idle_s",
	.type = CONF_U32,
	.offset = AT(keepalive_idle_s),
	.min = 1,
	.max = 32767,
	.def = "60",
	.help = "TCP keepalive of pairs for which control gives none: s of "
		"silence before the\nfirst probe."},
    {.name = "keepalive_interval_s",
	.type = CONF_U32,
	.offset = AT(keepalive_interval_s),
	.min = 1,
	.max = 32767,
	.def = "10",
	.help = "s between probes."},
    {.name = "keepalive_count",
	.type = CONF_U32,
	.offset = AT(keepalive_count),
	.min = 1,
	.max = 127,
	.def = "6",
	.help = "Probes without an answer that end a pair."},
    {.name = "user_timeout_ms",
	.type = CONF_U32,
	.offset = AT(user_timeout_ms),
	.min = 0,
	.max = 86400000,
	.def = "0",
	.help = "TCP_USER_TIMEOUT of such pairs: ms that sent bytes may stay "
		"unacknowledged.\nIt also ends a pair whose receiver lives "
		"but reads nothing for so long, hence\n0: the kernel's own, "
		"about 15 minutes, and not for that."},
    {.name = "drain_timeout_ms",
	.type = CONF_U32,
	.offset = AT(drain_timeout_ms),
	.min = 0,
	.max = IPC_DRAIN_MAX_MS,
	.def = "60000",
	.help = "SIGTERM, and `carrick drain` at control: nobody new is let "
		"in, and who is here\nmay finish for so long, in ms. What is "
		"left then is cut. Whatever stops this\nprocess must wait 6 s "
		"longer before it kills. A second signal means now."},
    {.name = "log_level",
	.type = CONF_STRING,
	.offset = AT(log_level),
	.min = 1,
	.max = 16,
	.def = "info",
	.check = daemon_conf_check_log_level,
	.help = "What is logged: this and what is more important."},
    {.name = "log_addresses",
	.type = CONF_STRING,
	.offset = AT(log_addresses),
	.min = 1,
	.max = 16,
	.def = "full",
	.check = daemon_conf_check_log_addresses,
	.help = "How strangers' addresses stand in the log."},
    {.name = NULL},
};

/* The host's name as a node's name may be. */
static char *
host_name(void)
{
	char name[IPC_NAME_CAP] = "";

	if (gethostname(name, sizeof name) == -1)
		name[0] = '\0';
	name[sizeof name - 1] = '\0'; /* a longer one is cut without it */
	for (char *c = name; *c != '\0'; c++) {
		unsigned char low = (unsigned char)tolower((unsigned char)*c);
		const char one[2] = {(char)low, '\0'};

		*c = ipc_name_is_valid(one) || (c > name && low == '.') ||
			     (c > name && low == '_')
			 ? (char)low
			 : (c > name ? '-' : 'n');
	}
	return strdup(name[0] != '\0' ? name : "node");
}

/* An empty string becomes what make makes. */
static int
fill_in(char **value, char *(*make)(void))
{
	char *made;

	if (*value != NULL && **value != '\0')
		return 0;
	made = make();
	if (made == NULL)
		return -1;
	free(*value);
	*value = made;
	return 0;
}

/* The names that this node's sockets would have must fit; see ipcpath.h. */
static int
check_paths(const struct config *c, char *why)
{
	char dir[IPCPATH_CAP], path[IPCPATH_URL_CAP];

	if (ipcpath_dir_of(dir, sizeof dir, c->events_url) == 0 &&
	    ipcpath_commands(path, sizeof path, dir, c->name) == 0 &&
	    ipcpath_accept(path, sizeof path, dir, c->name) == 0)
		return 0;
	(void)snprintf(why, CONF_WHY_CAP,
	    "events_url: '%s': with the name '%s' a socket beside it would "
	    "have a path over %d bytes; use a shorter folder or name",
	    c->events_url, c->name, IPCPATH_MAX);
	return -1;
}

/* What a node needs whose control is on another host. */
static int
check_tcp(const struct config *c, char *why)
{
	const struct {
		const char *key, *value, *what;
	} needed[] = {
	    {"link_key", c->link_key,
		"the file that carrick-control node-key NAME made"},
	    {"commands_listen", c->commands_listen,
		"where control reaches this node, such as 0.0.0.0:7448"},
	    {"accept_listen", c->accept_listen,
		"where control brings its connections, such as 0.0.0.0:7449"},
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		if (needed[i].value[0] != '\0')
			continue;
		(void)snprintf(why, CONF_WHY_CAP,
		    "%s: a tcp:// events_url needs it: %s", needed[i].key,
		    needed[i].what);
		return -1;
	}
	return 0;
}

/* A port that is opened for nobody would be a mistake; and siblings are told
 * accept_listen as it is, for nothing says from which address they come. */
static int
check_ipc(const struct config *c, char *why)
{
	struct addr a;

	if (c->commands_listen[0] != '\0') {
		(void)snprintf(why, CONF_WHY_CAP,
		    "commands_listen: it is for a tcp:// events_url alone, "
		    "and this is %s: remove one of them",
		    c->events_url);
		return -1;
	}
	if (addr_parse(&a, c->accept_listen) == 0 && addr_is_unspecified(&a)) {
		(void)snprintf(why, CONF_WHY_CAP,
		    "accept_listen: '%s': siblings are told it, and go there: "
		    "write one address of this machine, such as 10.0.0.7:7449",
		    c->accept_listen);
		return -1;
	}
	return check_paths(c, why);
}

static int
complete(struct config *c, char *why)
{
	if (fill_in(&c->name, host_name) == -1) {
		(void)snprintf(why, CONF_WHY_CAP, "no memory is left");
		return -1;
	}
	if (daemon_conf_events_url(&c->events_url, why) == -1)
		return -1;
	while ((c->pipe_bytes & (c->pipe_bytes - 1)) != 0)
		c->pipe_bytes &= c->pipe_bytes - 1; /* the lowest bit */
	return nnlink_is_tcp(c->events_url) ? check_tcp(c, why)
					    : check_ipc(c, why);
}

int
config_load(struct config *c, const char *path, const char *const *settings,
    size_t n_settings, char *why)
{
	memset(c, 0, sizeof *c);
	if (daemon_conf_load(KEYS, c, path, settings, n_settings, why) == -1)
		return -1;
	if (complete(c, why) == 0)
		return 0;
	config_free(c);
	return -1;
}

void
config_free(struct config *c)
{
	conf_free(KEYS, c);
}

void
config_apply_log(const struct config *c)
{
	daemon_conf_apply_log(c->log_level, c->log_addresses);
}

void
config_example(FILE *f)
{
	conf_example(KEYS,
	    "splice.yml - a splice node of Carrick\n"
	    "carrick-splice --config splice.yml; --check says whether it is "
	    "good.",
	    f);
}

size_t
config_n_workers(const struct config *c)
{
	long n_cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->workers > 0)
		return c->workers;
	if (n_cores < 1)
		return 1;
	return n_cores < WORKERS_MAX ? (size_t)n_cores : WORKERS_MAX;
}

size_t
config_n_pipes(const struct config *c)
{
	return (size_t)(c->pipe_pool_bytes / c->pipe_bytes);
}

uint32_t
config_max_siblings(const struct config *c)
{
	return c->accept_listen[0] != '\0' || c->siblings.n > 0
		   ? c->max_sibling_connections
		   : 0;
}

void
config_siblings(const struct config *c, struct siblings *ss)
{
	ss->n = c->siblings.n; /* each was checked when it was read */
	for (size_t i = 0; i < ss->n; i++)
		(void)sibling_parse(&ss->list[i], c->siblings.items[i]);
}
