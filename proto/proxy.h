/*
 * proxy - the PROXY protocol's header, versions 1 and 2: what a balancer says
 * in front of a connection's first byte, so that the other side knows whom it
 * is for. Reading alone; proxy2.h writes one.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_PROXY_H
#define PROTO_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/wire.h"

#define PROXY1_MAX	107 /* bytes, its CR LF included */
#define PROXY2_BODY_MAX 520 /* bytes behind the fixed part; ours */
#define PROXY_MAX	536 /* bytes of either version: 16 + 520 */

struct proxy_header {
	size_t len;	    /* of the whole header */
	bool is_known;	    /* false: LOCAL or UNKNOWN; the connection is the
			* balancer's own, or it can't say whose */
	struct addr source; /* zeros unless is_known, as is destination */
	struct addr destination;
};

/*
 * proxy_parse - the header that the len bytes at p begin with.
 *
 * Version 2's TLVs are skipped, unread. Addresses other than TCP's over IPv4
 * and IPv6 (UDP, UNIX sockets) are bad, and so is a version 1 line that is not
 * spelled as the specification says: one space, plain decimal ports, CR LF.
 *
 * h        out; written on OK alone.
 * want     out; on MORE: so many bytes in all are needed to tell more, more
 *          than len and never more than the header has. A line that is not
 *          over is judged by which bytes may stand in it.
 * Returns  PARSE_OK, PARSE_MORE, PARSE_BAD.
 * Source   haproxy, doc/proxy-protocol.txt, 2.1 and 2.2.
 */
enum parse_result
proxy_parse(struct proxy_header *h, const void *p, size_t len, size_t *want);

/* proxy_is_begun - whether these bytes begin with so much of a header that
 * nothing else can be meant: version 2's signature, or a line's first two
 * words. */
bool proxy_is_begun(const void *p, size_t len);

#endif
