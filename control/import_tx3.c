#include <string.h>

#include "common/exitcode.h"
#include "control/config.h"
#include "control/import.h"
#include "control/tx3_relay_file.h"
#include "proto/ipc.h"

/* As in the daemons' own key tables; --check of what was written tells. */
enum { COUNT_MAX = 65536, CONNECTIONS_MAX = 1000000 };

/* The original's limits, as near as our keys take them. */
struct limits {
	uint32_t connections;
	uint32_t streams;
	uint32_t streams_per_source;
	uint32_t relays;
	uint32_t timeout_ms;
};

/* import->own. */
struct tx3_import {
	const char *from;
	struct tx3_relay_file file;
	struct limits limits;
};

static const struct tx3_import *
own(const struct import *m)
{
	return m->own;
}

static uint32_t
fit(struct import *m, const char *key, const struct tx3_relay_number *n,
    uint32_t min, uint32_t max)
{
	char where[256];

	(void)snprintf(
	    where, sizeof where, "%.200s:%zu: ", own(m)->from, n->line);
	return import_fit(m, where, key, n->value, min, max);
}

static void
fit_limits(struct import *m, struct tx3_import *o)
{
	const struct tx3_relay_file *from = &o->file;

	o->limits = (struct limits){
	    .connections = fit(m, "maxInboundConnections",
		&from->max_inbound_connections, 1, CONNECTIONS_MAX),
	    .streams = fit(m, "maxControlStreams", &from->max_control_streams,
		1, COUNT_MAX),
	    .streams_per_source = fit(m, "maxControlStreamsPerIp",
		&from->max_control_streams_per_ip, 1, COUNT_MAX),
	    .relays = fit(m, "maxRelaysPerControl",
		&from->max_relays_per_control, 1, COUNT_MAX),
	    .timeout_ms = fit(m, "connectionTimeoutMs",
		&from->connection_timeout_ms, IPC_TTL_MIN_MS, IPC_TTL_MAX_MS),
	};
}

/* tx3-relay bounds no handshakes but by the streams they become, and its nodes
 * come all at once after a restart. */
static void
write_limits(FILE *f, const struct import *m)
{
	enum { HANDSHAKES = 64 }; /* max_handshakes' default */
	const struct limits *l = &own(m)->limits;

	(void)fprintf(f,
	    "max_control_streams: %u\n"
	    "max_control_streams_per_source: %u\n"
	    "max_relays_per_client: %u\n"
	    "connection_timeout_ms: %u\n"
	    "handshake_timeout_ms: %u\n"
	    "max_handshakes_per_source: %u\n"
	    "max_handshakes: %u\n",
	    l->streams, l->streams_per_source, l->relays, l->timeout_ms,
	    l->timeout_ms, l->streams_per_source,
	    l->streams_per_source > HANDSHAKES ? l->streams_per_source
					       : HANDSHAKES);
}

/* Where the URLs that were given out point to, if the binds tell. */
static void
write_advertise(FILE *f, const struct import *m)
{
	const struct tx3_relay_file *from = &own(m)->file;
	struct addr at[TX3_RELAY_BINDS_MAX];

	for (size_t i = 0; i < from->n_binds; i++) {
		const struct tx3_relay_bind *b = &from->binds[i];

		if (!b->is_literal || b->port == 0 ||
		    addr_is_unspecified(&b->addr)) {
			(void)fprintf(m->notes,
			    "advertise: the file does not say under which "
			    "HOST:PORT others reach this relay: set it to "
			    "what stands in the URLs that were given out\n");
			return;
		}
		at[i] = b->addr;
	}
	import_put_list(f, "advertise", at, from->n_binds);
}

static void
write_config(FILE *f, void *arg)
{
	struct import *m = arg;

	config_example(f);
	(void)fprintf(f, "\n# Taken over from a tx3-relay:");
	setup_put_keys(&m->setup, f);
	write_advertise(f, m);
	write_limits(f, m);
}

/* A name can't be listened at. Returns how many addresses there are. */
static size_t
find_listen(const struct import *m, struct addr at[TX3_RELAY_BINDS_MAX])
{
	const struct tx3_relay_file *from = &own(m)->file;
	size_t n = 0;

	for (size_t i = 0; i < from->n_binds; i++) {
		const struct tx3_relay_bind *b = &from->binds[i];

		if (!b->is_literal) {
			(void)fprintf(m->notes,
			    "%s:%zu: bind: '%s' is a name, and a splice node "
			    "listens at addresses: put into splice.yml's "
			    "listen what it stands for\n",
			    own(m)->from, b->line, b->host);
			continue;
		}
		if (b->port == 0)
			(void)fprintf(m->notes,
			    "%s:%zu: bind: port 0 is another port after each "
			    "start, so no URL stays: put the port into "
			    "splice.yml's listen\n",
			    own(m)->from, b->line);
		at[n++] = b->addr;
	}
	return n;
}

static void
write_listen(FILE *f, const struct import *m)
{
	struct addr at[TX3_RELAY_BINDS_MAX] = {{.port = 0}};
	size_t n = find_listen(m, at);

	import_put_list(f, "listen", at, n);
	if (n == 0)
		(void)fprintf(m->notes,
		    "%s: bind: there is no address in it: splice nodes listen "
		    "at their default, port 7443\n",
		    own(m)->from);
}

static void
write_splice(FILE *f, void *arg)
{
	struct import *m = arg;
	const struct limits *l = &own(m)->limits;

	(void)fprintf(f,
	    "# splice.yml - taken over from a tx3-relay; carrick-splice "
	    "--example prints\n# all keys.\n");
	write_listen(f, m);
	(void)fprintf(f,
	    "max_connections: %u\n"
	    "max_connections_per_source: %u\n"
	    "preamble_timeout_ms: %u\n",
	    l->connections, l->connections, l->timeout_ms);
}

static int
load(struct import *m)
{
	struct tx3_import *o = m->own;
	char why[TX3_RELAY_WHY_CAP];

	if (tx3_relay_file_load(&o->file, o->from, m->notes, why) != 0)
		return setup_fail(&m->setup, NULL, why);
	m->setup.tx3 = o->file.identity;
	fit_limits(m, o);
	return EXITCODE_OK;
}

static void
report(const struct import *m)
{
	setup_report_paths(&m->setup, "HOST:7443");
	printf("The digest is tx3-relay's: its URLs stay good where splice "
	       "nodes listen at its\naddress and port. Stop tx3-relay before "
	       "they start.\n");
}

int
import_tx3(const char *from, const char *path)
{
	static const struct import_kind TX3 = {
	    .load = load,
	    .splice = write_splice,
	    .config = write_config,
	    .report = report,
	};
	struct tx3_import o = {.from = from};
	struct import m = {.own = &o};
	int rc = import_run(&m, &TX3, path);

	tx3_relay_file_free(&o.file);
	return rc;
}
