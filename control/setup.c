#include "control/setup.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exitcode.h"
#include "common/fd.h"
#include "common/identity.h"
#include "common/keyfile.h"
#include "common/rundir.h"
#include "proto/syncthing.h"

/* A folder of configurations is for all to look into, a file is not. */
enum { CONFIG_FOLDER_MODE = 0755, CONFIG_MODE = 0640 };

int
setup_fail(const struct setup *s, const char *path, const char *why)
{
	(void)fprintf(stderr, "carrick-control: %s: %s%s%s\n", s->command,
	    path != NULL ? path : "", path != NULL ? ": " : "", why);
	return EXITCODE_CONFIG;
}

static void
folder_of(const char *path, char dir[SETUP_PATH_CAP])
{
	char copy[SETUP_PATH_CAP];

	(void)snprintf(copy, sizeof copy, "%s", path);
	(void)snprintf(dir, SETUP_PATH_CAP, "%s", dirname(copy));
}

static int
join(char path[SETUP_PATH_CAP], const char *dir, const char *name)
{
	int n = snprintf(path, SETUP_PATH_CAP, "%s%s%s", dir,
	    strcmp(dir, "/") == 0 ? "" : "/", name);

	return n < SETUP_PATH_CAP ? 0 : -1;
}

static const char *
name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Absolute, for the identity's path stands in the configuration. The last
 * component may be missing. */
static int
resolve(struct setup *s, const char *relative, char dir[SETUP_PATH_CAP])
{
	char parent[SETUP_PATH_CAP], above[SETUP_PATH_CAP];

	if (realpath(relative, dir) != NULL)
		return EXITCODE_OK;
	if (errno != ENOENT)
		return setup_fail(s, relative, strerror(errno));
	folder_of(relative, parent);
	if (realpath(parent, above) == NULL)
		return setup_fail(s, parent, strerror(errno));
	return join(dir, above, name_in(relative)) == 0
		   ? EXITCODE_OK
		   : setup_fail(s, relative, "the path is too long");
}

static int
find_folder(struct setup *s, const char *given, char dir[SETUP_PATH_CAP])
{
	char relative[SETUP_PATH_CAP];

	s->folder_mode = given == NULL ? SETUP_STATE_MODE : CONFIG_FOLDER_MODE;
	if (given == NULL)
		return rundir_state(dir, SETUP_PATH_CAP) == 0
			   ? EXITCODE_OK
			   : setup_fail(s, "the state folder", strerror(errno));
	if (strlen(given) >= SETUP_PATH_CAP)
		return setup_fail(s, given, "the path is too long");
	folder_of(given, relative);
	return resolve(s, relative, dir);
}

/* Control's own configuration is what --config names. */
static int
check_given(const struct setup *s, const char *given)
{
	const char *name = name_in(given);
	struct stat st;

	if (name[0] == '\0' || (stat(given, &st) == 0 && S_ISDIR(st.st_mode)))
		return setup_fail(s, given,
		    "it is a folder: name the file to write in it, such as "
		    "control.yml, with --config");
	if (strcmp(name, name_in(s->identity)) == 0 ||
	    strcmp(name, name_in(s->syncthing)) == 0)
		return setup_fail(s, given,
		    "an identity is written there: name the configuration "
		    "beside it, such as control.yml, with --config");
	if (strcmp(name, name_in(s->cluster)) == 0)
		return setup_fail(s, given,
		    "the cluster key is written there: name the configuration "
		    "beside it, such as control.yml, with --config");
	if (strcmp(name, name_in(s->splice)) == 0)
		return setup_fail(s, given,
		    "the splice node's configuration is written there: name "
		    "control's beside it, such as control.yml, with --config");
	return EXITCODE_OK;
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
	    join(s->syncthing, dir, "syncthing.pem") != 0 ||
	    join(s->cluster, dir, "cluster.key") != 0 ||
	    join(s->splice, dir, "splice.yml") != 0)
		return setup_fail(s, dir, "the path is too long");
	if (given == NULL)
		return EXITCODE_OK;
	(void)snprintf(s->config, sizeof s->config, "%s", given);
	return check_given(s, given);
}

static int
refuse_to_overwrite(const struct setup *s, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return setup_fail(s, path,
		    "it is there, and is not overwritten: move it away, or "
		    "name another with --config FILE");
	return errno == ENOENT ? EXITCODE_OK
			       : setup_fail(s, path, strerror(errno));
}

/* All are looked at before any is made: half a set-up is worse than none.
 * Whoever comes between is found by the exclusive creation. */
