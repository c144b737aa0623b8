/*
 * deviceid - the identity of a Syncthing device as people read it: base32 of
 * the digest of its certificate, with a check character behind every 13, in
 * eight groups of seven:
 *
 *	AAAQEAY-EAUDAOB-CAJBIFQ-YDIOB4B-IBCEQTC-QKRMFYX-YDENBWH-A5DYPQG
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_DEVICEID_H
#define PROTO_DEVICEID_H

#include <stddef.h>
#include <stdint.h>

#include "proto/digest.h"

#define DEVICEID_TEXT_LEN 63 /* 8 groups of 7 characters, 7 dashes */
#define DEVICEID_TEXT_CAP (DEVICEID_TEXT_LEN + 1)

/* deviceid_format - the whole text. buf has DEVICEID_TEXT_CAP bytes. Returns
 * buf. */
const char *deviceid_format(const uint8_t digest[DIGEST_LEN], char *buf);

/*
 * deviceid_format_prefix - as much of the text as the first len bytes of a
 * digest tell, in whole groups, and "..." for the rest.
 *
 * len      at most DIGEST_LEN; that many give the whole text.
 * buf      DEVICEID_TEXT_CAP bytes.
 * Returns  buf.
 */
const char *
deviceid_format_prefix(const uint8_t *prefix, size_t len, char *buf);

/*
 * deviceid_parse - read an ID as people write it: in either case, with or
 * without dashes and spaces, 0, 1 and 8 for O, I and B; 56 characters with
 * good check characters, or 52 without any.
 *
 * digest   out; written on success alone.
 * len      bytes at text; no NUL is needed behind.
 * Returns  0; -1 for anything else, and for bits that do not belong to the
 *          32 bytes.
 * Source   proto/SYNCTHING.md, 6.
 */
int deviceid_parse(uint8_t digest[DIGEST_LEN], const char *text, size_t len);

#endif
