#include "client/guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/dial.h"
#include "client/handshake.h"
#include "client/tunnel.h"
#include "common/log.h"
#include "common/tls.h"
#include "proto/proxy2.h"

enum { LEG_PEER, LEG_SERVICE };

/* One of dial, handshake and tunnel runs at a time. */
struct guest {
	LIST_ENTRY(guest) entry;
	struct guests *all;
	struct dial *dial; /* the relay, later the service */
	struct handshake *handshake;
	struct stream peer; /* between handshake and tunnel */
	struct tunnel *tunnel;
	struct addr origin; /* where the peer is; all zeros: not known */
	char who[16];	    /* the peer's digest, shortened; "-" before TLS */
};

static void
guest_free(struct guest *g)
{
	struct guests *all = g->all;

	dial_cancel(g->dial);
	handshake_cancel(g->handshake);
	if (stream_is_open(&g->peer))
		stream_abort(&g->peer);
	tunnel_cancel(g->tunnel);
	LIST_REMOVE(g, entry);
	free(g);
	all->n--;
	all->full = false;
}

static struct log_text
origin_of(const struct guest *g)
{
	struct log_text unknown = {"-"};

	return addr_is_unspecified(&g->origin) ? unknown : log_addr(&g->origin);
}

static void
guest_failed(struct guest *g, const char *where, const char *why)
{
	log_warn("guest-failed", "peer=%s origin=%s at=%s why=%s", g->who,
	    origin_of(g).s, where, log_str(why).s);
	guest_free(g);
}

static void
on_tunnel_end(void *arg, const struct tunnel_result *result)
{
	struct guest *g = arg;
	const char *why = result->leg == LEG_PEER ? "peer" : "service";

	g->tunnel = NULL;
	log_info("guest-closed", "peer=%s in=%llu out=%llu end=%s why=%s",
	    g->who, (unsigned long long)result->n_bytes[LEG_PEER],
	    (unsigned long long)result->n_bytes[LEG_SERVICE],
	    result->finished ? "finished" : why, log_str(result->why).s);
	guest_free(g);
}

static void
service_is(struct guests *all, bool down, const char *why)
{
	const struct service *service = &all->service;

	if (down && !all->service_down)
		log_warn("service-down", "why=%s", log_str(why).s);
	if (!down && all->service_down)
		log_info("service-up", "host=%s port=%u",
		    log_str(service->host).s, service->port);
	all->service_down = down;
}

/* The relay's own address is of no use to the service, and we don't know under
 * which of its names the peer called it: so dst is where the service is. */
static int
introduce(const struct guest *g, const struct dialled *service)
{
	uint8_t header[PROXY2_CAP];
	size_t len;

	if (!g->all->service.wants_proxy2)
		return 0;
	len = proxy2_put(&g->origin, &service->addr, header);
	return dial_say(service->fd, header, len);
}

static void
on_service(void *arg, const struct dialled *got, const char *why)
{
	struct guest *g = arg;
	struct stream legs[2];

	g->dial = NULL;
	service_is(g->all, got == NULL, why);
	if (got == NULL) {
		guest_free(g);
		return;
	}
	stream_from_socket(&legs[LEG_SERVICE], got->fd);
	if (introduce(g, got) == -1) {
		why = strerror(errno);
		stream_abort(&legs[LEG_SERVICE]);
		guest_failed(g, "service", why);
		return;
	}
	legs[LEG_PEER] = g->peer;
	stream_init(&g->peer);
	g->tunnel = tunnel_start(g->all->loop, legs, on_tunnel_end, g);
	if (g->tunnel == NULL)
		guest_failed(g, "tunnel", strerror(errno));
}

static void
dial_service(struct guest *g)
{
	const struct service *service = &g->all->service;

	g->dial = dial_start(
	    g->all->loop, service->host, service->port, NULL, on_service, g);
	if (g->dial == NULL)
		guest_failed(g, "service", strerror(errno));
}

static const char *
why_no_tls(enum handshake_end how, const char *why)
{
	switch (how) {
	case HANDSHAKE_CLOSED:
		return "the peer went away";
	case HANDSHAKE_TIMEOUT:
		return "the peer said too little in time";
	case HANDSHAKE_NO_PROTOCOL:
	case HANDSHAKE_FAILED:
	case HANDSHAKE_DONE:
		break;
	}
	return why;
}

static void
on_handshake(
    void *arg, enum handshake_end how, struct stream *s, const char *why)
{
	struct guest *g = arg;
	uint8_t digest[DIGEST_LEN];

	g->handshake = NULL;
	if (how != HANDSHAKE_DONE) {
		guest_failed(g, "tls", why_no_tls(how, why));
		return;
	}
	g->peer = *s;
	if (tls_peer_digest(s->ssl, digest) == -1) {
		guest_failed(g, "tls", "the peer showed no certificate");
		return;
	}
	memcpy(g->who, log_digest(digest).s, sizeof g->who);
	g->who[sizeof g->who - 1] = '\0';
	log_info("guest-accepted", "peer=%s origin=%s", g->who, origin_of(g).s);
	dial_service(g);
}

static void
on_relay(void *arg, const struct dialled *got, const char *why)
{
	struct guest *g = arg;

	g->dial = NULL;
	if (got == NULL) {
		guest_failed(g, "relay", why);
		return;
	}
	if (g->all->ctx == NULL) {
		stream_from_socket(&g->peer, got->fd);
		dial_service(g);
		return;
	}
	g->handshake = handshake_start(g->all->loop, got->fd, g->all->ctx,
	    TLS_ROLE_SERVER, TX3_CONNECTION_TIMEOUT_MS, on_handshake, g);
	if (g->handshake == NULL)
		guest_failed(g, "tls", strerror(errno));
}

void
guest_arrives(struct guests *all, const struct tx3_notice *notice,
    const struct addr *addr)
{
	struct guest *g;

	if (all->n == all->max) {
		if (!all->full)
			log_warn("guests-full", "max=%zu", all->max);
		all->full = true;
		return;
	}
	g = calloc(1, sizeof *g);
	if (g == NULL) {
		log_warn("guest-failed", "peer=- origin=- at=start why=%s",
		    log_str(strerror(errno)).s);
		return;
	}
	g->all = all;
	g->origin = notice->origin;
	g->who[0] = '-';
	stream_init(&g->peer);
	LIST_INSERT_HEAD(&all->list, g, entry);
	all->n++;
	g->dial = dial_start_addr(all->loop, addr, notice->token, on_relay, g);
	if (g->dial == NULL)
		guest_failed(g, "relay", strerror(errno));
}

void
guests_init(struct guests *g, struct loop *loop, SSL_CTX *ctx,
    const struct service *service, size_t max)
{
	memset(g, 0, sizeof *g);
	g->loop = loop;
	g->ctx = ctx;
	g->service = *service;
	g->max = max;
	LIST_INIT(&g->list);
}

void
guests_fini(struct guests *g)
{
	struct guest *guest;

	while ((guest = LIST_FIRST(&g->list)) != NULL)
		/* the analyzer does not see it leave the list */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		guest_free(guest);
}
