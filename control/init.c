#include "control/init.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exitcode.h"
#include "common/fd.h"
#include "common/identity.h"
#include "common/rundir.h"
#include "control/config.h"
#include "proto/tx3.h"

enum { PATH_CAP = 4096, STATE_MODE = 0700, CONFIG_MODE = 0640 };

static int
fail(const char *path, const char *why)
{
	(void)fprintf(stderr, "carrick-control: --init: %s: %s\n", path, why);
	return EXITCODE_CONFIG;
}

static void
folder_of(const char *path, char *dir)
{
	char copy[PATH_CAP];

	(void)snprintf(copy, sizeof copy, "%s", path);
	(void)snprintf(dir, PATH_CAP, "%s", dirname(copy));
}

struct identity *
init_identity(const char *path, char *why)
{
	char dir[PATH_CAP];
	struct identity *id;

	folder_of(path, dir);
	if (rundir_make(dir, STATE_MODE) != 0) {
		(void)snprintf(why, IDENTITY_WHY_CAP,
		    "%.128s can't be made: %s", dir, strerror(errno));
		return NULL;
	}
	id = identity_new(&TX3_CERT_FORM, why);
	if (id == NULL)
		return NULL;
	if (identity_save(id, path, why) != 0) {
		identity_free(id);
		return NULL;
	}
	return id;
}

/* The example, and the one key that differs from it. In YAML a quote inside
 * single quotes is doubled. */
static char *
config_text(const char *identity_path, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (f == NULL)
		return NULL;
	config_example(f);
	(void)fprintf(f, "\nidentities:\n  - file: '");
	for (const char *p = identity_path; *p != '\0'; p++)
		(void)fprintf(f, *p == '\'' ? "''" : "%c", *p);
	(void)fprintf(f, "'\n");
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int
write_config(const char *path, const char *identity_path)
{
	size_t len;
	char *text = config_text(identity_path, &len);
	int rc;

	if (text == NULL)
		return -1;
	rc = fd_write_file(path, text, len, CONFIG_MODE);
	free(text);
	return rc;
}

static int
find_paths(const char *given, char *path, char *identity_path)
{
	char dir[PATH_CAP];

	if (given != NULL) {
		if (strlen(given) >= PATH_CAP)
			return fail(given, "the path is too long");
		(void)snprintf(path, PATH_CAP, "%s", given);
		folder_of(path, dir);
		if (realpath(dir, path) == NULL)
			return fail(dir, strerror(errno));
		(void)snprintf(dir, sizeof dir, "%s", path);
		(void)snprintf(path, PATH_CAP, "%s", given);
	} else if (rundir_state(dir, sizeof dir) != 0) {
		return fail("the state folder", strerror(errno));
	} else if (snprintf(path, PATH_CAP, "%s/control.yml", dir) >=
		   PATH_CAP) {
		return fail(dir, "the path is too long");
	}
	if (snprintf(identity_path, PATH_CAP, "%s/identity.pem", dir) >=
	    PATH_CAP)
		return fail(dir, "the path is too long");
	return EXITCODE_OK;
}

/* Both are looked at before either is made: half an --init is worse than
 * none. Whoever comes between is found by the exclusive creation. */
static int
refuse_to_overwrite(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return fail(path,
		    "it is there, and is not overwritten: move it away, or "
		    "name another with --config FILE");
	return errno == ENOENT ? EXITCODE_OK : fail(path, strerror(errno));
}

int
init_relay(const char *given)
{
	char path[PATH_CAP], identity_path[PATH_CAP], why[IDENTITY_WHY_CAP];
	char digest[DIGEST_TEXT_CAP];
	struct identity *id;
	int rc = find_paths(given, path, identity_path);

	if (rc == EXITCODE_OK)
		rc = refuse_to_overwrite(path);
	if (rc == EXITCODE_OK)
		rc = refuse_to_overwrite(identity_path);
	if (rc != EXITCODE_OK)
		return rc;
	id = init_identity(identity_path, why);
	if (id == NULL)
		return fail(identity_path, why);
	if (write_config(path, identity_path) != 0) {
		rc = fail(path, strerror(errno));
		(void)unlink(identity_path); /* nobody has its URL yet */
	} else {
		printf("identity       %s\nconfiguration  %s\ndigest         "
		       "%s\nThe digest stands in the relay's URL: whoever "
		       "loses the identity loses the URL.\nKeep a copy of it "
		       "where nobody else can read it.\n",
		    identity_path, path, digest_format(id->digest, digest));
	}
	identity_free(id);
	return rc;
}
