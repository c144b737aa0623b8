#include "control/init.h"

#include <stdio.h>

#include "common/exitcode.h"
#include "common/identity.h"
#include "control/config.h"
#include "control/setup.h"
#include "proto/tx3.h"

struct identity *
init_identity(const char *path, const struct cert_form *form, char *why)
{
	struct identity *id;

	if (setup_make_folder(path, SETUP_STATE_MODE, why) != 0)
		return NULL;
	id = identity_new(form, why);
	if (id == NULL)
		return NULL;
	if (identity_save(id, path, why) != 0) {
		identity_free(id);
		return NULL;
	}
	return id;
}

/* The example, and the keys that differ from it. */
static void
write_config(FILE *f, void *arg)
{
	config_example(f);
	setup_put_keys(arg, f);
}

static void
write_splice(FILE *f, void *arg)
{
	(void)arg;
	(void)fputs("# splice.yml - a splice node; carrick-splice --example "
		    "prints all keys.\n"
		    "listen:\n  - '0.0.0.0:7443'\n  - '[::]:7443'\n",
	    f);
}

int
init_relay(const char *given)
{
	struct setup s = {.command = "--init"};
	int rc = setup_find(&s, given);

	if (rc == EXITCODE_OK)
		rc = setup_refuse_to_overwrite(&s);
	if (rc == EXITCODE_OK)
		rc = setup_write_all(&s, write_splice, write_config, &s);
	if (rc != EXITCODE_OK)
		return rc;
	setup_report_paths(&s, "HOST:7443");
	printf("The digest stands in the relay's URL: whoever loses the "
	       "identity loses the URL.\nKeep a copy of it where nobody else "
	       "can read it.\n");
	return setup_end_report(&s);
}
