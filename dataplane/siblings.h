/*
 * siblings - where this node may open a connection to: other nodes' accept
 * addresses, as the configuration lists them. An address of which a network
 * alone is listed must be another machine's: it is easy to list 127.0.0.0/8's
 * services, or this machine's, along with the siblings.
 */
#ifndef DATAPLANE_SIBLINGS_H
#define DATAPLANE_SIBLINGS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/cidr.h"

#define SIBLINGS_MAX 64 /* rows; as many as there can be nodes */

/* "[", a network, "]:65535", NUL. */
#define SIBLING_TEXT_CAP (CIDR_TEXT_CAP + 8)

/* A row of the list. */
struct sibling {
	struct cidr network;
	uint16_t port;
};

struct siblings {
	struct sibling list[SIBLINGS_MAX];
	size_t n;
};

enum sibling_listing {
	SIBLING_UNLISTED,
	SIBLING_IN_NETWORK, /* and not special: see siblings_find */
	SIBLING_EXACT	    /* by its very address and port */
};

/*
 * sibling_parse - "10.0.0.7:7444", "10.0.0.0/24:7444", "[2001:db8::7]:7444" or
 * "[2001:db8::/64]:7444"; port 1..65535.
 *
 * Returns  0; -1 (*s untouched) if it is anything else, or the unspecified
 *          address, which connect(2) takes for this machine.
 */
int sibling_parse(struct sibling *s, const char *text);

/* siblings_find - how a is listed. Loopback, link-local and unspecified
 * addresses are listed by themselves or not at all. */
enum sibling_listing
siblings_find(const struct siblings *ss, const struct addr *a);

#endif
