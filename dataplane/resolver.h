/*
 * resolver - looks control's name up, again and again, in a thread of its own
 * that is there before the sandbox forbids to make one.
 */
#ifndef DATAPLANE_RESOLVER_H
#define DATAPLANE_RESOLVER_H

#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"
#include "proto/addr.h"

#define RESOLVER_MAX 16 /* addresses of one answer */

/* resolver_fn - an answer: n addresses, borrowed; none: why not. */
typedef void
resolver_fn(void *arg, const struct addr *addrs, size_t n, const char *why);

struct resolver;

/*
 * resolver_new - start the thread; nothing is asked yet.
 *
 * host     copied.
 * fn       called in the loop for each answer; it may not free the resolver.
 * Returns  NULL with errno.
 */
struct resolver *resolver_new(struct loop *loop, const char *host,
    uint16_t port, resolver_fn *fn, void *arg);

/* resolver_free - fn is not called any more; a look-up under way ends by
 * itself. NULL is fine. */
void resolver_free(struct resolver *r);

/* resolver_ask - look up, unless that is under way. */
void resolver_ask(struct resolver *r);

#endif
