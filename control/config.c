#include "control/config.h"

#include <stdlib.h>
#include <string.h>

#include "common/ipcpath.h"
#include "common/nnlink.h"
#include "common/rundir.h"
#include "control/frontend.h"
#include "proto/addr.h"
#include "proto/tx3.h"

#define TEXT(x)	 TEXT_(x)
#define TEXT_(x) #x

static const char *
check_events_url(const char *text)
{
	const char *why = NULL;

	if (text[0] == '\0' || nnlink_check_url(text, &why) == 0)
		return NULL;
	return why;
}

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
check_log_level(const char *text)
{
	enum log_level level;

	return log_level_parse(&level, text) == 0
		   ? NULL
		   : "one of debug, info, warn, error";
}

static const char *
check_log_addresses(const char *text)
{
	enum log_addresses addresses;

	return log_addresses_parse(&addresses, text) == 0
		   ? NULL
		   : "one of full, prefix, none";
}

#define AT(member) offsetof(struct config, member)

static const struct conf_key IDENTITY_KEYS[] = {
    {.name = "file",
	.type = CONF_STRING,
	.offset = offsetof(struct config_identity, file),
	.min = 0,
	.max = 4095,
	.help = "certificate and key in one PEM file, mode 0600"},
    {.name = NULL},
};

static const struct conf_key KEYS[] = {
    {.name = "identities",
	.type = CONF_SECTIONS,
	.offset = AT(identities),
	.min = 0,
	.max = 1,
	.sub = IDENTITY_KEYS,
	.sub_size = sizeof(struct config_identity),
	.help = "Who this relay is: the SHA-256 of the certificate stands in "
		"its URL, so\nlosing the file is losing the URL. So far one. "
		"Empty: identity.pem in the\nstate folder "
		"($STATE_DIRECTORY, else $XDG_STATE_HOME/carrick, else\n"
		"/var/lib/carrick). carrick-control --init makes one."},
    {.name = "frontends",
	.type = CONF_STRINGS,
	.offset = AT(frontends),
	.min = 1,
	.max = FRONTENDS_MAX,
	.def = "[tx3]",
	.check = check_frontend,
	.help = "The protocols that are served, all on the nodes' ports."},
    {.name = "advertise",
	.type = CONF_STRINGS,
	.offset = AT(advertise),
	.min = 0,
	.max = 32,
	.check = check_public,
	.help = "HOST:PORT under which others reach the splice nodes: what "
		"the relay's URLs\nare made of. Empty: the first node's "
		"listen addresses, with a warning."},
    {.name = "events_url",
	.type = CONF_STRING,
	.offset = AT(events_url),
	.min = 0,
	.max = 6 + NNLINK_IPC_PATH_MAX,
	.check = check_events_url,
	.help = "Where splice nodes reach this daemon; the nodes' own sockets "
		"lie in the same\nfolder. Empty: ipc://, the runtime folder "
		"($RUNTIME_DIRECTORY, else\n$XDG_RUNTIME_DIR/carrick, else "
		"/run/carrick), /control.events.ipc."},
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
		"them announced; as many again as this\nnumber wait for their "
		"turn. (tx3-relay: maxRelaysPerControl)"},
    {.name = "connection_timeout_ms",
	.type = CONF_U32,
	.offset = AT(connection_timeout_ms),
	.min = IPC_TTL_MIN_MS,
	.max = IPC_TTL_MAX_MS,
	.def = TEXT(TX3_CONNECTION_TIMEOUT_MS),
	.help = "How long a peer waits for its client. (tx3-relay: "
		"connectionTimeoutMs)"},
    {.name = "max_handshakes",
	.type = CONF_U32,
	.offset = AT(max_handshakes),
	.min = 1,
	.max = 65536,
	.def = "64",
	.help = "TLS handshakes at once: strangers cost no more than these."},
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
	.check = check_log_level,
	.help = "debug, info, warn or error."},
    {.name = "log_addresses",
	.type = CONF_STRING,
	.offset = AT(log_addresses),
	.min = 0,
	.max = 16,
	.def = "full",
	.check = check_log_addresses,
	.help = "Others' addresses in log and status: full, prefix (the "
		"network) or none."},
    {.name = NULL},
};

