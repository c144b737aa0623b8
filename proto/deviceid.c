#include "proto/deviceid.h"

#include <string.h>

enum {
	BITS = 5,	 /* of a character */
	DATA_CHARS = 52, /* of 32 bytes; the last has one bit of them */
	CHECKED = 13,	 /* characters before a check character */
	BLOCKS = DATA_CHARS / CHECKED,
	CHARS = DATA_CHARS + BLOCKS,
	GROUP = 7
};

/* RFC 4648, table 3 */
static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* The n'th group of five bits of a digest; bits behind it are 0. */
static unsigned
value_at(const uint8_t digest[DIGEST_LEN], size_t n)
{
	size_t bit = n * BITS, byte = bit / 8;
	unsigned next = byte + 1 < DIGEST_LEN ? digest[byte + 1] : 0;
	unsigned both = (unsigned)digest[byte] << 8 | next;

	return both >> (16 - BITS - bit % 8) & 31;
}

/* Of CHECKED values: like Luhn's, but the factors begin with 1 at the left. */
static unsigned
check_of(const uint8_t *values)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < CHECKED; i++) {
		unsigned addend = values[i] * (1 + i % 2);

		sum += addend / 32 + addend % 32;
	}
	return (32 - sum % 32) % 32;
}

/* All characters' values, check characters included. */
static void
expand(const uint8_t digest[DIGEST_LEN], uint8_t values[CHARS])
{
	for (size_t block = 0; block < BLOCKS; block++) {
		uint8_t *out = values + block * (CHECKED + 1);

		for (size_t i = 0; i < CHECKED; i++)
			out[i] = (uint8_t)value_at(digest, block * CHECKED + i);
		out[CHECKED] = (uint8_t)check_of(out);
	}
}

const char *
deviceid_format(const uint8_t digest[DIGEST_LEN], char *buf)
{
	return deviceid_format_prefix(digest, DIGEST_LEN, buf);
}

/* How many of CHARS' characters the first len bytes tell: of a block's check
 * character all CHECKED before it. */
static size_t
known_chars(size_t len)
{
	size_t data = len * 8 / BITS;

	return len >= DIGEST_LEN ? CHARS : data + data / CHECKED;
}

const char *
deviceid_format_prefix(const uint8_t *prefix, size_t len, char *buf)
{
	uint8_t digest[DIGEST_LEN] = {0}, values[CHARS];
	size_t groups = known_chars(len) / GROUP;
	char *out = buf;

	memcpy(digest, prefix, len);
	expand(digest, values);
	for (size_t i = 0; i < groups * GROUP; i++) {
		if (i > 0 && i % GROUP == 0)
			*out++ = '-';
		*out++ = ALPHABET[values[i]];
	}
	strcpy(out, groups * GROUP == CHARS ? "" : "...");
	return buf;
}

/* Returns the value of a character; -1: it has none. */
static int
value_of(char c)
{
	static const char LOOKALIKES[] = "018", MEANT[] = "OIB";
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	at = c == '\0' ? NULL : strchr(LOOKALIKES, c);
	if (at != NULL)
		c = MEANT[at - LOOKALIKES];
	at = c == '\0' ? NULL : strchr(ALPHABET, c);
	return at == NULL ? -1 : (int)(at - ALPHABET);
}

/* Returns how many characters there are; CHARS + 1: too many, or a bad one. */
static size_t
read_values(const char *text, size_t len, uint8_t values[CHARS])
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int value;

		if (text[i] == '-' || text[i] == ' ')
			continue;
		value = value_of(text[i]);
		if (value == -1 || n == CHARS)
			return CHARS + 1;
		values[n++] = (uint8_t)value;
	}
	return n;
}

/* Out of CHARS values the DATA_CHARS, in place. Returns 0; -1: a check
 * character is wrong. */
static int
take_checks(uint8_t values[CHARS])
{
	for (size_t block = 0; block < BLOCKS; block++) {
		const uint8_t *in = values + block * (CHECKED + 1);

		if (in[CHECKED] != check_of(in))
			return -1;
		memmove(values + block * CHECKED, in, CHECKED);
	}
	return 0;
}

int
deviceid_parse(uint8_t digest[DIGEST_LEN], const char *text, size_t len)
{
	uint8_t values[CHARS], bytes[DIGEST_LEN] = {0};
	size_t n = read_values(text, len, values);

	if (n != DATA_CHARS && (n != CHARS || take_checks(values) != 0))
		return -1;
	for (size_t bit = 0; bit < DATA_CHARS * BITS; bit++) {
		unsigned is_set = values[bit / BITS] >> (4 - bit % BITS) & 1;

		if (is_set && bit >= DIGEST_LEN * 8)
			return -1;
		if (is_set)
			bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	memcpy(digest, bytes, DIGEST_LEN);
	return 0;
}
