#include "control/config.h"

#include <stdlib.h>
#include <string.h>

#include "common/daemon_conf.h"
#include "common/nnlink.h"
#include "common/rundir.h"
#include "control/config_keys.h"

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

	if (rundir_runtime(dir, sizeof dir) != 0) {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "the runtime folder's path is too long: set events_url "
		    "and admin_socket");
		return -1;
	}
	if (daemon_conf_events_url(&config->events_url, why) != 0)
		return -1;
	if (config->admin_socket[0] != '\0')
		return 0;
	(void)snprintf(text, sizeof text, "%s/admin.sock", dir);
	return set_text(&config->admin_socket, text, why);
}

/* The one entry that nobody wrote. */
static int
add_default_identity(struct config *config, const char *path, char *why)
{
	static const char NO_MEMORY[] = "no memory is left";
	struct conf_list *list = &config->identities;
	struct config_identity *id = calloc(1, sizeof *id);
	void **items = realloc(list->items, sizeof *items);

	if (items != NULL)
		list->items = items;
	if (id == NULL || items == NULL) {
		free(id);
		(void)snprintf(why, CONFIG_WHY_CAP, "%s", NO_MEMORY);
		return -1;
	}
	conf_defaults(CONFIG_IDENTITY_KEYS, id);
	list->items[list->n++] = id;
	config->is_default_identity = true;
	return set_text(&id->file, path, why);
}

/* The file of that key, unless it was named. */
static int
fill_state_file(char **value, const char *key, const char *name, char *why)
{
	char dir[256], text[sizeof dir + 32];

	if ((*value)[0] != '\0')
		return 0;
	if (rundir_state(dir, sizeof dir) != 0) {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "the state folder's path is too long: set %s", key);
		return -1;
	}
	(void)snprintf(text, sizeof text, "%s/%s", dir, name);
	return set_text(value, text, why);
}

static int
fill_state_files(struct config *config, char *why)
{
	config->is_default_syncthing_identity =
	    config->syncthing_identity[0] == '\0';
	if (fill_state_file(&config->syncthing_identity, "syncthing_identity",
		"syncthing.pem", why) != 0)
		return -1;
	return fill_state_file(
	    &config->cluster_key, "cluster_key", "cluster.key", why);
}

static int
fill_identity(struct config *config, char *why)
{
	char dir[256], text[sizeof dir + 32];

	if (config->identities.n > 0)
		return 0;
	if (rundir_state(dir, sizeof dir) != 0) {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "the state folder's path is too long: set identities");
		return -1;
	}
	(void)snprintf(text, sizeof text, "%s/identity.pem", dir);
	return add_default_identity(config, text, why);
}

/* Two paths of one file are found when their certificates are. */
static int
check_identities(const struct config *config, char *why)
{
	const struct conf_list *list = &config->identities;

	for (size_t i = 0; i < list->n; i++) {
		const struct config_identity *id = list->items[i];

		if (id->file[0] == '\0') {
			(void)snprintf(why, CONFIG_WHY_CAP,
			    "identities: file: name the PEM file of the "
			    "identity");
			return -1;
		}
		for (size_t j = 0; j < i; j++) {
			const struct config_identity *other = list->items[j];

			if (strcmp(id->file, other->file) != 0)
				continue;
			(void)snprintf(why, CONFIG_WHY_CAP,
			    "identities: '%.200s' is given twice: remove one",
			    id->file);
			return -1;
		}
	}
	return 0;
}

/* Over tcp:// nobody is a node who is not listed. */
static int
check_nodes(const struct config *config, char *why)
{
	const struct conf_list *list = &config->nodes;

	if (list->n == 0 && nnlink_is_tcp(config->events_url)) {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "nodes: with events_url %s no splice node is welcome "
		    "until it is listed: nodes: [{name: edge-*, networks: "
		    "[10.0.0.0/24]}]",
		    config->events_url);
		return -1;
	}
	for (size_t i = 0; i < list->n; i++) {
		const struct config_node *node = list->items[i];

		if (node->name[0] != '\0' && node->networks.n > 0)
			continue;
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "nodes: entry %zu: it needs a name, such as edge-*, and "
		    "networks, such as [10.0.0.0/24]",
		    i + 1);
		return -1;
	}
	return 0;
}

static int
check_frontends(const struct config *config, char *why)
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
	if (daemon_conf_load(
		CONFIG_KEYS, config, path, settings, n_settings, why) != 0)
		return -1;
	if (fill_runtime(config, why) == 0 && fill_identity(config, why) == 0 &&
	    fill_state_files(config, why) == 0 &&
	    check_identities(config, why) == 0 &&
	    check_nodes(config, why) == 0 && check_frontends(config, why) == 0)
		return 0;
	config_free(config);
	return -1;
}

void
config_free(struct config *config)
{
	conf_free(CONFIG_KEYS, config);
}

bool
config_serves(const struct config *config, const char *frontend)
{
	for (size_t i = 0; i < config->frontends.n; i++)
		if (strcmp(config->frontends.items[i], frontend) == 0)
			return true;
	return false;
}

void
config_apply_log(const struct config *config)
{
	daemon_conf_apply_log(config->log_level, config->log_addresses);
}

void
config_example(FILE *f)
{
	conf_example(CONFIG_KEYS,
	    "control.yml - the configuration of carrick-control", f);
}
