#include "control/setup.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
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
#include "proto/tx3.h"

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

static const struct {
	const char *name;
	const char *what; /* is written there, and --config must not name it */
} FILES[SETUP_FILES] = {
    [SETUP_TX3] = {"identity.pem", "an identity"},
    [SETUP_SYNCTHING] = {"syncthing.pem", "an identity"},
    [SETUP_TOKEN] = {"syncthing.token", "the devices' token"},
    [SETUP_CLUSTER] = {"cluster.key", "the cluster key"},
    [SETUP_SPLICE] = {"splice.yml", "the splice node's configuration"},
    [SETUP_CONFIG] = {"control.yml", NULL},
};

/* Control's own configuration is what --config names. */
static int
check_given(const struct setup *s, const char *given)
{
	const char *name = name_in(given);
	char why[160];
	struct stat st;

	if (name[0] == '\0' || (stat(given, &st) == 0 && S_ISDIR(st.st_mode)))
		return setup_fail(s, given,
		    "it is a folder: name the file to write in it, such as "
		    "control.yml, with --config");
	for (int i = 0; i < SETUP_CONFIG; i++) {
		if (strcmp(name, FILES[i].name) != 0)
			continue;
		(void)snprintf(why, sizeof why,
		    "%s is written there: name the configuration beside it, "
		    "such as control.yml, with --config",
		    FILES[i].what);
		return setup_fail(s, given, why);
	}
	return EXITCODE_OK;
}

int
setup_find(struct setup *s, const char *given)
{
	char dir[SETUP_PATH_CAP];
	int rc = find_folder(s, given, dir);

	if (rc != EXITCODE_OK)
		return rc;
	for (int i = 0; i < SETUP_FILES; i++)
		if (join(s->path[i], dir, FILES[i].name) != 0)
			return setup_fail(s, dir, "the path is too long");
	if (given == NULL)
		return EXITCODE_OK;
	(void)snprintf(
	    s->path[SETUP_CONFIG], sizeof s->path[SETUP_CONFIG], "%s", given);
	return check_given(s, given);
}

static bool
is_written(const struct setup *s, int file)
{
	return file != SETUP_TOKEN || s->token != NULL;
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
	int rc = EXITCODE_OK;

	for (int i = 0; i < SETUP_FILES && rc == EXITCODE_OK; i++)
		if (is_written(s, i))
			rc = refuse_to_overwrite(s, s->path[i]);
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

/* The identity that was brought, or a new one: whether or not its frontend is
 * on, since then it needs but a word. */
static int
write_identity(const struct setup *s, enum setup_file file,
    const struct identity *brought, const struct cert_form *form,
    uint8_t digest[DIGEST_LEN])
{
	char why[IDENTITY_WHY_CAP];
	struct identity *made =
	    brought == NULL ? identity_new(form, why) : NULL;
	const struct identity *id = brought != NULL ? brought : made;
	int rc = id != NULL ? identity_save(id, s->path[file], why) : -1;

	if (rc == 0)
		memcpy(digest, id->digest, DIGEST_LEN);
	identity_free(made);
	return rc == 0 ? EXITCODE_OK : setup_fail(s, NULL, why);
}

static int
done(const struct setup *s, enum setup_file file, int rc)
{
	return rc == 0 ? EXITCODE_OK
		       : setup_fail(s, s->path[file], strerror(errno));
}

static int
write_token(const struct setup *s)
{
	enum { TOKEN_MODE = 0600 };

	if (s->token == NULL)
		return EXITCODE_OK;
	return done(s, SETUP_TOKEN,
	    fd_write_file(
		s->path[SETUP_TOKEN], s->token, strlen(s->token), TOKEN_MODE));
}

/* A new file with what fn writes. */
static int
write_text(
    const struct setup *s, enum setup_file file, setup_write_fn *fn, void *arg)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc = -1;

	if (f != NULL) {
		fn(f, arg);
		if (fclose(f) == 0)
			rc = fd_write_file(
			    s->path[file], text, len, CONFIG_MODE);
	}
	rc = done(s, file, rc);
	free(text);
	return rc;
}

struct texts {
	setup_write_fn *splice, *config;
	void *arg;
};

static int
write_one(struct setup *s, enum setup_file file, const struct texts *t)
{
	switch (file) {
	case SETUP_TX3:
		return write_identity(
		    s, file, s->tx3, &TX3_CERT_FORM, s->tx3_digest);
	case SETUP_SYNCTHING:
		return write_identity(s, file, s->syncthing,
		    &SYNCTHING_CERT_FORM, s->syncthing_digest);
	case SETUP_TOKEN:
		return write_token(s);
	case SETUP_CLUSTER:
		return done(s, file, keyfile_save_cluster(s->path[file]));
	case SETUP_SPLICE:
		return write_text(s, file, t->splice, t->arg);
	case SETUP_CONFIG:
		return write_text(s, file, t->config, t->arg);
	case SETUP_FILES:
		break;
	}
	return EXITCODE_OK;
}

int
setup_write_all(
    struct setup *s, setup_write_fn *splice, setup_write_fn *config, void *arg)
{
	const struct texts texts = {splice, config, arg};
	char why[IDENTITY_WHY_CAP];
	int rc = EXITCODE_OK, file;

	if (setup_make_folder(s->path[SETUP_TX3], s->folder_mode, why) != 0)
		return setup_fail(s, NULL, why);
	for (file = 0; file < SETUP_FILES && rc == EXITCODE_OK; file++)
		rc = write_one(s, (enum setup_file)file, &texts);
	if (rc == EXITCODE_OK)
		return rc;
	/* All but the last, which is not there or is somebody else's. New
	 * identities are nobody's yet; what was taken over is still where it
	 * came from. */
	for (file -= 2; file >= 0; file--)
		if (is_written(s, file))
			(void)unlink(s->path[file]);
	return rc;
}

void
setup_report_paths(const struct setup *s, const char *at)
{
	char digest[DIGEST_TEXT_CAP], device[DEVICEID_TEXT_CAP];

	printf("identity       %s\nfor Syncthing  %s\n", s->path[SETUP_TX3],
	    s->path[SETUP_SYNCTHING]);
	if (s->token != NULL)
		printf("token          %s\n", s->path[SETUP_TOKEN]);
	printf("cluster key    %s\nconfiguration  %s\nsplice node    %s\n"
	       "digest         %s\nSyncthing URL  relay://%s/?id=%s\n",
	    s->path[SETUP_CLUSTER], s->path[SETUP_CONFIG],
	    s->path[SETUP_SPLICE], digest_format(s->tx3_digest, digest), at,
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
void
setup_put_text(FILE *f, const char *key, const char *text)
{
	(void)fprintf(f, "%s: '", key);
	for (const char *p = text; *p != '\0'; p++)
		(void)fprintf(f, *p == '\'' ? "''" : "%c", *p);
	(void)fprintf(f, "'\n");
}

void
setup_put_keys(const struct setup *s, FILE *f)
{
	(void)fprintf(f, "\nidentities:\n");
	setup_put_text(f, "  - file", s->path[SETUP_TX3]);
	setup_put_text(f, "syncthing_identity", s->path[SETUP_SYNCTHING]);
	if (s->token != NULL)
		setup_put_text(f, "syncthing_token_file", s->path[SETUP_TOKEN]);
	setup_put_text(f, "cluster_key", s->path[SETUP_CLUSTER]);
}
