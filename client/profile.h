/*
 * profile - who we are and how we speak TLS: an identity and its contexts.
 */
#ifndef CLIENT_PROFILE_H
#define CLIENT_PROFILE_H

#include <openssl/ssl.h>

#include "client/fault.h"
#include "common/identity.h"
#include "common/tls.h"

#define PROFILE_PATH_CAP 4096

/* profile_default_path - $XDG_CONFIG_HOME/carrick/identity.pem, else
 * ~/.config/carrick/identity.pem. buf has PROFILE_PATH_CAP bytes.
 * Returns 0; -1 with EXITCODE_CONFIG (neither variable set, or too long). */
int profile_default_path(char *buf, struct fault *fault);

/* profile_load - the identity in path. Returns NULL with EXITCODE_CONFIG. */
struct identity *profile_load(const char *path, struct fault *fault);

/*
 * profile_make - a new identity, saved in path; missing folders are made,
 * 0700.
 *
 * Returns  owned by the caller; NULL with EXITCODE_CONFIG, also when path is
 *          there already: it is never overwritten.
 */
struct identity *profile_make(const char *path, struct fault *fault);

/*
 * profile_caller - who a calling command is: the identity in path, or one for
 * this run alone when path is NULL.
 */
struct identity *profile_caller(const char *path, struct fault *fault);

/* profile_context - tx3's TLS in one role. Returns owned by the caller
 * (SSL_CTX_free); NULL with EXITCODE_CONFIG. */
SSL_CTX *profile_context(
    enum tls_role role, const struct identity *id, struct fault *fault);

#endif
