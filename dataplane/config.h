/*
 * config - what carrick-splice can be told: splice.yml, from one table of
 * keys.
 */
#ifndef DATAPLANE_CONFIG_H
#define DATAPLANE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/conf.h"

struct siblings;

struct config {
	char *name;
	struct conf_list listen; /* ADDRESS:PORT */
	bool reuse_port;
	char *accept_listen;		  /* the same; empty: none */
	char *accept_advertise;		  /* the same; empty: accept_listen */
	struct conf_list siblings;	  /* sibling_parse reads each */
	struct conf_list trusted_proxies; /* networks */
	char *events_url;
	char *link_key;		  /* a file; for tcp:// alone */
	char *commands_listen;	  /* the same */
	char *commands_advertise; /* the same; empty: commands_listen */
	char *user;
	uint32_t workers; /* 0 = one a core */
	uint32_t max_connections;
	uint32_t max_connections_per_source;
	uint32_t max_local_connections;
	uint32_t max_accept_connections;
	uint32_t max_sibling_connections;
	uint32_t max_asks;
	uint32_t max_asks_per_source;
	uint32_t preamble_timeout_ms;
	uint32_t control_wait_ms;
	uint64_t pipe_pool_bytes;
	uint32_t pipe_bytes; /* a power of 2 once it is loaded */
	uint32_t keepalive_idle_s;
	uint32_t keepalive_interval_s;
	uint32_t keepalive_count;
	uint32_t user_timeout_ms; /* 0 = the kernel's */
	uint32_t drain_timeout_ms;
	char *log_level;
	char *log_addresses;
};

/*
 * config_load - defaults, the file over them, the settings over both; what
 * follows from the machine (name, events_url) is filled in.
 *
 * path     NULL: no file.
 * why      out, CONF_WHY_CAP bytes: one line on failure.
 * Returns  0; -1 (nothing is to be freed then).
 */
int config_load(struct config *c, const char *path, const char *const *settings,
    size_t n_settings, char *why);

/* config_free - what config_load made. */
void config_free(struct config *c);

/* config_apply_log - log as it says. */
void config_apply_log(const struct config *c);

/* config_example - the commented example file. */
void config_example(FILE *f);

/* config_n_workers - threads that pump; config_n_pipes - pipes of all of
 * them together. */
size_t config_n_workers(const struct config *c);
size_t config_n_pipes(const struct config *c);

/* config_siblings - the rows of `siblings`. */
void config_siblings(const struct config *c, struct siblings *ss);

/* config_max_accepts - connections on accept_listen at once;
 * config_max_siblings - those to siblings. 0: there is no way to any. */
uint32_t config_max_accepts(const struct config *c);
uint32_t config_max_siblings(const struct config *c);

#endif
