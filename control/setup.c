#include "control/setup.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/exitcode.h"
#include "common/fd.h"
#include "common/identity.h"
#include "common/rundir.h"

enum { STATE_MODE = 0700, CONFIG_MODE = 0640 };

int
setup_fail(const struct setup *s, const char *path, const char *why)
{
	(void)fprintf(
	    stderr, "carrick-control: %s: %s: %s\n", s->command, path, why);
	return EXITCODE_CONFIG;
}

static void
folder_of(const char *path, char dir[SETUP_PATH_CAP])
{
	char copy[SETUP_PATH_CAP];

	(void)snprintf(copy, sizeof copy, "%s", path);
	(void)snprintf(dir, SETUP_PATH_CAP, "%s", dirname(copy));
}

/* Absolute, for the identity's path stands in the configuration. */
static int
find_folder(struct setup *s, const char *given, char dir[SETUP_PATH_CAP])
{
	char relative[SETUP_PATH_CAP];

	if (given == NULL)
		return rundir_state(dir, SETUP_PATH_CAP) == 0
			   ? EXITCODE_OK
			   : setup_fail(s, "the state folder", strerror(errno));
	if (strlen(given) >= SETUP_PATH_CAP)
		return setup_fail(s, given, "the path is too long");
	folder_of(given, relative);
	return realpath(relative, dir) != NULL
		   ? EXITCODE_OK
		   : setup_fail(s, relative, strerror(errno));
}

static int
join(char path[SETUP_PATH_CAP], const char *dir, const char *name)
{
	int n = snprintf(path, SETUP_PATH_CAP, "%s/%s", dir, name);

	return n < SETUP_PATH_CAP ? 0 : -1;
}

int
setup_find(struct setup *s, const char *given)
{
	char dir[SETUP_PATH_CAP];
	int rc = find_folder(s, given, dir);

	if (rc != EXITCODE_OK)
		return rc;
	if (join(s->config, dir, "control.yml") != 0 ||
	    join(s->identity, dir, "identity.pem") != 0 ||
	    join(s->splice, dir, "splice.yml") != 0)
		return setup_fail(s, dir, "the path is too long");
	if (given != NULL)
		(void)snprintf(s->config, sizeof s->config, "%s", given);
	return EXITCODE_OK;
}

/* All are looked at before any is made: half a set-up is worse than none.
 * Whoever comes between is found by the exclusive creation. */
int
setup_refuse_to_overwrite(const struct setup *s, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return setup_fail(s, path,
		    "it is there, and is not overwritten: move it away, or "
		    "name another with --config FILE");
	return errno == ENOENT ? EXITCODE_OK
			       : setup_fail(s, path, strerror(errno));
}

int
setup_make_folder(const char *path, char *why)
{
	char dir[SETUP_PATH_CAP];

	folder_of(path, dir);
	if (rundir_make(dir, STATE_MODE) == 0)
		return 0;
	(void)snprintf(why, IDENTITY_WHY_CAP, "%.128s can't be made: %s", dir,
	    strerror(errno));
	return -1;
}

int
setup_write(const char *path, setup_write_fn *fn, void *arg)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc = -1;

	if (f == NULL)
		return -1;
	fn(f, arg);
	if (fclose(f) == 0)
		rc = fd_write_file(path, text, len, CONFIG_MODE);
	free(text);
	return rc;
}

/* In YAML a quote inside single quotes is doubled. */
void
setup_put_identities(const struct setup *s, FILE *f)
{
	(void)fprintf(f, "\nidentities:\n  - file: '");
	for (const char *p = s->identity; *p != '\0'; p++)
		(void)fprintf(f, *p == '\'' ? "''" : "%c", *p);
	(void)fprintf(f, "'\n");
}
