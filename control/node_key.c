#include "control/node_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/exitcode.h"
#include "common/keyfile.h"
#include "common/secret.h"
#include "control/config.h"
#include "control/members.h"
#include "proto/ipc.h"

static int
fail(int code, const char *why)
{
	(void)fprintf(stderr, "carrick-control: node-key: %s\n", why);
	return code;
}

static int
print(const struct seal_link *link)
{
	char text[KEYFILE_TEXT_CAP];
	int rc = EXITCODE_OK;

	(void)fputs(keyfile_format_link(link, text), stdout);
	secret_wipe(text, sizeof text);
	if (fflush(stdout) != 0)
		rc = fail(EXITCODE_TRY_AGAIN, strerror(errno));
	return rc;
}

/* Printing is right all the same: the list may be written afterwards. */
static void
warn_unlisted(const char *name, const struct config *config)
{
	struct members members;

	if (members_init(&members, &config->nodes) == 0 &&
	    !members_know(&members, name))
		(void)fprintf(stderr,
		    "carrick-control: node-key: no entry of nodes: has the "
		    "name %s yet, so control would refuse it\n",
		    name);
	members_fini(&members);
}

static int
derive_and_print(const char *name, const struct config *config)
{
	uint8_t cluster[SEAL_KEY_LEN];
	struct seal_link link;
	char why[KEYFILE_WHY_CAP];
	int rc;

	if (keyfile_load_cluster(cluster, config->cluster_key, why) != 0)
		return fail(EXITCODE_CONFIG, why);
	warn_unlisted(name, config);
	rc = seal_link_derive(&link, cluster, name) == 0
		 ? print(&link)
		 : fail(EXITCODE_TRY_AGAIN, "libcrypto has no HKDF-SHA256");
	secret_wipe(cluster, sizeof cluster);
	secret_wipe(&link, sizeof link);
	return rc;
}

int
node_key_print(const char *name, const char *path)
{
	struct config config;
	char why[CONFIG_WHY_CAP];
	int rc;

	if (!ipc_name_is_valid(name))
		return fail(EXITCODE_USAGE,
		    "a node's name has 1 to 48 bytes, a-z 0-9 . _ -, and "
		    "begins with a letter or digit");
	if (config_load(&config, path, NULL, 0, why) != 0)
		return fail(EXITCODE_CONFIG, why);
	rc = derive_and_print(name, &config);
	config_free(&config);
	return rc;
}
