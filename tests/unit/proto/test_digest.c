#include "proto/digest.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

/* SHA-256 of nothing, FIPS 180-4; base64url of it by RFC 4648, 5. */
static const uint8_t EMPTY_SHA256[DIGEST_LEN] = {0xe3, 0xb0, 0xc4, 0x42, 0x98,
    0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78,
    0x52, 0xb8, 0x55};
static const char EMPTY_TEXT[] = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

START_TEST(text_is_base64url_without_padding)
{
	char buf[DIGEST_TEXT_CAP];

	ck_assert_str_eq(digest_format(EMPTY_SHA256, buf), EMPTY_TEXT);
	ck_assert_uint_eq(strlen(buf), DIGEST_TEXT_LEN);
}
END_TEST

START_TEST(text_gives_the_digest_back)
{
	uint8_t digest[DIGEST_LEN];

	ck_assert_int_eq(digest_parse(digest, EMPTY_TEXT, DIGEST_TEXT_LEN), 0);
	ck_assert_mem_eq(digest, EMPTY_SHA256, DIGEST_LEN);
}
END_TEST

START_TEST(every_byte_value_survives)
{
	uint8_t digest[DIGEST_LEN], back[DIGEST_LEN];
	char buf[DIGEST_TEXT_CAP];

	for (unsigned first = 0; first < 256; first++) {
		for (unsigned i = 0; i < DIGEST_LEN; i++)
			digest[i] = (uint8_t)(first + i * 37);
		digest_format(digest, buf);
		ck_assert_int_eq(digest_parse(back, buf, strlen(buf)), 0);
		ck_assert_mem_eq(digest, back, DIGEST_LEN);
	}
}
END_TEST

START_TEST(any_other_length_is_refused)
{
	char text[DIGEST_TEXT_LEN + 2];
	uint8_t digest[DIGEST_LEN];

	memset(text, 'A', sizeof text);
	for (size_t len = 0; len <= DIGEST_TEXT_LEN + 1; len++)
		ck_assert_int_eq(digest_parse(digest, text, len),
		    len == DIGEST_TEXT_LEN ? 0 : -1);
}
END_TEST

START_TEST(bytes_outside_the_alphabet_are_refused_and_nothing_written)
{
	static const char outside[] = {
	    '+', '/', '=', ' ', '.', '\0', '\n', '~', (char)0xc3};
	uint8_t digest[DIGEST_LEN] = {9};
	char text[DIGEST_TEXT_LEN];

	for (size_t i = 0; i < sizeof outside; i++) {
		memset(text, 'A', sizeof text);
		text[20] = outside[i];
		ck_assert_int_eq(digest_parse(digest, text, sizeof text), -1);
		ck_assert_uint_eq(digest[0], 9);
	}
}
END_TEST

START_TEST(one_digest_has_one_text)
{
	uint8_t digest[DIGEST_LEN];
	char text[DIGEST_TEXT_CAP];

	(void)strcpy(text, EMPTY_TEXT);
	text[DIGEST_TEXT_LEN - 1] = 'V'; /* 'U' with a bit beyond the 256 */
	ck_assert_int_eq(digest_parse(digest, text, DIGEST_TEXT_LEN), -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("digest");

	tcase_add_test(tc, text_is_base64url_without_padding);
	tcase_add_test(tc, text_gives_the_digest_back);
	tcase_add_test(tc, every_byte_value_survives);
	tcase_add_test(tc, any_other_length_is_refused);
	tcase_add_test(
	    tc, bytes_outside_the_alphabet_are_refused_and_nothing_written);
	tcase_add_test(tc, one_digest_has_one_text);
	return suite_run("digest", (TCase *[]){tc, NULL});
}
