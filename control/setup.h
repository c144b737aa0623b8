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

/* In the order in which they are written: what names another comes behind. */
enum setup_file {
	SETUP_TX3,	 /* the tx3 frontend's identity */
	SETUP_SYNCTHING, /* the Syncthing frontend's */
	SETUP_TOKEN,	 /* what its devices need to join, if anything */
	SETUP_CLUSTER,
	SETUP_SPLICE,
	SETUP_CONFIG,
	SETUP_FILES
};

struct identity;

struct setup {
	const char *command; /* in messages: "--init" */

	/* Taken over, borrowed. NULL: a new identity; no token. */
	const struct identity *tx3;
	const struct identity *syncthing;
	const char *token;

	/* Absolute, but for a configuration that was named. */
	char path[SETUP_FILES][SETUP_PATH_CAP];
	unsigned folder_mode; /* if the folder is missing */

	/* Once they are written. */
	uint8_t tx3_digest[DIGEST_LEN];
	uint8_t syncthing_digest[DIGEST_LEN];
};

/* setup_write_fn - a file's text. */
typedef void setup_write_fn(FILE *f, void *arg);

/* setup_fail - say on stderr what is wrong with path; NULL: why names it.
 * Returns EXITCODE_CONFIG. */
int setup_fail(const struct setup *s, const char *path, const char *why);

/*
 * setup_find - name the files.
 *
 * s        out, but for command and what is taken over.
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
 * setup_write_all - the folder and all files, the configurations being what
 * splice and config write with arg; or nothing but the folder.
 *
 * Returns  EXITCODE_OK; another, and the reason has been said.
 */
int setup_write_all(
    struct setup *s, setup_write_fn *splice, setup_write_fn *config, void *arg);

/* setup_report_paths - print where the files are, and who the relay is; at:
 * the HOST:PORT for Syncthing's devices. */
void setup_report_paths(const struct setup *s, const char *at);

/* setup_end_report - what was printed has to have arrived: the digest is in
 * it. Returns EXITCODE_OK; EXITCODE_TRY_AGAIN, and the reason has been said.
 */
int setup_end_report(const struct setup *s);

/* setup_put_text - a line of YAML: the key, and text as its value. */
void setup_put_text(FILE *f, const char *key, const char *text);

/* setup_put_keys - the keys of control.yml that name s's identities, cluster
 * key and token. */
void setup_put_keys(const struct setup *s, FILE *f);

#endif
