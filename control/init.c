#include "control/init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/exitcode.h"
#include "common/identity.h"
#include "control/config.h"
#include "control/setup.h"
#include "proto/tx3.h"

struct identity *
init_identity(const char *path, char *why)
{
	struct identity *id;

	if (setup_make_folder(path, why) != 0)
		return NULL;
	id = identity_new(&TX3_CERT_FORM, why);
	if (id == NULL)
		return NULL;
	if (identity_save(id, path, why) != 0) {
		identity_free(id);
		return NULL;
	}
	return id;
}

/* The example, and the one key that differs from it. */
static void
write_config(FILE *f, void *arg)
{
	config_example(f);
	setup_put_identities(arg, f);
}

static int
find(struct setup *s, const char *given)
{
	int rc = setup_find(s, given);

	if (rc == EXITCODE_OK)
		rc = setup_refuse_to_overwrite(s, s->config);
	if (rc == EXITCODE_OK)
		rc = setup_refuse_to_overwrite(s, s->identity);
	return rc;
}

int
init_relay(const char *given)
{
	struct setup s = {.command = "--init"};
	char why[IDENTITY_WHY_CAP], digest[DIGEST_TEXT_CAP];
	struct identity *id;
	int rc = find(&s, given);

	if (rc != EXITCODE_OK)
		return rc;
	id = init_identity(s.identity, why);
	if (id == NULL)
		return setup_fail(&s, s.identity, why);
	if (setup_write(s.config, write_config, &s) != 0) {
		rc = setup_fail(&s, s.config, strerror(errno));
		(void)unlink(s.identity); /* nobody has its URL yet */
	} else {
		printf("identity       %s\nconfiguration  %s\ndigest         "
		       "%s\nThe digest stands in the relay's URL: whoever "
		       "loses the identity loses the URL.\nKeep a copy of it "
		       "where nobody else can read it.\n",
		    s.identity, s.config, digest_format(id->digest, digest));
	}
	identity_free(id);
	return rc;
}
