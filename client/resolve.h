/*
 * resolve - a host name's addresses, without holding up the loop.
 *
 * getaddrinfo(3) blocks for seconds when a name server is silent, and
 * meanwhile no tunnel of the process would move a byte; so it runs in a
 * thread of its own. It, and not evdns, because it alone answers as the
 * machine is configured: nsswitch, mDNS, /etc/hosts. Literal addresses start
 * no thread.
 */
#ifndef CLIENT_RESOLVE_H
#define CLIENT_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"
#include "proto/addr.h"

#define RESOLVE_MAX 16	  /* addresses; further ones are not tried */
#define RESOLVE_MS  10000 /* ms; two tries of a resolver's usual 5 s */
/* Look-ups of a process at a time, each a thread; others wait in line, within
 * their RESOLVE_MS. A resolver that is stuck shall not cost a thread for each
 * connection that comes meanwhile. */
#define RESOLVE_THREADS_MAX 8

/*
 * resolve_fn - the answer. The resolve is gone when this is called.
 *
 * addrs    n of them in the order to try, borrowed; n is 0 on failure.
 * why      borrowed; on failure what was said, such as "Name or service not
 *          known".
 */
typedef void
resolve_fn(void *arg, const struct addr *addrs, size_t n, const char *why);

struct resolve;

/*
 * resolve_start - begin; fn is called once, in a later turn of the loop.
 *
 * host     name or literal without brackets; copied.
 * Returns  NULL with errno: no memory, no descriptor, no thread.
 */
struct resolve *resolve_start(struct loop *loop, const char *host,
    uint16_t port, resolve_fn *fn, void *arg);

/* resolve_cancel - forget it; fn is not called. NULL is fine. */
void resolve_cancel(struct resolve *r);

#endif
