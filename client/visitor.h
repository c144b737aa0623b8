/*
 * visitor - one local connection of `carrick forward`: its call, and then its
 * tunnel.
 */
#ifndef CLIENT_VISITOR_H
#define CLIENT_VISITOR_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "common/loop.h"
#include "proto/url.h"

#define VISITORS_MAX 4096 /* at once; beyond, newcomers wait in the backlog */

/* Called with true when there is room for no more, with false when there is
 * again. */
typedef void visitors_full_fn(void *arg, bool full);

struct visitor;

/* All visitors, and what they share. */
struct visitors {
	struct loop *loop;
	const struct url *ways;
	size_t n_ways;
	SSL_CTX *ctx;
	size_t max;
	size_t n;
	LIST_HEAD(, visitor) list;
	visitors_full_fn *full;
	void *arg;
};

/* visitors_init - none yet. ways (n of them) and ctx, a client's, are
 * borrowed until visitors_fini; max at least 1. */
void visitors_init(struct visitors *v, const struct url *ways, size_t n,
    SSL_CTX *ctx, size_t max);

/* visitors_start - from now on they may arrive. */
void visitors_start(
    struct visitors *v, struct loop *loop, visitors_full_fn *full, void *arg);

/* visitors_fini - all are reset. */
void visitors_fini(struct visitors *v);

/* visitor_arrives - serve one; fd is taken over. What goes wrong is logged,
 * and ends this visitor alone. */
void visitor_arrives(struct visitors *v, int fd);

#endif
