/*
 * setup - what --init and import have in common: where a relay's files go,
 * that nothing is overwritten, and how they are written.
 */
#ifndef CONTROL_SETUP_H
#define CONTROL_SETUP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "proto/digest.h"

enum { SETUP_PATH_CAP = 4096, SETUP_STATE_MODE = 0700 };

struct identity;

struct setup {
	const char *command; /* in messages: "--init" */
	char config[SETUP_PATH_CAP];
	char identity[SETUP_PATH_CAP];	/* absolute */
	char syncthing[SETUP_PATH_CAP]; /* absolute; the other identity */
	char cluster[SETUP_PATH_CAP];	/* absolute */
	char splice[SETUP_PATH_CAP];
	unsigned folder_mode;		      /* if the folder is missing */
	uint8_t syncthing_digest[DIGEST_LEN]; /* once it is written */
};

/* setup_write_fn - a file's text. */
typedef void setup_write_fn(FILE *f, void *arg);

/* setup_fail - say on stderr what is wrong with path; NULL: why names it.
 * Returns EXITCODE_CONFIG. */
int setup_fail(const struct setup *s, const char *path, const char *why);

/*
 * setup_find - name the files.
 *
 * s        out, but for command.
 * given    the configuration; the others go beside it. NULL: control.yml in
 *          the state folder.
 * Returns  EXITCODE_OK; another, and the reason has been said.
 */
int setup_find(struct setup *s, const char *given);

/* setup_refuse_to_overwrite - whether none of the files is there. Returns
 * EXITCODE_OK; another, and the reason has been said. */
int setup_refuse_to_overwrite(const struct setup *s);

/* setup_make_folder - of path, if that alone is missing. Returns 0; -1 with a
 * sentence in why (IDENTITY_WHY_CAP bytes). */
int setup_make_folder(const char *path, unsigned mode, char *why);

/*
 * setup_write_all - the folder, the identity, a new one for the Syncthing
 * frontend, a cluster key and what splice and config write with arg, in this
 * order; or nothing but the folder.
 *
 * Returns  EXITCODE_OK; another, and the reason has been said.
 */
int setup_write_all(struct setup *s, const struct identity *id,
    setup_write_fn *splice, setup_write_fn *config, void *arg);

/* setup_report_paths - print where the files are, and who the relay is. */
void setup_report_paths(const struct setup *s, const struct identity *id);

/* setup_end_report - what was printed has to have arrived: the digest is in
 * it. Returns EXITCODE_OK; EXITCODE_TRY_AGAIN, and the reason has been said.
 */
int setup_end_report(const struct setup *s);

/* setup_put_keys - the keys of control.yml that name s's identities and cluster
 * key. */
void setup_put_keys(const struct setup *s, FILE *f);

#endif
