#include "control/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/exitcode.h"
#include "control/config.h"
#include "control/setup.h"
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

struct import {
	struct setup setup;
	const char *from;
	struct tx3_relay_file file;
	struct limits limits;
	char *notes_text; /* owned: what can't be carried over, by lines */
	size_t notes_len;
	FILE *notes; /* writes it */
};

static uint32_t
fit(struct import *m, const char *key, const struct tx3_relay_number *n,
    uint32_t min, uint32_t max)
{
	uint32_t fitted = n->value < min   ? min
			  : n->value > max ? max
					   : n->value;

	if (fitted != n->value)
		(void)fprintf(m->notes,
		    "%s:%zu: %s: %u is out of Carrick's range %u..%u: %u was "
		    "written\n",
		    m->from, n->line, key, n->value, min, max, fitted);
	return fitted;
}

static void
fit_limits(struct import *m)
{
	const struct tx3_relay_file *from = &m->file;

	m->limits = (struct limits){
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
	const struct limits *l = &m->limits;

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
	const struct tx3_relay_file *from = &m->file;
	char text[ADDR_JOINED_CAP];

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
	}
	if (from->n_binds == 0)
		return;
	(void)fprintf(f, "advertise:\n");
	for (size_t i = 0; i < from->n_binds; i++)
		(void)fprintf(f, "  - '%s'\n",
		    addr_join_host(
			from->binds[i].host, from->binds[i].port, text));
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

static void
write_listen(FILE *f, const struct import *m)
{
	const struct tx3_relay_file *from = &m->file;
	char text[ADDR_TEXT_CAP];
	size_t n = 0;

	for (size_t i = 0; i < from->n_binds; i++) {
		const struct tx3_relay_bind *b = &from->binds[i];

		if (!b->is_literal) {
			(void)fprintf(m->notes,
			    "%s:%zu: bind: '%s' is a name, and a splice node "
			    "listens at addresses: put into splice.yml's "
			    "listen what it stands for\n",
			    m->from, b->line, b->host);
			continue;
		}
		if (b->port == 0)
			(void)fprintf(m->notes,
			    "%s:%zu: bind: port 0 is another port after each "
			    "start, so no URL stays: put the port into "
			    "splice.yml's listen\n",
			    m->from, b->line);
		(void)fprintf(f, "%s  - '%s'\n", n++ == 0 ? "listen:\n" : "",
		    addr_format(&b->addr, text));
	}
	if (n == 0)
		(void)fprintf(m->notes,
		    "%s: bind: there is no address in it: splice nodes listen "
		    "at their default, port 7443\n",
		    m->from);
}

static void
write_splice(FILE *f, void *arg)
{
	struct import *m = arg;

	(void)fprintf(f,
	    "# splice.yml - taken over from a tx3-relay; carrick-splice "
	    "--example prints\n# all keys.\n");
	write_listen(f, m);
	(void)fprintf(f,
	    "max_connections: %u\n"
	    "max_connections_per_source: %u\n"
	    "preamble_timeout_ms: %u\n",
	    m->limits.connections, m->limits.connections, m->limits.timeout_ms);
}

static int
read_all(struct import *m, const char *path)
{
	char why[TX3_RELAY_WHY_CAP];
	int rc = setup_find(&m->setup, path);

	if (rc == EXITCODE_OK)
		rc = setup_refuse_to_overwrite(&m->setup);
	if (rc != EXITCODE_OK)
		return rc;
	if (tx3_relay_file_load(&m->file, m->from, m->notes, why) == 0)
		return EXITCODE_OK;
	return setup_fail(&m->setup, NULL, why);
}

static int
report(const struct import *m)
{
	setup_report_paths(&m->setup, m->file.identity);
	printf("The digest is tx3-relay's: its URLs stay good where splice "
	       "nodes listen at its\naddress and port. Stop tx3-relay before "
	       "they start.\n");
	if (m->notes_len > 0)
		printf("Not carried over:\n%s", m->notes_text);
	else
		printf("Everything was carried over.\n");
	return setup_end_report(&m->setup);
}

int
import_relay(const char *from, const char *path)
{
	struct import m = {.setup.command = "import", .from = from};
	int rc;

	m.notes = open_memstream(&m.notes_text, &m.notes_len);
	if (m.notes == NULL)
		return setup_fail(&m.setup, from, strerror(errno));
	rc = read_all(&m, path);
	if (rc == EXITCODE_OK) {
		fit_limits(&m);
		rc = setup_write_all(
		    &m.setup, m.file.identity, write_splice, write_config, &m);
	}
	if (fclose(m.notes) == 0 && rc == EXITCODE_OK)
		rc = report(&m);
	tx3_relay_file_free(&m.file);
	free(m.notes_text);
	return rc;
}