static int
set_text(char **value, const char *text, char *why)
{
	char *copy = strdup(text);

	if (copy == NULL) {
		(void)snprintf(why, CONFIG_WHY_CAP, "no memory is left");
		return -1;
	}
	free(*value);
	*value = copy;
	return 0;
}

/* What is empty, from this machine's folders. */
static int
fill_runtime(struct config *config, char *why)
{
	char dir[256], text[sizeof dir + 32];
	const char *what;

	if (rundir_runtime(dir, sizeof dir) != 0) {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "the runtime folder's path is too long: set events_url "
		    "and admin_socket");
		return -1;
	}
	if (config->events_url[0] == '\0') {
		(void)snprintf(
		    text, sizeof text, "ipc://%s/control.events.ipc", dir);
		if (nnlink_check_url(text, &what) != 0) {
			(void)snprintf(why, CONFIG_WHY_CAP,
			    "events_url: its default '%s': %s", text, what);
			return -1;
		}
		if (set_text(&config->events_url, text, why) != 0)
			return -1;
	}
	if (config->admin_socket[0] != '\0')
		return 0;
	(void)snprintf(text, sizeof text, "%s/admin.sock", dir);
	return set_text(&config->admin_socket, text, why);
}

static int
fill_identity(struct config *config, char *why)
{
	const struct config_identity *given =
	    config->identities.n > 0 ? config->identities.items[0] : NULL;
	char dir[256], text[sizeof dir + 32];

	if (given != NULL && given->file[0] == '\0') {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "identities: file: name the PEM file of the identity");
		return -1;
	}
	if (given != NULL)
		return set_text(&config->identity_file, given->file, why);
	if (rundir_state(dir, sizeof dir) != 0) {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "the state folder's path is too long: set identities");
		return -1;
	}
	(void)snprintf(text, sizeof text, "%s/identity.pem", dir);
	return set_text(&config->identity_file, text, why);
}

static int
check_twice(const struct config *config, char *why)
{
	const struct conf_list *list = &config->frontends;

	for (size_t i = 0; i < list->n; i++)
		for (size_t j = 0; j < i; j++) {
			if (strcmp(list->items[i], list->items[j]) != 0)
				continue;
			(void)snprintf(why, CONFIG_WHY_CAP,
			    "frontends: '%s' is given twice: remove one",
			    (const char *)list->items[i]);
			return -1;
		}
	return 0;
}

int
config_load(struct config *config, const char *path,
    const char *const *settings, size_t n_settings, char *why)
{
	memset(config, 0, sizeof *config);
	config->from_file = path != NULL;
	if (path == NULL)
		conf_defaults(KEYS, config);
	else if (conf_load(KEYS, config, path, why) != 0)
		return -1;
	for (size_t i = 0; i < n_settings; i++)
		if (conf_set(KEYS, config, settings[i], why) != 0)
			goto fail;
	if (fill_runtime(config, why) == 0 && fill_identity(config, why) == 0 &&
	    check_twice(config, why) == 0)
		return 0;
fail:
	config_free(config);
	return -1;
}

void
config_free(struct config *config)
{
	conf_free(KEYS, config);
	free(config->identity_file);
	config->identity_file = NULL;
}

void
config_apply_log(const struct config *config)
{
	enum log_level level = LOG_LEVEL_INFO;
	enum log_addresses addresses = LOG_ADDRESSES_FULL;

	/* Checked when they were read. */
	(void)log_level_parse(&level, config->log_level);
	(void)log_addresses_parse(&addresses, config->log_addresses);
	log_setup(level, addresses);
}

void
config_example(FILE *f)
{
	conf_example(
	    KEYS, "control.yml - the configuration of carrick-control", f);
}
