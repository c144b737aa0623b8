#include <string.h>

#include "common/exitcode.h"
#include "common/identity.h"
#include "control/config.h"
#include "control/import.h"
#include "control/strelaysrv_flags.h"
#include "proto/ipc.h"
#include "proto/syncthing.h"

/* strelaysrv bounds nothing but its descriptors: what a private relay will
 * not meet, and a stranger alone can't fill. */
#define LIMITS                                  \
	"max_control_streams: 4096\n"           \
	"max_control_streams_per_source: 256\n" \
	"max_relays_per_client: 1024\n"         \
	"max_handshakes: 256\n"                 \
	"max_handshakes_per_source: 64\n"

/* HOST:PORT as Go has it, where HOST may be nothing. */
struct place {
	char host[ADDR_HOST_CAP]; /* "" = everywhere */
	uint16_t port;
	struct addr at[2]; /* what to listen at; none for a name */
	size_t n;
};

/* import->own. */
struct strelaysrv_import {
	struct strelaysrv_flags flags;
	struct place listen;
	struct place external; /* port 0: the flag was not given */
	struct place status;
	struct identity *identity; /* owned */
};

static const struct strelaysrv_import *
own(const struct import *m)
{
	return m->own;
}

/* Both families, unless -protocol wants one. */
static void
listen_everywhere(struct place *p, const char *protocol)
{
	static const struct {
		const char *protocol, *address;
	} FAMILIES[] = {{"tcp6", "0.0.0.0:0"}, {"tcp4", "[::]:0"}};

	p->host[0] = '\0';
	for (size_t i = 0; i < 2; i++) {
		if (strcmp(protocol, FAMILIES[i].protocol) == 0)
			continue;
		(void)addr_parse(&p->at[p->n], FAMILIES[i].address);
		p->at[p->n++].port = p->port;
	}
}

/* Returns 0; -1: it is no such place. */
static int
parse_place(struct place *p, const char *text, const char *protocol)
{
	char whole[ADDR_JOINED_CAP];
	struct addr a;

	if (text[0] == ':') {
		if (addr_parse_port(text + 1, strlen(text + 1), &p->port) != 0)
			return -1;
		listen_everywhere(p, protocol);
		return 0;
	}
	if (addr_split_host(text, strlen(text), p->host, &p->port) != 0)
		return -1;
	if (addr_parse(&a, addr_join_host(p->host, p->port, whole)) != 0)
		return 0;
	if (addr_is_unspecified(&a))
		listen_everywhere(p, protocol);
	else
		p->at[p->n++] = a;
	return 0;
}

static int
read_place(
    struct import *m, struct place *p, const char *flag, const char *text)
{
	const char *protocol = own(m)->flags.protocol;
	char why[256];

	if (text[0] == '\0' || parse_place(p, text, protocol) == 0)
		return EXITCODE_OK;
	(void)snprintf(why, sizeof why,
	    "-%s: '%.64s': [HOST]:PORT is wanted, the port as a number", flag,
	    text);
	return setup_fail(&m->setup, NULL, why);
}

static int
check_token(struct import *m)
{
	const char *token = m->setup.token;

	if (token == NULL || (strlen(token) <= SYNCTHING_TEXT_MAX &&
				 strpbrk(token, "\r\n") == NULL))
		return EXITCODE_OK;
	return setup_fail(&m->setup, NULL,
	    "-token: one line of at most 1020 bytes is wanted");
}

static int
load_identity(struct import *m, struct strelaysrv_import *o)
{
	const char *keys = o->flags.keys;
	char cert[SETUP_PATH_CAP], key[SETUP_PATH_CAP], why[IDENTITY_WHY_CAP];

	if (snprintf(cert, sizeof cert, "%s/cert.pem", keys) >= SETUP_PATH_CAP)
		return setup_fail(&m->setup, "-keys", "the path is too long");
	(void)snprintf(key, sizeof key, "%s/key.pem", keys);
	o->identity = identity_load_two(cert, key, why);
	if (o->identity == NULL)
		return setup_fail(&m->setup, NULL, why);
	m->setup.syncthing = o->identity;
	return EXITCODE_OK;
}

