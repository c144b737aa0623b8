/*
 * setup - what --init and import have in common: where a relay's files go,
 * that nothing is overwritten, and how they are written.
 */
#ifndef CONTROL_SETUP_H
#define CONTROL_SETUP_H

#include <stddef.h>
#include <stdio.h>

enum { SETUP_PATH_CAP = 4096 };

struct identity;

struct setup {
	const char *command; /* in messages: "--init" */
	char config[SETUP_PATH_CAP];
	char identity[SETUP_PATH_CAP]; /* absolute */
	char splice[SETUP_PATH_CAP];
};

/* setup_write_fn - a file's text. */
typedef void setup_write_fn(FILE *f, void *arg);

/* setup_fail - say on stderr what is wrong with path. Returns EXITCODE_CONFIG.
 */
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

/* setup_refuse_to_overwrite - whether nothing is at path. Returns EXITCODE_OK;
 * another, and the reason has been said. */
int setup_refuse_to_overwrite(const struct setup *s, const char *path);

/* setup_make_folder - of path, if that alone is missing. Returns 0; -1 with a
 * sentence in why (IDENTITY_WHY_CAP bytes). */
int setup_make_folder(const char *path, char *why);

/* setup_write - a new file with what fn writes. Returns 0; -1 with errno. */
int setup_write(const char *path, setup_write_fn *fn, void *arg);

/* setup_put_identities - the key of control.yml that names s's identity. */
void setup_put_identities(const struct setup *s, FILE *f);

#endif
