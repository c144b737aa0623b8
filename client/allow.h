/*
 * allow - whose calls are taken: a list of digests, judged inside the TLS
 * handshake, so that a stranger is told by an alert and reaches no service.
 */
#ifndef CLIENT_ALLOW_H
#define CLIENT_ALLOW_H

#include <openssl/ssl.h>

#include "client/command.h"
#include "client/fault.h"
#include "common/rate.h"
#include "proto/digest.h"

#define ALLOW_RECORDS_PER_S 1 /* of refusals, in the log */
#define ALLOW_RECORDS_BURST 16

struct allow {
	size_t n; /* 0: everybody */
	uint8_t digests[COMMAND_LIST_MAX][DIGEST_LEN];
	struct rate records;
	unsigned n_unlogged; /* refusals since the last record */
};

/* allow_parse - the texts of --allow. Returns 0; -1 with EXITCODE_USAGE. */
int allow_parse(
    struct allow *allow, const struct command_list *texts, struct fault *fault);

/* allow_install - let ctx refuse whoever is not allowed (bad_certificate), and
 * log who they said they were, at most ALLOW_RECORDS_PER_S. allow is borrowed
 * as long as ctx lives. */
void allow_install(struct allow *allow, SSL_CTX *ctx);

#endif
