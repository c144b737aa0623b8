/*
 * tx3 - constants of the tx3 relay protocol and its notices; the protocol in
 * our words is proto/TX3.md.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_TX3_H
#define PROTO_TX3_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/certform.h"
#include "proto/digest.h"
#include "proto/wire.h"

#define TX3_PREAMBLE_LEN 32 /* bytes; a digest or a splice token */
#define TX3_TOKEN_LEN	 32 /* bytes, random */
#define TX3_NOTICE32_LEN 32 /* bytes; the token alone (tx3 0.0.1) */
#define TX3_NOTICE50_LEN 50 /* bytes; the peer's address before it */
#define TX3_NOTICE_MAX	 TX3_NOTICE50_LEN
#define TX3_ALL_CLEAR	 0x00 /* the one byte that ends a registration */

/* ALPN names that begin so ask for a dialect of ours; the one there is asks
 * for TX3_NOTICE50. A tx3 node offers none. */
#define TX3_ALPN_PREFIX "carrick/"
#define TX3_ALPN	"carrick/1"

/* The original's limits, as defaults (tx3 0.0.1, relay configuration). */
#define TX3_MAX_INBOUND_CONNECTIONS    20480
#define TX3_MAX_CONTROL_STREAMS	       320
#define TX3_MAX_CONTROL_STREAMS_PER_IP 4
#define TX3_MAX_RELAYS_PER_CONTROL     64
#define TX3_CONNECTION_TIMEOUT_MS      20000
#define TX3_KEEPALIVE_IDLE_S	       7
#define TX3_KEEPALIVE_INTERVAL_S       7
#define TX3_KEEPALIVE_COUNT	       3

/* TLS as tx3 nodes speak it: 1.3 alone. */
#define TX3_SNI		 "tx3"
#define TX3_CIPHERSUITES "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"

/* What a relay's notices look like: nothing in tx3's own wire tells. */
enum tx3_dialect {
	TX3_NOTICE32, /* tx3 0.0.1 */
	TX3_NOTICE50  /* the later head of its repository, and carrick/1 */
};

/* A peer has come: its token, and where it came from. */
struct tx3_notice {
	struct addr origin; /* all zeros in TX3_NOTICE32 */
	uint8_t token[TX3_TOKEN_LEN];
};

/* tx3_dialect_name - as the configuration spells it: notice32, notice50. */
const char *tx3_dialect_name(enum tx3_dialect dialect);

/* tx3_dialect_parse - the dialect of that name. Returns 0; -1: none has it
 * (*dialect untouched). */
int tx3_dialect_parse(enum tx3_dialect *dialect, const char *name);

/* tx3_notice_len - bytes of every notice of that dialect. */
size_t tx3_notice_len(enum tx3_dialect dialect);

/* tx3_notice_encode - write n to buf. TX3_NOTICE32 leaves the origin out.
 * Returns its length: tx3_notice_len(dialect).
 * Source  proto/TX3.md, 3. */
size_t tx3_notice_encode(enum tx3_dialect dialect, const struct tx3_notice *n,
    uint8_t buf[TX3_NOTICE_MAX]);

/*
 * tx3_notice_decode - the notice that the len bytes at p begin with.
 *
 * Returns  PARSE_OK, the notice having the first tx3_notice_len bytes;
 *          PARSE_MORE: fewer are there (*n untouched). No bytes are bad.
 */
enum parse_result tx3_notice_decode(
    enum tx3_dialect dialect, struct tx3_notice *n, const void *p, size_t len);

/*
 * TX3_CERT_FORM - the certificates that tx3 nodes make and demand: signed by
 * a well-known authority whose private key is public knowledge. That key is a
 * constant of the wire: it proves nothing, is never a trust anchor here, and
 * is never written to disk. The dates are wide because the digest is of the
 * certificate: one that expired would be a new address.
 */
extern const struct cert_form TX3_CERT_FORM;

#endif
