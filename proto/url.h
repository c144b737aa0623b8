/*
 * url - the addresses of relays and of clients behind them, in the two
 * spellings that tx3 nodes use:
 *
 *	tx3-rst://HOST:PORT/DIGEST	tx3:DIGEST/rst/HOST:PORT/	relayed
 *	tx3-st://HOST:PORT/DIGEST	tx3:DIGEST/st/HOST:PORT/	direct
 *
 * DIGEST is the relay's own in a relay's URL; a client publishes its relay's
 * URL with its own digest put there (proto/TX3.md).
 */
#ifndef PROTO_URL_H
#define PROTO_URL_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/digest.h"

enum url_kind {
	URL_RELAYED, /* rst: through the relay at HOST:PORT */
	URL_DIRECT   /* st: TLS straight to HOST:PORT */
};

enum url_spelling {
	URL_SCHEME, /* tx3-rst://…, of tx3 0.0.1 */
	URL_STACK   /* tx3:…/rst/…, of its later repository */
};

struct url {
	enum url_kind kind;
	char host[ADDR_HOST_CAP]; /* name or literal, no brackets */
	uint16_t port;		  /* 1..65535 */
	uint8_t digest[DIGEST_LEN];
};

/* "tx3:" DIGEST "/rst/[" host "]:65535/" and a NUL; the scheme form is
 * shorter */
#define URL_TEXT_CAP (4 + DIGEST_TEXT_LEN + 5 + ADDR_JOINED_CAP + 3)

/* A stack URL may name several ways, in order of preference. */
#define URL_STACKS_MAX 8

/*
 * url_parse - read a URL in either spelling.
 *
 * urls     out; the ways it names, in order; the scheme form names one.
 * max      how many urls has room for, 1..URL_STACKS_MAX; a URL that names
 *          more is refused.
 * why      out, static text that completes "not a tx3 address: "; NULL on
 *          success.
 * Returns  how many were written (at least 1); -1 if malformed: unknown
 *          scheme, no digest ("-"), bad host or port, anything behind it.
 */
int url_parse(struct url *urls, size_t max, const char *text, const char **why);

/* url_format - write u. buf has URL_TEXT_CAP bytes. Returns buf. */
const char *
url_format(const struct url *u, enum url_spelling spelling, char *buf);

#endif
