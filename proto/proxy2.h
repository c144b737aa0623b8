/*
 * proxy2 - the PROXY protocol's header, version 2: what a forwarder says to a
 * service before the first byte, so that the service knows whom it serves.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_PROXY2_H
#define PROTO_PROXY2_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"

#define PROXY2_SIGNATURE_LEN 12
#define PROXY2_FIXED_LEN     16 /* bytes; signature, command, family, length */
#define PROXY2_CAP	     (PROXY2_FIXED_LEN + 36) /* with two IPv6 addresses */

/* Bytes that no other protocol begins with. */
extern const uint8_t PROXY2_SIGNATURE[PROXY2_SIGNATURE_LEN];

/* The two bytes behind it. */
enum {
	PROXY2_LOCAL = 0x20, /* version 2 in the high half, the command in */
	PROXY2_PROXY = 0x21  /* the low */
};
enum {
	PROXY2_UNSPEC = 0x00,
	PROXY2_TCP4 = 0x11, /* AF_INET, STREAM */
	PROXY2_TCP6 = 0x21  /* AF_INET6, STREAM */
};

/*
 * proxy2_put - write the header of a connection from src to dst.
 *
 * The command is PROXY, the family AF_INET if both addresses are IPv4 and
 * AF_INET6 otherwise (an IPv4 one of the two in its mapped form), the
 * transport STREAM. No TLV follows.
 *
 * src      whom the service is told; NULL or unspecified when nobody knows:
 *          then the command is LOCAL, without addresses, and the service goes
 *          by the connection's own.
 * dst      where src was taken to; unused when src is not known.
 * buf      out; PROXY2_CAP bytes.
 * Returns  how many of them are the header: 16, 28 or 52.
 * Source   haproxy, doc/proxy-protocol.txt, 2.2.
 */
size_t proxy2_put(
    const struct addr *src, const struct addr *dst, uint8_t buf[PROXY2_CAP]);

#endif
