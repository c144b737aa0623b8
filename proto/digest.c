#include "proto/digest.h"

#include <string.h>

/* RFC 4648, table 2 */
static const char ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const char *
digest_format(const uint8_t digest[DIGEST_LEN], char *buf)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t out = 0;

	for (size_t i = 0; i < DIGEST_LEN; i++) {
		bits = bits << 8 | digest[i];
		n_bits += 8;
		while (n_bits >= 6) {
			n_bits -= 6;
			buf[out++] = ALPHABET[bits >> n_bits & 63];
		}
	}
	buf[out++] = ALPHABET[bits << (6 - n_bits) & 63];
	buf[out] = '\0';
	return buf;
}

int
digest_parse(uint8_t digest[DIGEST_LEN], const char *text, size_t len)
{
	uint8_t bytes[DIGEST_LEN];
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t out = 0;

	if (len != DIGEST_TEXT_LEN)
		return -1;
	for (size_t i = 0; i < len; i++) {
		const char *at =
		    text[i] == '\0' ? NULL : strchr(ALPHABET, text[i]);

		if (at == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(at - ALPHABET);
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			bytes[out++] = (uint8_t)(bits >> n_bits);
		}
	}
	if ((bits & ((1u << n_bits) - 1)) != 0)
		return -1;
	memcpy(digest, bytes, DIGEST_LEN);
	return 0;
}
