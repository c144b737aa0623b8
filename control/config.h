/*
 * config - control.yml: what it may say, and what it said.
 */
#ifndef CONTROL_CONFIG_H
#define CONTROL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/conf.h"
#include "common/log.h"

enum {
	CONFIG_ADMIN_LISTEN_MAX = 8,
	CONFIG_ADVERTISE_MAX = 32,
	CONFIG_IDENTITIES_MAX = 8,
	CONFIG_NODES_MAX = 64
};

/* One entry of identities. */
struct config_identity {
	char *file;
	char *dialect; /* tx3_dialect_parse */
	bool retiring;
};

/* One entry of nodes. */
struct config_node {
	char *name;		   /* a pattern; members_check_pattern */
	struct conf_list networks; /* of char *; cidr_parse */
};

struct config {
	struct conf_list identities; /* of struct config_identity; never empty
				      * once loaded */
	char *events_url;
	char *syncthing_identity;   /* a file */
	char *syncthing_token_file; /* empty = no token is wanted */
	struct conf_list syncthing_status_listen; /* of char * */
	char *cluster_key;			  /* a file */
	struct conf_list nodes;			  /* of struct config_node */
	struct conf_list admin_listen;		  /* of char * */
	char *admin_socket;
	struct conf_list advertise;	  /* of char * */
	struct conf_list frontends;	  /* of char * */
	struct conf_list trusted_proxies; /* of char * */
	uint32_t max_control_streams;
	uint32_t max_control_streams_per_source;
	uint32_t max_relays_per_client;
	uint32_t connection_timeout_ms;
	uint32_t pair_idle_ms;		   /* 0 = never */
	uint32_t max_bytes_per_s_per_pair; /* 0 = no limit; as the others */
	uint32_t max_bytes_per_s_per_client;
	uint32_t max_bytes_per_s;
	uint32_t max_handshakes;
	uint32_t max_handshakes_per_source;
	uint32_t handshake_timeout_ms;
	uint32_t max_notices_per_s;
	uint32_t max_notices_burst;
	uint32_t max_splice_nodes;
	char *user;
	char *log_level;
	char *log_addresses;

	/* Not keys: */
	bool is_default_identity; /* none was configured */
	bool is_default_syncthing_identity;
	bool from_file; /* --config was given */
};

#define CONFIG_WHY_CAP CONF_WHY_CAP

/*
 * config_load - defaults, the file if there is one, then the settings.
 *
 * path        NULL: embedded defaults, no file is looked for.
 * settings    n_settings texts "KEY=VALUE".
 * why         out, CONFIG_WHY_CAP bytes: one line on failure.
 * Returns     0, what was empty filled in (paths of this machine); -1,
 *             nothing to free.
 */
int config_load(struct config *config, const char *path,
    const char *const *settings, size_t n_settings, char *why);

void config_free(struct config *config);

/* config_serves - whether frontends names it. */
bool config_serves(const struct config *config, const char *frontend);

/* config_apply_log - level and addresses, from now on. */
void config_apply_log(const struct config *config);

/* config_example - the commented example file. */
void config_example(FILE *f);

#endif
