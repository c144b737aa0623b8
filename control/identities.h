/*
 * identities - who this relay is: each a certificate and so a digest, all on
 * the nodes' ports. The one that a control stream dials says what its TLS is
 * and in which dialect its client is talked to; the clients of a frontend are
 * the same to all of its identities.
 */
#ifndef CONTROL_IDENTITIES_H
#define CONTROL_IDENTITIES_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/identity.h"
#include "control/config.h"

/* The configured ones, and what else frontends have. */
enum { IDENTITIES_MAX = CONFIG_IDENTITIES_MAX + 1 };

struct frontend;
struct tls_library;

struct relay_identity {
	const struct frontend *frontend; /* whose clients dial it */
	struct identity *id;		 /* owned */
	SSL_CTX *tls;	  /* owned; NULL before identities_open_tls */
	unsigned dialect; /* the frontend's */
	bool is_retiring; /* serves, and is advertised no longer */
};

struct identities {
	struct relay_identity list[IDENTITIES_MAX];
	size_t n; /* at least 1 once loaded */
	struct tls_library
	    *library; /* owned, what all tls work with; may be NULL */
};

/*
 * identities_load - read those of the frontends that are on; make what of them
 * is made at a first start, with a warning in the log.
 *
 * ids       zeroed by the caller.
 * may_make  false: what would be made is left out.
 * why       out, CONFIG_WHY_CAP bytes.
 * Returns   0; -1 with a sentence in why: one can't be read, or two are the
 *           same. ids is then still to be freed.
 */
int identities_load(struct identities *ids, const struct config *config,
    bool may_make, char *why);

/* identities_open_tls - a context for each. Returns 0; -1 with a sentence in
 * why. */
int identities_open_tls(struct identities *ids, char *why);

/* identities_find - the one of this frontend with this digest, borrowed; NULL.
 */
const struct relay_identity *identities_find(const struct identities *ids,
    const struct frontend *f, const uint8_t digest[DIGEST_LEN]);

/* identities_of - the first of this frontend, borrowed; NULL. */
const struct relay_identity *
identities_of(const struct identities *ids, const struct frontend *f);

void identities_free(struct identities *ids);

#endif
