#include "client/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/tx3.h"

static int
join(char *buf, const char *dir, const char *rest)
{
	int n = snprintf(buf, PROFILE_PATH_CAP, "%s/%s", dir, rest);

	return n > 0 && n < PROFILE_PATH_CAP ? 0 : -1;
}

int
profile_default_path(char *buf, struct fault *fault)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int r = -1;

	if (config != NULL && config[0] == '/')
		r = join(buf, config, "carrick/identity.pem");
	else if (home != NULL && home[0] == '/')
		r = join(buf, home, ".config/carrick/identity.pem");
	if (r == 0)
		return 0;
	return fault_set(fault, EXITCODE_CONFIG,
	    "there is no place for an identity: neither XDG_CONFIG_HOME nor "
	    "HOME is a usable path; name one with --identity FILE");
}

struct identity *
profile_load(const char *path, struct fault *fault)
{
	char why[IDENTITY_WHY_CAP];
	struct identity *id = identity_load(path, why);

	if (id != NULL)
		return id;
	if (access(path, F_OK) == -1 && errno == ENOENT)
		(void)fault_set(fault, EXITCODE_CONFIG,
		    "there is no identity at %.300s: carrick id --new makes "
		    "one (--identity FILE says where)",
		    path);
	else
		(void)fault_set(fault, EXITCODE_CONFIG, "%s", why);
	return NULL;
}

/* Make the folders above path, as far as they are missing. */
static int
make_folders(const char *path, struct fault *fault)
{
	char dir[PROFILE_PATH_CAP];
	char *slash;

	if (snprintf(dir, sizeof dir, "%s", path) >= (int)sizeof dir)
		return fault_set(
		    fault, EXITCODE_CONFIG, "the identity's path is too long");
	for (slash = strchr(dir + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0700) == -1 && errno != EEXIST)
			return fault_set(fault, EXITCODE_CONFIG,
			    "the folder %.300s can't be made: %s", dir,
			    strerror(errno));
		*slash = '/';
	}
	return 0;
}

static struct identity *
identity_fresh(struct fault *fault)
{
	char why[IDENTITY_WHY_CAP];
	struct identity *id = identity_new(&TX3_CERT_FORM, why);

	if (id == NULL)
		(void)fault_set(fault, EXITCODE_CONFIG, "%s", why);
	return id;
}

struct identity *
profile_make(const char *path, struct fault *fault)
{
	char why[IDENTITY_WHY_CAP];
	struct identity *id;

	if (make_folders(path, fault) == -1)
		return NULL;
	id = identity_fresh(fault);
	if (id == NULL || identity_save(id, path, why) == 0)
		return id;
	if (errno == EEXIST)
		(void)fault_set(fault, EXITCODE_CONFIG,
		    "%.300s exists and is left as it is; losing an identity is "
		    "losing its address, so move it away yourself",
		    path);
	else
		(void)fault_set(fault, EXITCODE_CONFIG, "%s", why);
	identity_free(id);
	return NULL;
}

struct identity *
profile_caller(const char *path, struct fault *fault)
{
	return path != NULL ? profile_load(path, fault) : identity_fresh(fault);
}

SSL_CTX *
profile_context(
    enum tls_role role, const struct identity *id, struct fault *fault)
{
	const struct tls_profile profile = {
	    .min_version = TLS1_3_VERSION,
	    .max_version = TLS1_3_VERSION,
	    .ciphersuites = TX3_CIPHERSUITES,
	};
	char why[IDENTITY_WHY_CAP];
	SSL_CTX *ctx = tls_context_new(NULL, role, &profile, id, why);

	if (ctx == NULL)
		(void)fault_set(fault, EXITCODE_CONFIG, "%s", why);
	return ctx;
}