/* What Carrick does not have, and what it does instead. */
static const struct {
	const char *flag, *what;
} ELSEWHERE[] = {
    {"nat-lease", "Carrick asks no router for a port"},
    {"nat-renewal", "Carrick asks no router for a port"},
    {"nat-timeout", "Carrick asks no router for a port"},
    {"network-buffer", "the kernel moves the bytes, through no buffer"},
    {"pprof", "there is no such page; /metrics has figures"},
    {"provided-by", "it is for pools, and Carrick joins none"},
};

_Static_assert(SYNCTHING_PING_MS == 60000, "every minute");
_Static_assert(SYNCTHING_SILENCE_MS == 120000, "for two minutes");

static void
note(const struct import *m, const char *flag, const char *what)
{
	(void)fprintf(m->notes, "-%s: %s\n", flag, what);
}

static void
note_flags(struct import *m)
{
	const struct strelaysrv_flags *f = &own(m)->flags;

	for (size_t i = 0; i < sizeof ELSEWHERE / sizeof ELSEWHERE[0]; i++)
		if (strelaysrv_flags_has(f, ELSEWHERE[i].flag))
			note(m, ELSEWHERE[i].flag, ELSEWHERE[i].what);
	if (f->nat)
		note(m, "nat",
		    "Carrick asks no router for a port: forward it there by "
		    "hand");
	/* A token keeps strelaysrv out of pools as well. */
	if (f->pools[0] != '\0' && f->token[0] == '\0')
		note(m, "pools",
		    "Carrick joins none: devices that found this relay in a "
		    "pool do so no longer, those that have its URL stay");
	if (f->ping_interval_ms != SYNCTHING_PING_MS)
		note(m, "ping-interval", "devices are pinged every minute");
	if (f->network_timeout_ms != SYNCTHING_SILENCE_MS)
		note(m, "network-timeout",
		    "it was written for sessions; a joined device is gone "
		    "when it says nothing for two minutes");
	if (f->per_session_rate > 0)
		note(m, "per-session-rate",
		    "it is each session's own, while all shared one in "
		    "strelaysrv before 1.29.6: -global-rate bounds them "
		    "together");
}

static int
load(struct import *m)
{
	struct strelaysrv_import *o = m->own;
	int rc = check_token(m);

	if (rc == EXITCODE_OK)
		rc = read_place(m, &o->listen, "listen", o->flags.listen);
	if (rc == EXITCODE_OK)
		rc = read_place(
		    m, &o->external, "ext-address", o->flags.ext_address);
	if (rc == EXITCODE_OK)
		rc = read_place(
		    m, &o->status, "status-srv", o->flags.status_srv);
	if (rc == EXITCODE_OK)
		rc = load_identity(m, o);
	if (rc == EXITCODE_OK)
		note_flags(m);
	return rc;
}

/* Where devices come: as it was announced, else as it listens. */
static const struct place *
public_place(const struct strelaysrv_import *o)
{
	return o->external.port != 0 ? &o->external : &o->listen;
}

/* Invitations have the port of advertise, or else the one that was dialled. */
static void
note_host(const struct import *m, uint16_t port)
{
	uint16_t listens_at = own(m)->listen.port;

	(void)fprintf(m->notes,
	    "advertise: the flags do not say under which HOST others reach "
	    "this relay: set it to HOST:%u, as in the URLs that were given "
	    "out\n",
	    port);
	if (port != listens_at)
		(void)fprintf(m->notes,
		    "-ext-address: until advertise is set, devices are sent to "
		    "port %u for their sessions, and not to %u\n",
		    listens_at, port);
}

static void
write_advertise(FILE *f, const struct import *m)
{
	const struct place *p = public_place(own(m));

	if (p->host[0] != '\0')
		import_put_host(f, "advertise", p->host, p->port);
	else
		note_host(m, p->port);
}

static void
write_status(FILE *f, const struct import *m)
{
	const struct place *p = &own(m)->status;

	import_put_list(f, "syncthing_status_listen", p->at, p->n);
	if (p->port != 0 && p->n == 0)
		(void)fprintf(m->notes,
		    "-status-srv: '%s' is a name: put what it stands for into "
		    "syncthing_status_listen\n",
		    p->host);
}

