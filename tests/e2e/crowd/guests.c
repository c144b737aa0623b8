#include "tests/e2e/crowd/guests.h"

#include <string.h>

#include "tests/bench/registration.h"
#include "tests/bench/route.h"
#include "tests/bench/sock.h"

#define SOURCES 60000 /* addresses of 127.1.0.0/16 in use */

void
guests_init(struct guests *g, const struct url *relay, unsigned n)
{
	route_relay_addr(relay, &g->relay);
	for (g->n = 0; g->n < n; g->n++)
		g->client[g->n] = registration_new(relay);
}

void
guests_fini(struct guests *g)
{
	while (g->n > 0)
		registration_free(g->client[--g->n]);
}

static struct addr
source_addr(uint32_t number)
{
	uint32_t host = number % SOURCES + 1;
	struct addr a;

	(void)addr_parse(&a, "127.1.0.0:0"); /* it is one */
	a.ip[14] = (uint8_t)(host >> 8);
	a.ip[15] = (uint8_t)host;
	return a;
}

int
guests_dial(const struct guests *g, uint32_t source)
{
	struct addr from = source_addr(source);

	return sock_dial_from(&g->relay, &from);
}

int
guests_call(
    const struct guests *g, unsigned client, uint32_t source, uint32_t number)
{
	uint8_t first[DIGEST_LEN + sizeof number];
	int fd = guests_dial(g, source);

	memcpy(first, registration_digest(g->client[client]), DIGEST_LEN);
	memcpy(first + DIGEST_LEN, &number, sizeof number);
	sock_write(fd, first, sizeof first);
	return fd;
}

void
guests_token(
    const struct guests *g, unsigned client, uint8_t token[TX3_TOKEN_LEN])
{
	registration_token(g->client[client], token);
}

int
guests_come(const struct guests *g, const uint8_t token[TX3_TOKEN_LEN])
{
	int fd = sock_dial(&g->relay);

	sock_write(fd, token, TX3_TOKEN_LEN);
	return fd;
}

uint32_t
guests_number(int fd)
{
	uint32_t number;

	sock_read(fd, &number, sizeof number);
	return number;
}
