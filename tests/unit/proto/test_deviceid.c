#include "proto/deviceid.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static const char SAMPLE[] =
    "AAAQEAY-EAUDAOB-CAJBIFQ-YDIOB4B-IBCEQTC-QKRMFYX-YDENBWH-A5DYPQG";

/* 00, 01 to 1f: SAMPLE's. */
static const uint8_t *
sample(void)
{
	static uint8_t digest[DIGEST_LEN];

	for (unsigned i = 0; i < DIGEST_LEN; i++)
		digest[i] = (uint8_t)i;
	return digest;
}

static void
from_hex(uint8_t digest[DIGEST_LEN], const char *hex)
{
	ck_assert_uint_eq(strlen(hex), 2 * DIGEST_LEN);
	for (size_t i = 0; i < DIGEST_LEN; i++) {
		unsigned byte;

		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		digest[i] = (uint8_t)byte;
	}
}

static void
check_good(const char *hex, const char *text, bool is_canonical)
{
	uint8_t digest[DIGEST_LEN], read[DIGEST_LEN];
	char buf[DEVICEID_TEXT_CAP];

	from_hex(digest, hex);
	if (is_canonical)
		ck_assert_str_eq(deviceid_format(digest, buf), text);
	ck_assert_msg(
	    deviceid_parse(read, text, strlen(text)) == 0, "%s", text);
	ck_assert_mem_eq(read, digest, sizeof read);
}

static void
check_bad(const char *why, const char *text)
{
	uint8_t read[DIGEST_LEN], untouched[DIGEST_LEN];

	memset(read, 0x5a, sizeof read);
	memset(untouched, 0x5a, sizeof untouched);
	ck_assert_msg(
	    deviceid_parse(read, text, strlen(text)) == -1, "%s", why);
	ck_assert_mem_eq(read, untouched, sizeof read);
}

START_TEST(all_vectors_hold)
{
	FILE *f = fopen(VECTORS, "re");
	char *line = NULL;
	size_t cap = 0;

	ck_assert_ptr_nonnull(f);
	while (getline(&line, &cap, f) != -1) {
		char *rest = line, *verdict, *first;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		verdict = strsep(&rest, "\t");
		first = strsep(&rest, "\t");
		ck_assert_ptr_nonnull(rest);
		if (strcmp(verdict, "bad") == 0)
			check_bad(first, rest);
		else
			check_good(first, rest, strcmp(verdict, "id") == 0);
	}
	free(line);
	(void)fclose(f);
}
END_TEST

START_TEST(every_byte_value_survives)
{
	uint8_t digest[DIGEST_LEN], back[DIGEST_LEN];
	char buf[DEVICEID_TEXT_CAP];

	for (unsigned first = 0; first < 256; first++) {
		for (unsigned i = 0; i < DIGEST_LEN; i++)
			digest[i] = (uint8_t)(first + i * 37);
		deviceid_format(digest, buf);
		ck_assert_uint_eq(strlen(buf), DEVICEID_TEXT_LEN);
		ck_assert_int_eq(deviceid_parse(back, buf, strlen(buf)), 0);
		ck_assert_mem_eq(digest, back, DIGEST_LEN);
		for (char *at = buf; *at != '\0'; at++)
			*at = (char)tolower((unsigned char)*at);
		ck_assert_int_eq(deviceid_parse(back, buf, strlen(buf)), 0);
		ck_assert_mem_eq(digest, back, DIGEST_LEN);
	}
}
END_TEST

START_TEST(every_single_wrong_character_is_noticed)
{
	static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char text[sizeof SAMPLE];
	uint8_t digest[DIGEST_LEN];

	for (size_t i = 0; i < DEVICEID_TEXT_LEN; i++)
		for (const char *c = ALPHABET; *c != '\0'; c++) {
			memcpy(text, SAMPLE, sizeof text);
			if (text[i] == '-' || text[i] == *c)
				continue;
			text[i] = *c;
			ck_assert_int_eq(
			    deviceid_parse(digest, text, DEVICEID_TEXT_LEN),
			    -1);
		}
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	uint8_t digest[DIGEST_LEN];

	for (size_t len = 0; len < DEVICEID_TEXT_LEN; len++)
		ck_assert_int_eq(deviceid_parse(digest, SAMPLE, len), -1);
}
END_TEST

START_TEST(nul_and_foreign_bytes_are_refused)
{
	static const char MEANS_SOMETHING[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					      "abcdefghijklmnopqrstuvwxyz"
					      "234567018- ";
	char text[sizeof SAMPLE];
	uint8_t digest[DIGEST_LEN];

	for (int c = 0; c < 256; c++) {
		if (c != '\0' && strchr(MEANS_SOMETHING, c) != NULL)
			continue;
		memcpy(text, SAMPLE, sizeof text);
		text[0] = (char)c;
		ck_assert_int_eq(
		    deviceid_parse(digest, text, DEVICEID_TEXT_LEN), -1);
	}
}
END_TEST

START_TEST(prefix_gives_the_groups_it_tells)
{
	char buf[DEVICEID_TEXT_CAP];

	ck_assert_str_eq(deviceid_format_prefix(sample(), 20, buf),
	    "AAAQEAY-EAUDAOB-CAJBIFQ-YDIOB4B...");
	ck_assert_str_eq(
	    deviceid_format_prefix(sample(), DIGEST_LEN, buf), SAMPLE);
	ck_assert_str_eq(deviceid_format_prefix(sample(), 31, buf),
	    "AAAQEAY-EAUDAOB-CAJBIFQ-YDIOB4B-IBCEQTC-QKRMFYX-YDENBWH...");
	ck_assert_str_eq(deviceid_format_prefix(sample(), 4, buf), "...");
	ck_assert_str_eq(deviceid_format_prefix(sample(), 0, buf), "...");
}
END_TEST

START_TEST(prefix_never_tells_what_it_does_not_know)
{
	uint8_t other[DIGEST_LEN];
	char buf[DEVICEID_TEXT_CAP];

	memset(other, 0xff, sizeof other);
	for (size_t len = 0; len < DIGEST_LEN; len++) {
		size_t told;

		memcpy(other, sample(), len);
		deviceid_format_prefix(other, len, buf);
		told = strlen(buf) - 3;
		ck_assert_mem_eq(buf, SAMPLE, told);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("deviceid");

	tcase_add_test(t, all_vectors_hold);
	tcase_add_test(t, every_byte_value_survives);
	tcase_add_test(t, every_single_wrong_character_is_noticed);
	tcase_add_test(t, every_truncation_is_refused);
	tcase_add_test(t, nul_and_foreign_bytes_are_refused);
	tcase_add_test(t, prefix_gives_the_groups_it_tells);
	tcase_add_test(t, prefix_never_tells_what_it_does_not_know);
	return suite_run("deviceid", (TCase *[]){t, NULL});
}
