/*
 * der_identity - an identity from the two texts in which the original relay
 * keeps it: base64 of DER.
 */
#ifndef CONTROL_DER_IDENTITY_H
#define CONTROL_DER_IDENTITY_H

#include "common/identity.h"

enum { DER_IDENTITY_MAX = 16384 }; /* bytes of DER; a P-256 key has 138 */

/*
 * der_identity_new - the certificate byte by byte as it is, so that its
 * digest stays.
 *
 * cert     base64 with padding: X.509.
 * key      likewise: PKCS#8.
 * why      out, static text, on failure.
 * Returns  owned by the caller (identity_free); NULL.
 */
struct identity *
der_identity_new(const char *cert, const char *key, const char **why);

#endif
