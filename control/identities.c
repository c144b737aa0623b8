#include "control/identities.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "control/frontend.h"
#include "control/init.h"
#include "proto/tx3.h"

static const struct config_identity *
entry(const struct config *config, size_t i)
{
	return config->identities.items[i];
}

bool
identities_would_make(const struct config *config)
{
	return !config->from_file && config->is_default_identity &&
	       access(entry(config, 0)->file, F_OK) != 0 && errno == ENOENT;
}

static struct identity *
make(const char *path, char *why)
{
	struct identity *id = init_identity(path, why);

	if (id != NULL)
		log_warn("identity-made",
		    "file=%s what=\"this is who the relay is: losing the file "
		    "is losing the URL\"",
		    log_str(path).s);
	return id;
}

static struct identity *
load(const char *path, char *why)
{
	struct identity *id = identity_load(path, why);
	size_t len;

	if (id != NULL || access(path, F_OK) == 0)
		return id;
	len = strlen(why);
	(void)snprintf(why + len, CONFIG_WHY_CAP - len, "%s",
	    " (carrick-control --init makes one)");
	return NULL;
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
		    entry(config, i)->file, entry(config, newest)->file);
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

int
identities_load(struct identities *ids, const struct config *config, char *why)
{
	for (size_t i = 0; i < config->identities.n; i++) {
		const struct config_identity *from = entry(config, i);
		struct relay_identity *to = &ids->list[i];

		to->id = identities_would_make(config) ? make(from->file, why)
						       : load(from->file, why);
		if (to->id == NULL)
			return -1;
		ids->n++;
		to->frontend = &frontend_tx3;
		to->dialect = dialect_of(from);
		to->is_retiring = from->retiring;
		if (check_twice(ids, config, i, why) != 0)
			return -1;
	}
	return 0;
}

int
identities_open_tls(struct identities *ids, char *why)
{
	for (size_t i = 0; i < ids->n; i++) {
		struct relay_identity *who = &ids->list[i];

		who->tls = who->frontend->tls_new(who->id, why);
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
	ids->n = 0;
}
