/*
 * lookup - what getaddrinfo(3) says of a host, as the machine is configured
 * to answer (nsswitch, mDNS, /etc/hosts): for a thread that may wait.
 */
#ifndef COMMON_LOOKUP_H
#define COMMON_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"

/*
 * lookup_host - the addresses of a host that take TCP.
 *
 * addrs    out, at most max of them, in the order to try, each with port.
 * n        out; 0 if it has none that we know.
 * why      out, static text, on failure: "Name or service not known".
 * Returns  0; -1 with why.
 * Context  blocks, for seconds while a name server is silent.
 */
int lookup_host(const char *host, uint16_t port, struct addr *addrs, size_t max,
    size_t *n, const char **why);

/* lookup_literal - the same for a literal address, without asking anybody.
 * Returns 0; -1: it is a name. */
int lookup_literal(const char *host, uint16_t port, struct addr *a);

#endif
