#include "tests/e2e/crowd/keyed.h"

#include <string.h>

#define WORD	  sizeof(uint64_t)
#define BLOCK_LEN 4096 /* made at once to compare with */

uint64_t
keyed_mix(uint64_t key, uint64_t n)
{
	uint64_t z = key + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void
keyed_fill(uint64_t key, uint64_t from, void *p, size_t len)
{
	char *at = p;
	uint64_t n = from / WORD;
	size_t skip = (size_t)(from % WORD);

	while (len > 0) {
		uint64_t word = keyed_mix(key, n++);
		size_t part = len < WORD - skip ? len : WORD - skip;

		memcpy(at, (const char *)&word + skip, part);
		at += part;
		len -= part;
		skip = 0;
	}
}

static size_t
first_difference(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	while (i < len && a[i] == b[i])
		i++;
	return i;
}

size_t
keyed_check(uint64_t key, uint64_t from, const void *p, size_t len)
{
	const char *at = p;
	char block[BLOCK_LEN];
	size_t done = 0;

	while (done < len) {
		size_t part = len - done < BLOCK_LEN ? len - done : BLOCK_LEN;

		keyed_fill(key, from + done, block, part);
		if (memcmp(block, at + done, part) != 0)
			return done + first_difference(block, at + done, part);
		done += part;
	}
	return len;
}
