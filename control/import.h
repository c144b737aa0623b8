/*
 * import - carrick-control import: move in whoever ran another relay, with its
 * certificate, its limits and its addresses, so that its URL stays.
 */
#ifndef CONTROL_IMPORT_H
#define CONTROL_IMPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "control/setup.h"
#include "proto/addr.h"

/* One move: read what was, write identities, control.yml and splice.yml, say
 * what could not be carried over. Overwrites nothing. */
struct import {
	struct setup setup;
	void *own;   /* the kind's; borrowed */
	FILE *notes; /* gets a line for each thing that can't be carried over */
	char *notes_text; /* owned */
	size_t notes_len;
};

/* What is special to whom is moved in. */
struct import_kind {
	/* Read it all, and say in m->setup whose keys are taken over. Returns
	 * an exit code; what went wrong has been said. */
	int (*load)(struct import *m);

	/* The configurations; arg is the import. */
	setup_write_fn *splice;
	setup_write_fn *config;

	/* Print who the relay is, and what is to be done. */
	void (*report)(const struct import *m);
};

/*
 * import_run - do it.
 *
 * m        zeroed by the caller, but for own and setup.token.
 * path     of the configuration; the others go beside it. NULL: control.yml
 *          in the state folder.
 * Returns  an exit code; what was done or went wrong has been said.
 */
int
import_run(struct import *m, const struct import_kind *kind, const char *path);

/* import_fit - value, if it is min..max, else the nearest that is, and a note
 * on where and key. */
uint32_t import_fit(struct import *m, const char *where, const char *key,
    int64_t value, uint32_t min, uint32_t max);

/* import_put_list - lines of YAML: the key, and the addresses as its list;
 * nothing if there are none. */
void
import_put_list(FILE *f, const char *key, const struct addr *list, size_t n);

/* import_put_host - the same for one HOST:PORT. */
void import_put_host(FILE *f, const char *key, const char *host, uint16_t port);

/*
 * import_tx3 - from a tx3-relay.yml.
 *
 * from     that file.
 * path, Returns  as import_run.
 */
int import_tx3(const char *from, const char *path);

/*
 * import_strelaysrv - from the command line of Syncthing's relay server, which
 * names the folder of its keys.
 *
 * flags    n of them.
 * path     as import_run.
 * Returns  as import_run; EXITCODE_USAGE: one of flags is wrong.
 */
int import_strelaysrv(char *const *flags, size_t n, const char *path);

#endif
