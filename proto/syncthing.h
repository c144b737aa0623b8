/*
 * syncthing - the messages of Syncthing's relay protocol, version 1, as a
 * relay and its clients exchange them; the protocol in our words is
 * proto/SYNCTHING.md.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_SYNCTHING_H
#define PROTO_SYNCTHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/certform.h"
#include "proto/deviceid.h"
#include "proto/wire.h"

#define SYNCTHING_ALPN		 "bep-relay"
#define SYNCTHING_MAGIC		 UINT32_C(0x9e79bc40)
#define SYNCTHING_HEADER_LEN	 12   /* magic, type, payload's length */
#define SYNCTHING_PAYLOAD_MAX	 1024 /* bytes */
#define SYNCTHING_MSG_MAX	 (SYNCTHING_HEADER_LEN + SYNCTHING_PAYLOAD_MAX)
#define SYNCTHING_INVITATION_MAX 112 /* bytes of a whole one */
#define SYNCTHING_KEY_LEN	 32  /* bytes of a session's key */
#define SYNCTHING_FIELD_MAX	 32  /* bytes of an ID, a key, an address */
#define SYNCTHING_TEXT_MAX	 (SYNCTHING_PAYLOAD_MAX - 4) /* of a string */

/* TLS below, as the original's programs speak it: of 1.3 these suites, the
 * first that both know, and of 1.2 those. */
#define SYNCTHING_CIPHERSUITES                           \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"
#define SYNCTHING_CIPHERS                                            \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"               \
	"ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA"

/* The original's times. */
#define SYNCTHING_PING_MS    60000  /* from one ping to the next */
#define SYNCTHING_SILENCE_MS 120000 /* of a client that has gone */

enum syncthing_type {
	SYNCTHING_PING = 0,
	SYNCTHING_PONG = 1,
	SYNCTHING_JOIN_RELAY_REQUEST = 2,
	SYNCTHING_JOIN_SESSION_REQUEST = 3,
	SYNCTHING_RESPONSE = 4,
	SYNCTHING_CONNECT_REQUEST = 5,
	SYNCTHING_SESSION_INVITATION = 6,
	SYNCTHING_RELAY_FULL = 7
};
#define SYNCTHING_TYPE_MAX 7

enum syncthing_code {
	SYNCTHING_SUCCESS = 0,
	SYNCTHING_NOT_FOUND = 1,
	SYNCTHING_ALREADY_CONNECTED = 2,
	SYNCTHING_WRONG_TOKEN = 3,
	SYNCTHING_UNEXPECTED_MESSAGE = 100
};

/* Bytes inside a message; borrowed from the buffer that was decoded. */
struct syncthing_bytes {
	const uint8_t *p;
	size_t len;
};

struct syncthing_response {
	int32_t code;
	struct syncthing_bytes text;
};

struct syncthing_invitation {
	struct syncthing_bytes from;	/* the other device's ID */
	struct syncthing_bytes key;	/* for JoinSessionRequest */
	struct syncthing_bytes address; /* empty: where the relay is */
	uint16_t port;
	bool server_socket; /* plays the server in what is inside */
};

struct syncthing_msg {
	enum syncthing_type type;
	union {
		struct syncthing_bytes token; /* JOIN_RELAY_REQUEST */
		struct syncthing_bytes key;   /* JOIN_SESSION_REQUEST */
		struct syncthing_bytes id;    /* CONNECT_REQUEST */
		struct syncthing_response response;
		struct syncthing_invitation invitation;
	} u;
};

/*
 * syncthing_measure - how long the message is that the len bytes at p begin.
 *
 * total    out, on PARSE_OK: bytes of the whole, SYNCTHING_HEADER_LEN to
 *          SYNCTHING_MSG_MAX; they need not all be there.
 * Returns  PARSE_OK; PARSE_MORE: the header is not whole, and good so far;
 *          PARSE_BAD: another magic, an unknown type, a payload too long.
 */
enum parse_result syncthing_measure(const void *p, size_t len, size_t *total);

/*
 * syncthing_decode - the message that the len bytes at p begin with.
 *
 * m        out; written on PARSE_OK alone. Its views borrow from p.
 * used     out, on PARSE_OK: its length.
 * Returns  PARSE_OK; PARSE_MORE; PARSE_BAD: syncthing_measure says so, or
 *          the payload is too short for its fields, or a field too long.
 *          Bytes of the payload behind the known fields are ignored, as in
 *          the original; so is a JoinRelayRequest's token if it is missing.
 * Source   proto/SYNCTHING.md, 2.
 */
enum parse_result syncthing_decode(
    struct syncthing_msg *m, const void *p, size_t len, size_t *used);

/*
 * syncthing_encode - write m to buf, cap bytes; SYNCTHING_MSG_MAX is always
 * enough.
 *
 * Returns  its length; 0 when it does not fit or a field is too long (a bug
 *          of the caller). An empty token is written, as newer clients do.
 */
size_t syncthing_encode(const struct syncthing_msg *m, void *buf, size_t cap);

/* syncthing_response - a RESPONSE with this code and the words that belong to
 * it. */
struct syncthing_msg syncthing_response(enum syncthing_code code);

/* syncthing_address - as an invitation has it: 4 bytes of IPv4, or 16. Borrowed
 * from a. */
struct syncthing_bytes syncthing_address(const struct addr *a);

/* SYNCTHING_CERT_FORM - a relay's own certificate: its devices want one link
 * and look at nothing in it. The dates are wide because the ID is of the
 * certificate: one that expired would be a new address. */
extern const struct cert_form SYNCTHING_CERT_FORM;

/* "relay://" HOST:PORT "/?id=" ID and a NUL */
#define SYNCTHING_URL_CAP (8 + ADDR_JOINED_CAP + 5 + DEVICEID_TEXT_CAP)

/* syncthing_url_format - the URL of a relay at host (a name or literal, no
 * brackets) and port. buf has SYNCTHING_URL_CAP bytes. Returns buf. */
const char *syncthing_url_format(const char *host, uint16_t port,
    const uint8_t digest[DIGEST_LEN], char *buf);

#endif
