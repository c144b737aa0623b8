/*
 * cidr - a network of IP addresses, as lists in the configuration name it
 * (RFC 4632, RFC 4291 2.3), and whether an address lies in it.
 *
 * Pure: no descriptor, no heap, no log, no name resolution.
 */
#ifndef PROTO_CIDR_H
#define PROTO_CIDR_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/addr.h"

/* The longest text: an IPv6 literal, "/128", NUL. */
#define CIDR_TEXT_CAP 51

/* In a sentence of the configuration's: what cidr_parse takes. */
#define CIDR_EXPECTED                                             \
	"a network or an address such as 10.0.0.0/8, 192.0.2.7, " \
	"\"2001:db8::/32\" or \"2001:db8::7\""

struct cidr {
	uint8_t ip[16]; /* as in struct addr; the bits beyond n_bits are 0 */
	uint8_t n_bits; /* 0..128; of an IPv4 network 96..128 */
};

/*
 * cidr_parse - "10.0.0.0/8", "2001:db8::/32", or a single address without a
 * prefix length; IPv6 without brackets. "::ffff:10.0.0.0/104" is 10.0.0.0/8.
 *
 * Returns  0; -1 (*c untouched) if it is anything else: an address with bits
 *          beyond the prefix ("10.0.0.1/8") is a slip and not a network.
 */
int cidr_parse(struct cidr *c, const char *text);

/* cidr_has - whether a lies in c, whatever its port. An IPv4 address lies in
 * an IPv4 network alone: "::/0" is all of IPv6 and nothing of IPv4. */
bool cidr_has(const struct cidr *c, const struct addr *a);

/* cidr_is_single - whether it is one address. */
bool cidr_is_single(const struct cidr *c);

#endif
