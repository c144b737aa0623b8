#include "tests/unit/control/strelaysrv_world.h"

#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "control/import.h"

void
strelaysrv_put(const char *file, unsigned mode)
{
	char from[256], *text;
	size_t len;

	(void)snprintf(from, sizeof from, "%s/%s", FIXTURES, file);
	text = fd_read_file(from, 1 << 20, &len);
	ck_assert_msg(text != NULL, "%s", from);
	import_put(file, text, len, mode);
	free(text);
}

static void
set_up(void)
{
	import_world_set_up();
	strelaysrv_put("cert.pem", 0644);
	strelaysrv_put("key.pem", 0600);
}

TCase *
strelaysrv_case(const char *name)
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, set_up, import_world_tear_down);
	tcase_set_timeout(t, 50); /* RSA keys under valgrind */
	return t;
}

int
strelaysrv_import(const char *one, const char *two, const char *three)
{
	char *flags[] = {(char *)"-keys", import_dir, (char *)one, (char *)two,
	    (char *)three, NULL};
	size_t n = 2;
	int rc;

	while (flags[n] != NULL)
		n++;
	import_listen();
	rc = import_strelaysrv(flags, n, import_yml);
	import_take_notes();
	return rc;
}
