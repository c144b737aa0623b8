#include "proto/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#define ALL_BITS  128u
#define V4_BITS	  32u
#define V4_OFFSET (ALL_BITS - V4_BITS) /* bits in front of a mapped address */

/* Plain decimal, no sign, no leading zero. */
static int
parse_bits(const char *text, unsigned max, unsigned *bits)
{
	size_t len = strlen(text);
	unsigned v = 0;

	if (len < 1 || len > 3 || (len > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		v = v * 10 + (unsigned)(text[i] - '0');
	}
	if (v > max)
		return -1;
	*bits = v;
	return 0;
}

/* *offset: how many bits of c->ip stand before what a prefix counts. */
static int
parse_ip(struct cidr *c, const char *text, unsigned *offset)
{
	static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};

	*offset = 0;
	if (inet_pton(AF_INET6, text, c->ip) == 1)
		return 0;
	memcpy(c->ip, MAPPED, sizeof MAPPED);
	*offset = V4_OFFSET;
	return inet_pton(AF_INET, text, c->ip + sizeof MAPPED) == 1 ? 0 : -1;
}

/* The bits of byte i that belong to a prefix of n_bits. */
static uint8_t
mask_of(size_t i, unsigned n_bits)
{
	unsigned before = (unsigned)i * 8;

	if (n_bits <= before)
		return 0;
	if (n_bits >= before + 8)
		return 0xff;
	return (uint8_t)(0xff << (8 - (n_bits - before)));
}

static bool
has_bits_beyond(const struct cidr *c)
{
	for (size_t i = 0; i < sizeof c->ip; i++)
		if ((c->ip[i] & ~mask_of(i, c->n_bits)) != 0)
			return true;
	return false;
}

int
cidr_parse(struct cidr *c, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char ip[INET6_ADDRSTRLEN];
	struct cidr out;
	unsigned offset, bits;

	if (len >= sizeof ip)
		return -1;
	memcpy(ip, text, len);
	ip[len] = '\0';
	if (parse_ip(&out, ip, &offset) == -1)
		return -1;
	bits = ALL_BITS - offset;
	if (slash != NULL && parse_bits(slash + 1, bits, &bits) == -1)
		return -1;
	out.n_bits = (uint8_t)(offset + bits);
	if (has_bits_beyond(&out))
		return -1;
	*c = out;
	return 0;
}

bool
cidr_has(const struct cidr *c, const struct addr *a)
{
	struct addr network = {0};

	memcpy(network.ip, c->ip, sizeof network.ip);
	if (addr_is_v4(&network) != addr_is_v4(a))
		return false;
	for (size_t i = 0; i < sizeof c->ip; i++)
		if (((c->ip[i] ^ a->ip[i]) & mask_of(i, c->n_bits)) != 0)
			return false;
	return true;
}

bool
cidr_is_single(const struct cidr *c)
{
	return c->n_bits == ALL_BITS;
}
