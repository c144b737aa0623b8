#include "control/identities.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/tls.h"
#include "common/tls_library.h"
#include "control/frontend.h"
#include "control/init.h"
#include "proto/tx3.h"

static const struct config_identity *
entry_of(const struct config *config, size_t i)
{
	return config->identities.items[i];
}

/* Where one comes from, and what becomes of it if there is none. */
struct source {
	const struct frontend *frontend;
	const char *file;
	bool is_default; /* made at the first start */
};

static struct identity *
make(const struct source *from, char *why)
{
	struct identity *id =
	    init_identity(from->file, from->frontend->cert_form, why);

	if (id != NULL)
		log_warn("identity-made",
		    "file=%s what=\"this is who the relay is: losing the file "
		    "is losing the URL\"",
		    log_str(from->file).s);
	return id;
}

static struct identity *
read_one(const struct source *from, char *why)
{
	struct identity *id = identity_load(from->file, why);
	size_t len;

	if (id != NULL || access(from->file, F_OK) == 0)
		return id;
	len = strlen(why);
	(void)snprintf(why + len, CONFIG_WHY_CAP - len, "%s",
	    " (carrick-control --init makes one)");
	return NULL;
}

static bool
is_to_be_made(const struct source *from)
{
	return from->is_default && access(from->file, F_OK) != 0 &&
	       errno == ENOENT;
}

/* Returns 0, and *to is the next of ids, unless it is still to be made and may
 * not be; -1 with why. */
static int
load(struct identities *ids, const struct source *from, bool may_make,
    struct relay_identity **to, char *why)
{
	struct identity *id;

	*to = NULL;
	if (is_to_be_made(from) && !may_make)
		return 0;
	id = is_to_be_made(from) ? make(from, why) : read_one(from, why);
	if (id == NULL)
		return -1;
	*to = &ids->list[ids->n++];
	(*to)->frontend = from->frontend;
	(*to)->id = id;
	return 0;
}

static int
check_twice(const struct identities *ids, const struct config *config,
    size_t newest, char *why)
{
	const uint8_t *digest = ids->list[newest].id->digest;

	for (size_t i = 0; i < newest; i++) {
		if (memcmp(ids->list[i].id->digest, digest, DIGEST_LEN) != 0)
			continue;
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "%.160s and %.160s hold the same certificate: remove one "
		    "of them from identities",
		    entry_of(config, i)->file, entry_of(config, newest)->file);
		return -1;
	}
	return 0;
}

/* Checked when it was read. */
static unsigned
dialect_of(const struct config_identity *from)
{
	enum tx3_dialect dialect = TX3_NOTICE32;

	(void)tx3_dialect_parse(&dialect, from->dialect);
	return dialect;
}

static int
load_tx3(struct identities *ids, const struct config *config, bool may_make,
    char *why)
{
	for (size_t i = 0; i < config->identities.n; i++) {
		const struct config_identity *entry = entry_of(config, i);
		const struct source from = {
		    .frontend = &frontend_tx3,
		    .file = entry->file,
		    .is_default =
			config->is_default_identity && !config->from_file,
		};
		struct relay_identity *to;

		if (load(ids, &from, may_make, &to, why) != 0)
			return -1;
		if (to == NULL)
			continue;
		to->dialect = dialect_of(entry);
		to->is_retiring = entry->retiring;
		if (check_twice(ids, config, i, why) != 0)
			return -1;
	}
	return 0;
}

/* The default one is made even for a configuration in a file: that may be older
 * than its wish for this frontend. */
static int
load_syncthing(struct identities *ids, const struct config *config,
    bool may_make, char *why)
{
	const struct source from = {
	    .frontend = &frontend_syncthing,
	    .file = config->syncthing_identity,
	    .is_default = config->is_default_syncthing_identity,
	};
	struct relay_identity *to;

	return load(ids, &from, may_make, &to, why);
}

int
identities_load(struct identities *ids, const struct config *config,
    bool may_make, char *why)
{
	if (config_serves(config, frontend_tx3.name) &&
	    load_tx3(ids, config, may_make, why) != 0)
		return -1;
	if (config_serves(config, frontend_syncthing.name) &&
	    load_syncthing(ids, config, may_make, why) != 0)
		return -1;
	return 0;
}

int
identities_open_tls(struct identities *ids, char *why)
{
	ids->library = tls_library_new();
	for (size_t i = 0; i < ids->n; i++) {
		struct relay_identity *who = &ids->list[i];

		who->tls = tls_context_new(ids->library, TLS_ROLE_SERVER,
		    who->frontend->tls, who->id, why);
		if (who->tls == NULL)
			return -1;
	}
	return 0;
}

const struct relay_identity *
identities_find(const struct identities *ids, const struct frontend *f,
    const uint8_t digest[DIGEST_LEN])
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->list[i].frontend == f &&
		    memcmp(ids->list[i].id->digest, digest, DIGEST_LEN) == 0)
			return &ids->list[i];
	return NULL;
}

void
identities_free(struct identities *ids)
{
	for (size_t i = 0; i < ids->n; i++) {
		SSL_CTX_free(ids->list[i].tls);
		identity_free(ids->list[i].id);
	}
	tls_library_free(ids->library);
	memset(ids, 0, sizeof *ids);
}

const struct relay_identity *
identities_of(const struct identities *ids, const struct frontend *f)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->list[i].frontend == f)
			return &ids->list[i];
	return NULL;
}
