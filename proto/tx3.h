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

#include "proto/certform.h"
#include "proto/digest.h"
#include "proto/wire.h"

#define TX3_PREAMBLE_LEN 32   /* bytes; a digest or a splice token */
#define TX3_TOKEN_LEN	 32   /* bytes, random */
#define TX3_NOTICE32_LEN 32   /* bytes; the token alone (tx3 0.0.1) */
#define TX3_ALL_CLEAR	 0x00 /* the one byte that ends a registration */

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

/*
 * TX3_CERT_FORM - the certificates that tx3 nodes make and demand: signed by
 * a well-known authority whose private key is public knowledge. That key is a
 * constant of the wire: it proves nothing, is never a trust anchor here, and
 * is never written to disk. The dates are wide because the digest is of the
 * certificate: one that expired would be a new address.
 */
extern const struct cert_form TX3_CERT_FORM;

#endif
