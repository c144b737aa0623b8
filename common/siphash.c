#include "common/siphash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

/* The paper's figure 2.1. */
static void
sip_rounds(struct state *s, unsigned n)
{
	while (n-- > 0) {
		s->v0 += s->v1;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v2 = rotate(s->v2, 32);
	}
}

/* At most 8 bytes, little-endian. */
static uint64_t
load_le(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void
absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	sip_rounds(s, 2);
	s->v0 ^= word;
}

uint64_t
siphash(const uint64_t key[2], const void *p, size_t len)
{
	const uint8_t *at = p;
	size_t left = len;
	struct state s = {
	    .v0 = key[0] ^ 0x736f6d6570736575,
	    .v1 = key[1] ^ 0x646f72616e646f6d,
	    .v2 = key[0] ^ 0x6c7967656e657261,
	    .v3 = key[1] ^ 0x7465646279746573,
	};

	for (; left >= 8; left -= 8, at += 8)
		absorb(&s, load_le(at, 8));
	absorb(&s, load_le(at, left) | (uint64_t)len << 56);
	s.v2 ^= 0xff;
	sip_rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
