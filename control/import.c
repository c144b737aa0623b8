#include "control/import.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/exitcode.h"

uint32_t
import_fit(struct import *m, const char *where, const char *key, int64_t value,
    uint32_t min, uint32_t max)
{
	uint32_t fitted = value < min	? min
			  : value > max ? max
					: (uint32_t)value;

	if (fitted != value)
		(void)fprintf(m->notes,
		    "%s%s: %" PRId64 " is out of Carrick's range %u..%u: %u "
		    "was written\n",
		    where, key, value, min, max, fitted);
	return fitted;
}

void
import_put_list(FILE *f, const char *key, const struct addr *list, size_t n)
{
	char text[ADDR_TEXT_CAP];

	if (n > 0)
		(void)fprintf(f, "%s:\n", key);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(f, "  - '%s'\n", addr_format(&list[i], text));
}

void
import_put_host(FILE *f, const char *key, const char *host, uint16_t port)
{
	char text[ADDR_JOINED_CAP];

	(void)fprintf(
	    f, "%s:\n  - '%s'\n", key, addr_join_host(host, port, text));
}

static int
read_all(struct import *m, const struct import_kind *kind, const char *path)
{
	int rc = setup_find(&m->setup, path);

	if (rc == EXITCODE_OK)
		rc = setup_refuse_to_overwrite(&m->setup);
	return rc == EXITCODE_OK ? kind->load(m) : rc;
}

static int
report(const struct import *m, const struct import_kind *kind)
{
	kind->report(m);
	if (m->notes_len > 0)
		printf("Not carried over:\n%s", m->notes_text);
	else
		printf("Everything was carried over.\n");
	return setup_end_report(&m->setup);
}

int
import_run(struct import *m, const struct import_kind *kind, const char *path)
{
	int rc;

	m->setup.command = "import";
	m->notes = open_memstream(&m->notes_text, &m->notes_len);
	if (m->notes == NULL)
		return setup_fail(&m->setup, NULL, strerror(errno));
	rc = read_all(m, kind, path);
	if (rc == EXITCODE_OK)
		rc = setup_write_all(&m->setup, kind->splice, kind->config, m);
	if (fclose(m->notes) == 0 && rc == EXITCODE_OK)
		rc = report(m, kind);
	free(m->notes_text);
	return rc;
}