int
setup_refuse_to_overwrite(const struct setup *s)
{
	int rc = refuse_to_overwrite(s, s->config);

	if (rc == EXITCODE_OK)
		rc = refuse_to_overwrite(s, s->identity);
	if (rc == EXITCODE_OK)
		rc = refuse_to_overwrite(s, s->syncthing);
	if (rc == EXITCODE_OK)
		rc = refuse_to_overwrite(s, s->cluster);
	if (rc == EXITCODE_OK)
		rc = refuse_to_overwrite(s, s->splice);
	return rc;
}

int
setup_make_folder(const char *path, unsigned mode, char *why)
{
	char dir[SETUP_PATH_CAP];

	folder_of(path, dir);
	if (rundir_make(dir, mode) == 0)
		return 0;
	(void)snprintf(why, IDENTITY_WHY_CAP, "%.128s can't be made: %s", dir,
	    strerror(errno));
	return -1;
}

/* A new file with what fn writes. Returns 0; -1 with errno. */
static int
write_file(const char *path, setup_write_fn *fn, void *arg)
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

/* It is made whether or not the frontend is on: then it needs but a word. */
static int
write_syncthing(struct setup *s)
{
	char why[IDENTITY_WHY_CAP];
	struct identity *id = identity_new(&SYNCTHING_CERT_FORM, why);
	int rc = id != NULL ? identity_save(id, s->syncthing, why) : -1;

	if (rc == 0)
		memcpy(s->syncthing_digest, id->digest, DIGEST_LEN);
	identity_free(id);
	return rc == 0 ? EXITCODE_OK : setup_fail(s, NULL, why);
}

int
setup_write_all(struct setup *s, const struct identity *id,
    setup_write_fn *splice, setup_write_fn *config, void *arg)
{
	char why[IDENTITY_WHY_CAP];
	int rc;

	if (setup_make_folder(s->identity, s->folder_mode, why) != 0 ||
	    identity_save(id, s->identity, why) != 0)
		return setup_fail(s, NULL, why);
	rc = write_syncthing(s);
	if (rc != EXITCODE_OK)
		goto fail_identity;
	if (keyfile_save_cluster(s->cluster) != 0) {
		rc = setup_fail(s, s->cluster, strerror(errno));
		goto fail_syncthing;
	}
	if (write_file(s->splice, splice, arg) != 0) {
		rc = setup_fail(s, s->splice, strerror(errno));
		goto fail_cluster;
	}
	if (write_file(s->config, config, arg) != 0) {
		rc = setup_fail(s, s->config, strerror(errno));
		goto fail_splice;
	}
	return EXITCODE_OK;
fail_splice:
	(void)unlink(s->splice);
fail_cluster:
	(void)unlink(s->cluster);
fail_syncthing:
	(void)unlink(s->syncthing);
fail_identity:
	/* A new one's URL is nobody's yet; tx3-relay.yml still has its own. */
	(void)unlink(s->identity);
	return rc;
}

void
setup_report_paths(const struct setup *s, const struct identity *id)
{
	char digest[DIGEST_TEXT_CAP], device[DEVICEID_TEXT_CAP];

	printf("identity       %s\nfor Syncthing  %s\ncluster key    %s\n"
	       "configuration  %s\nsplice node    %s\ndigest         %s\n"
	       "Syncthing URL  relay://HOST:7443/?id=%s\n",
	    s->identity, s->syncthing, s->cluster, s->config, s->splice,
	    digest_format(id->digest, digest),
	    deviceid_format(s->syncthing_digest, device));
}

int
setup_end_report(const struct setup *s)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXITCODE_OK;
	(void)fprintf(stderr,
	    "carrick-control: %s: the files are written, but what was to be "
	    "said of them was not: %s\n",
	    s->command, strerror(errno));
	return EXITCODE_TRY_AGAIN;
}

/* In YAML a quote inside single quotes is doubled. */
static void
put_quoted(const char *text, FILE *f)
{
	(void)fputc('\'', f);
	for (const char *p = text; *p != '\0'; p++)
		(void)fprintf(f, *p == '\'' ? "''" : "%c", *p);
	(void)fprintf(f, "'\n");
}

void
setup_put_keys(const struct setup *s, FILE *f)
{
	(void)fprintf(f, "\nidentities:\n  - file: ");
	put_quoted(s->identity, f);
	(void)fprintf(f, "syncthing_identity: ");
	put_quoted(s->syncthing, f);
	(void)fprintf(f, "cluster_key: ");
	put_quoted(s->cluster, f);
}
