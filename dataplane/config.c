#include "dataplane/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/daemon_conf.h"
#include "common/ipcpath.h"
#include "common/nnlink.h"
#include "dataplane/config_keys.h"
#include "dataplane/siblings.h"
#include "dataplane/worker.h"
#include "proto/addr.h"
#include "proto/ipc.h"

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

/* A port that is opened for nobody would be a mistake. */
static int
refuse_tcp_only(const char *key, const struct config *c, char *why)
{
	(void)snprintf(why, CONF_WHY_CAP,
	    "%s: it is for a tcp:// events_url alone, and this is %s: remove "
	    "one of them",
	    key, c->events_url);
	return -1;
}

/* Siblings are told accept_listen as it is, unless something else is
 * advertised, for nothing says from which address they come. */
static int
check_ipc(const struct config *c, char *why)
{
	struct addr a;

	if (c->commands_listen[0] != '\0')
		return refuse_tcp_only("commands_listen", c, why);
	if (c->commands_advertise[0] != '\0')
		return refuse_tcp_only("commands_advertise", c, why);
	if (addr_parse(&a, c->accept_listen) == 0 && addr_is_unspecified(&a) &&
	    c->accept_advertise[0] == '\0') {
		(void)snprintf(why, CONF_WHY_CAP,
		    "accept_listen: '%s': siblings are told it, and go there: "
		    "write one address of this machine, such as 10.0.0.7:7449, "
		    "or set accept_advertise",
		    c->accept_listen);
		return -1;
	}
	return check_paths(c, why);
}

static int
check_advertised(const struct config *c, char *why)
{
	if (c->accept_advertise[0] == '\0' || c->accept_listen[0] != '\0')
		return 0;
	(void)snprintf(why, CONF_WHY_CAP,
	    "accept_advertise: nobody would be there: set accept_listen too, "
	    "such as 0.0.0.0:7449");
	return -1;
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
	if (check_advertised(c, why) == -1)
		return -1;
	return nnlink_is_tcp(c->events_url) ? check_tcp(c, why)
					    : check_ipc(c, why);
}

int
config_load(struct config *c, const char *path, const char *const *settings,
    size_t n_settings, char *why)
{
	memset(c, 0, sizeof *c);
	if (daemon_conf_load(CONFIG_KEYS, c, path, settings, n_settings, why) ==
	    -1)
		return -1;
	if (complete(c, why) == 0)
		return 0;
	config_free(c);
	return -1;
}

void
config_free(struct config *c)
{
	conf_free(CONFIG_KEYS, c);
}

void
config_apply_log(const struct config *c)
{
	daemon_conf_apply_log(c->log_level, c->log_addresses);
}

void
config_example(FILE *f)
{
	conf_example(CONFIG_KEYS,
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
config_max_accepts(const struct config *c)
{
	return c->accept_listen[0] != '\0' ? c->max_accept_connections : 0;
}

uint32_t
config_max_siblings(const struct config *c)
{
	return c->siblings.n > 0 ? c->max_sibling_connections : 0;
}

void
config_siblings(const struct config *c, struct siblings *ss)
{
	ss->n = c->siblings.n; /* each was checked when it was read */
	for (size_t i = 0; i < ss->n; i++)
		(void)sibling_parse(&ss->list[i], c->siblings.items[i]);
}