static void
write_rate(
    FILE *f, struct import *m, const char *key, const char *flag, int64_t rate)
{
	if (rate > 0)
		(void)fprintf(f, "%s: %u\n", key,
		    import_fit(m, "-", flag, rate, 1, UINT32_MAX));
}

static void
write_limits(FILE *f, struct import *m)
{
	enum { IDLE_MIN_MS = 1000, IDLE_MAX_MS = 604800000 };
	const struct strelaysrv_flags *l = &own(m)->flags;
	uint32_t timeout = import_fit(m, "-", "message-timeout in ms",
	    (int64_t)l->message_timeout_ms, IPC_TTL_MIN_MS, IPC_TTL_MAX_MS);

	(void)fprintf(f,
	    LIMITS "connection_timeout_ms: %u\n"
		   "handshake_timeout_ms: %u\n"
		   "pair_idle_ms: %u\n",
	    timeout, timeout,
	    import_fit(m, "-", "network-timeout in ms",
		(int64_t)l->network_timeout_ms, IDLE_MIN_MS, IDLE_MAX_MS));
	write_rate(f, m, "max_bytes_per_s_per_pair", "per-session-rate",
	    l->per_session_rate);
	write_rate(f, m, "max_bytes_per_s", "global-rate", l->global_rate);
	if (l->debug)
		(void)fprintf(f, "log_level: debug\n");
}

static void
write_config(FILE *f, void *arg)
{
	struct import *m = arg;

	config_example(f);
	(void)fprintf(f, "\n# Taken over from a strelaysrv:");
	setup_put_keys(&m->setup, f);
	(void)fprintf(f, "frontends: [syncthing]\n");
	write_advertise(f, m);
	write_status(f, m);
	write_limits(f, m);
}

static void
write_splice(FILE *f, void *arg)
{
	struct import *m = arg;
	const struct place *p = &own(m)->listen;

	(void)fprintf(f,
	    "# splice.yml - taken over from a strelaysrv; carrick-splice "
	    "--example prints\n# all keys.\n");
	import_put_list(f, "listen", p->at, p->n);
	if (p->n == 0)
		(void)fprintf(m->notes,
		    "-listen: '%s' is a name, and a splice node listens at "
		    "addresses: put into splice.yml's listen what it stands "
		    "for\n",
		    p->host);
	else if (p->port == 0)
		note(m, "listen",
		    "port 0 is another port after each start, so no URL "
		    "stays: put the port into splice.yml's listen");
}

static void
report(const struct import *m)
{
	const struct place *p = public_place(own(m));
	char at[ADDR_JOINED_CAP];

	setup_report_paths(&m->setup,
	    addr_join_host(p->host[0] != '\0' ? p->host : "HOST", p->port, at));
	printf("The device ID is strelaysrv's, so its URLs stay good. Stop "
	       "strelaysrv before\ncarrick-splice starts. strelaysrv has no "
	       "limits but its descriptors; these were\nwritten:\n" LIMITS);
}

static int
fail_flag(const char *what, const char *why)
{
	(void)fprintf(
	    stderr, "carrick-control: import strelaysrv: %s: %s\n", what, why);
	return EXITCODE_USAGE;
}

int
import_strelaysrv(char *const *flags, size_t n, const char *path)
{
	static const struct import_kind STRELAYSRV = {
	    .load = load,
	    .splice = write_splice,
	    .config = write_config,
	    .report = report,
	};
	struct strelaysrv_import o = {.identity = NULL};
	struct import m = {.own = &o};
	const char *what, *why;
	int rc;

	if (strelaysrv_flags_parse(&o.flags, n, flags, &what, &why) != 0)
		return fail_flag(what, why);
	if (o.flags.version)
		return fail_flag("-version", "with it there is no relay");
	if (o.flags.token[0] != '\0')
		m.setup.token = o.flags.token;
	rc = import_run(&m, &STRELAYSRV, path);
	identity_free(o.identity);
	return rc;
}
