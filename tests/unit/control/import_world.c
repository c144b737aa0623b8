#include "tests/unit/control/import_world.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

enum { FILE_CAP = 1 << 20 };

const char *const IMPORT_WRITTEN[IMPORT_N_WRITTEN] = {"control.yml",
    "splice.yml", "identity.pem", "syncthing.pem", "syncthing.token",
    "cluster.key"};

/* What the tests themselves put there. */
static const char *const OURS[] = {
    "tx3-relay.yml", "cert.pem", "key.pem", "said"};

char import_dir[64];
char import_yml[IMPORT_PATH_CAP];
char *import_notes;

static int stdout_fd; /* while an import is listened to */

const char *
import_path(const char *file)
{
	static char paths[4][IMPORT_PATH_CAP];
	static unsigned newest;
	char *path = paths[++newest % 4];

	(void)snprintf(path, IMPORT_PATH_CAP, "%s/%s", import_dir, file);
	return path;
}

bool
import_has(const char *file)
{
	return access(import_path(file), F_OK) == 0;
}

void
import_world_set_up(void)
{
	/* A quote has to be written in YAML's way. */
	strcpy(import_dir, "/tmp/carrick's-import-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(import_dir));
	strcpy(import_yml, import_path("control.yml"));
	import_notes = NULL;
}

void
import_world_tear_down(void)
{
	import_remove_written();
	for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++)
		(void)unlink(import_path(OURS[i]));
	ck_assert_int_eq(rmdir(import_dir), 0);
	free(import_notes);
}

void
import_put(const char *file, const char *text, size_t len, unsigned mode)
{
	const char *path = import_path(file);
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	ck_assert_int_eq(close(fd), 0);
}

char *
import_text(const char *file)
{
	size_t len;
	char *text = fd_read_file(import_path(file), FILE_CAP, &len);

	ck_assert_msg(text != NULL, "%s", file);
	return text;
}

void
check_in(const char *file, const char *line)
{
	char *text = import_text(file);

	ck_assert_msg(strstr(text, line) != NULL, "%s: %s", file, line);
	free(text);
}

void
import_remove_written(void)
{
	for (size_t i = 0; i < IMPORT_N_WRITTEN; i++)
		(void)unlink(import_path(IMPORT_WRITTEN[i]));
}

void
import_listen(void)
{
	(void)fflush(stdout);
	stdout_fd = dup(STDOUT_FILENO);
	ck_assert_ptr_nonnull(freopen(import_path("said"), "w", stdout));
}

void
import_take_notes(void)
{
	(void)fflush(stdout);
	ck_assert_int_ge(dup2(stdout_fd, STDOUT_FILENO), 0);
	(void)close(stdout_fd);
	free(import_notes);
	import_notes = import_text("said");
}

void
check_said(const char *text)
{
	ck_assert_msg(
	    strstr(import_notes, text) != NULL, "%s: %s", text, import_notes);
}

void
import_load(struct config *config)
{
	char why[CONFIG_WHY_CAP];

	ck_assert_msg(
	    config_load(config, import_yml, NULL, 0, why) == 0, "%s", why);
}
