/*
 * guest - one peer of an exposed service, from its notice to the end of its
 * tunnel: back to the relay, TLS, the service, and then bytes.
 */
#ifndef CLIENT_GUEST_H
#define CLIENT_GUEST_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/loop.h"
#include "proto/addr.h"
#include "proto/tx3.h"

/* Guests at once; beyond, tokens are left to expire. Two descriptors each. */
#define GUESTS_MAX 4096

struct guest;

/* What is exposed. */
struct service {
	char host[ADDR_HOST_CAP];
	uint16_t port;
	bool wants_proxy2; /* each guest's origin, by proto/proxy2.h */
};

/* All guests, and what they share. */
struct guests {
	struct loop *loop;
	SSL_CTX *ctx; /* a server's, borrowed; NULL: bytes as they are */
	struct service service;
	size_t max;
	size_t n;
	LIST_HEAD(, guest) list;
	bool service_down; /* an episode: logged at its ends */
	bool full;	   /* the same */
};

/* guests_init - none yet. service is copied; max at least 1. */
void guests_init(struct guests *g, struct loop *loop, SSL_CTX *ctx,
    const struct service *service, size_t max);

/* guests_fini - all tunnels are cut. */
void guests_fini(struct guests *g);

/*
 * guest_arrives - bring the notice's token to the relay at addr, and serve who
 * waits there.
 *
 * What goes wrong is logged, and ends this guest alone.
 */
void guest_arrives(
    struct guests *g, const struct tx3_notice *notice, const struct addr *addr);

#endif
