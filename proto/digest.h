/*
 * digest - SHA-256 over the DER of a leaf certificate: the identity of a
 * relay and of a client, and the first 32 bytes of a tx3 connection.
 */
#ifndef PROTO_DIGEST_H
#define PROTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_LEN	32 /* SHA-256, FIPS 180-4 */
#define DIGEST_TEXT_LEN 43 /* base64url without padding, RFC 4648 5 */
#define DIGEST_TEXT_CAP (DIGEST_TEXT_LEN + 1)

/* digest_format - base64url without padding. buf has DIGEST_TEXT_CAP bytes.
 * Returns buf. */
const char *digest_format(const uint8_t digest[DIGEST_LEN], char *buf);

/* digest_parse - exactly the 43 characters at text (no NUL needed behind);
 * bits that do not belong to the 32 bytes must be 0, so that one digest has
 * one text.
 * Returns 0; -1 (digest untouched) for anything else. */
int digest_parse(uint8_t digest[DIGEST_LEN], const char *text, size_t len);

#endif
