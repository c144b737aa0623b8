/*
 * tx3_relay_file - reading the original relay's configuration, tx3-relay.yml
 * (tx3 0.0.1): its keys, its defaults, its secrets.
 */
#ifndef CONTROL_TX3_RELAY_FILE_H
#define CONTROL_TX3_RELAY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/identity.h"
#include "proto/addr.h"

enum {
	TX3_RELAY_BINDS_MAX = 32, /* what a splice node's listen takes */
	TX3_RELAY_WHY_CAP = 512
};

/* A value and where it stands; line 0: it is the original's default. */
struct tx3_relay_number {
	uint32_t value;
	size_t line;
};

struct tx3_relay_bind {
	char host[ADDR_HOST_CAP]; /* name or literal, no brackets */
	uint16_t port;		  /* 0: the kernel's choice */
	struct addr addr;	  /* if is_literal */
	bool is_literal;
	size_t line;
};

struct tx3_relay_file {
	struct tx3_relay_bind binds[TX3_RELAY_BINDS_MAX];
	size_t n_binds;
	struct tx3_relay_number max_inbound_connections;
	struct tx3_relay_number max_control_streams;
	struct tx3_relay_number max_control_streams_per_ip;
	struct tx3_relay_number max_relays_per_control;
	struct tx3_relay_number connection_timeout_ms;
	struct identity *identity; /* owned */
};

/*
 * tx3_relay_file_load - read it whole.
 *
 * file     out; tx3_relay_file_free afterwards, whatever is returned.
 * notes    gets a line for each thing that is there and means nothing here.
 * why      out, TX3_RELAY_WHY_CAP bytes: on failure one line
 *          "FILE:LINE: key: what is wrong".
 * Returns  0; -1.
 */
int tx3_relay_file_load(
    struct tx3_relay_file *file, const char *path, FILE *notes, char *why);

/* tx3_relay_file_free - the key is wiped. */
void tx3_relay_file_free(struct tx3_relay_file *file);

#endif
