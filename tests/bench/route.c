#include "tests/bench/route.h"

#include <err.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/listen.h"
#include "tests/bench/registration.h"
#include "tests/bench/sock.h"

#define PING 'p'
#define PONG 'P'

struct route {
	struct registration *client; /* ROUTE_RELAY, else NULL */
	struct devices *devices;     /* ROUTE_SYNCTHING, else NULL */
	int listener;		     /* otherwise, else -1 */
	struct addr dial;
};

void
route_relay_addr(const struct url *relay, struct addr *at)
{
	char text[ADDR_JOINED_CAP];

	addr_join_host(relay->host, relay->port, text);
	if (addr_parse(at, text) == -1)
		errx(1, "%s: name the relay by its IP address", text);
}

static void
open_listener(struct route *r, const struct addr *at)
{
	char text[ADDR_TEXT_CAP];

	r->listener = listen_tcp(at, &r->dial);
	if (r->listener == -1)
		err(1, "listen on %s", addr_format(at, text));
}

static void
make(struct route *r, const struct route_plan *plan)
{
	struct addr loopback;

	switch (plan->kind) {
	case ROUTE_DIRECT:
		(void)addr_parse(&loopback, "127.0.0.1:0"); /* it is one */
		open_listener(r, &loopback);
		break;
	case ROUTE_TCP:
		open_listener(r, &plan->listen);
		r->dial = plan->proxy;
		break;
	case ROUTE_RELAY:
		r->client = registration_new(&plan->relay);
		route_relay_addr(&plan->relay, &r->dial);
		break;
	case ROUTE_SYNCTHING:
		r->devices = devices_new(&plan->syncthing);
		break;
	}
}

struct route *
route_new(const struct route_plan *plan)
{
	struct route *r = calloc(1, sizeof *r);

	if (r == NULL)
		err(1, "calloc");
	r->listener = -1;
	make(r, plan);
	return r;
}

/* The callee's side of a rendezvous: the notice, and back with its token. */
static int
come_with_token(struct route *r)
{
	uint8_t token[TX3_TOKEN_LEN];
	int fd;

	registration_token(r->client, token);
	fd = sock_dial(&r->dial);
	sock_write(fd, token, sizeof token);
	return fd;
}

static void
expect(int from, int to, char byte)
{
	char got;

	sock_write(from, &byte, 1);
	sock_read(to, &got, 1);
	if (got != byte)
		errx(1, "%02x came through as %02x", byte, got);
}

static void
dial(struct route *r, struct route_ends *ends)
{
	ends->caller = sock_dial(&r->dial);
	if (r->client != NULL) {
		sock_write(
		    ends->caller, registration_digest(r->client), DIGEST_LEN);
		ends->callee = come_with_token(r);
	} else
		ends->callee = sock_accept(r->listener);
}

struct route_ends
route_open(struct route *r)
{
	struct route_ends ends;

	if (r->devices != NULL)
		devices_meet(r->devices, &ends.caller, &ends.callee);
	else
		dial(r, &ends);
	expect(ends.caller, ends.callee, PING);
	expect(ends.callee, ends.caller, PONG);
	return ends;
}

void
route_close(struct route_ends *ends)
{
	fd_close(&ends->caller);
	fd_close(&ends->callee);
}

void
route_free(struct route *r)
{
	if (r == NULL)
		return;
	registration_free(r->client);
	devices_free(r->devices);
	fd_close(&r->listener);
	free(r);
}
