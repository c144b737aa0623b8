#include <stdlib.h>
#include <string.h>

#include "proto/tx3.h"
#include "tests/unit/suite.h"

/* 192.0.2.7:40000, then a token of 0x5a. */
static const uint8_t NOTICE[TX3_NOTICE50_LEN] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0xff, 0xff, 192, 0, 2, 7, 0x9c, 0x40, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
    0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
    0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
    0x5a, 0x5a};

static struct tx3_notice
sample(const char *origin)
{
	struct tx3_notice n;

	memset(&n, 0, sizeof n);
	ck_assert_int_eq(addr_parse(&n.origin, origin), 0);
	memset(n.token, 0x5a, sizeof n.token);
	return n;
}

START_TEST(notice50_is_address_then_port_then_token)
{
	struct tx3_notice n = sample("192.0.2.7:40000");
	uint8_t buf[TX3_NOTICE_MAX];

	ck_assert_uint_eq(tx3_notice_encode(TX3_NOTICE50, &n, buf), 50);
	ck_assert_mem_eq(buf, NOTICE, 50);
}
END_TEST

START_TEST(notice32_is_the_token_alone)
{
	struct tx3_notice n = sample("192.0.2.7:40000");
	uint8_t buf[TX3_NOTICE_MAX];

	ck_assert_uint_eq(tx3_notice_encode(TX3_NOTICE32, &n, buf), 32);
	ck_assert_mem_eq(buf, NOTICE + 18, 32);
}
END_TEST

START_TEST(what_is_encoded_decodes_to_the_same)
{
	static const char *const ORIGINS[] = {
	    "0.0.0.0:0", "255.255.255.255:65535", "[2001:db8::7]:1", "[::]:0"};
	uint8_t buf[TX3_NOTICE_MAX];

	for (size_t i = 0; i < sizeof ORIGINS / sizeof *ORIGINS; i++) {
		struct tx3_notice n = sample(ORIGINS[i]), again;

		(void)tx3_notice_encode(TX3_NOTICE50, &n, buf);
		ck_assert_int_eq(
		    tx3_notice_decode(TX3_NOTICE50, &again, buf, 50), PARSE_OK);
		ck_assert(addr_equal(&again.origin, &n.origin));
		ck_assert_mem_eq(again.token, n.token, TX3_TOKEN_LEN);
	}
}
END_TEST

START_TEST(notice32_names_no_origin)
{
	static const uint8_t NONE[16];
	struct tx3_notice n = sample("192.0.2.7:40000");

	ck_assert_int_eq(
	    tx3_notice_decode(TX3_NOTICE32, &n, NOTICE + 18, 32), PARSE_OK);
	ck_assert_mem_eq(n.origin.ip, NONE, sizeof NONE);
	ck_assert_uint_eq(n.origin.port, 0);
	ck_assert_mem_eq(n.token, NOTICE + 18, TX3_TOKEN_LEN);
}
END_TEST

START_TEST(every_shorter_text_wants_more_and_writes_nothing)
{
	static const enum tx3_dialect DIALECTS[] = {TX3_NOTICE32, TX3_NOTICE50};

	for (size_t d = 0; d < 2; d++)
		for (size_t n = 0; n < tx3_notice_len(DIALECTS[d]); n++) {
			/* Of its own, so that ASan sees its end. */
			uint8_t *text = malloc(n > 0 ? n : 1);
			struct tx3_notice got;

			ck_assert_ptr_nonnull(text);
			memcpy(text, NOTICE, n);
			memset(&got, 0x77, sizeof got);
			ck_assert_int_eq(
			    tx3_notice_decode(DIALECTS[d], &got, text, n),
			    PARSE_MORE);
			ck_assert_uint_eq(got.token[0], 0x77);
			free(text);
		}
}
END_TEST

START_TEST(bytes_behind_a_notice_are_the_next_ones)
{
	uint8_t two[100];
	struct tx3_notice n;

	memcpy(two, NOTICE, 50);
	memset(two + 50, 0xee, 50);
	ck_assert_int_eq(
	    tx3_notice_decode(TX3_NOTICE50, &n, two, sizeof two), PARSE_OK);
	ck_assert_uint_eq(n.token[TX3_TOKEN_LEN - 1], 0x5a);
}
END_TEST

START_TEST(dialects_have_their_names)
{
	enum tx3_dialect d = TX3_NOTICE50;

	ck_assert_int_eq(tx3_dialect_parse(&d, "notice32"), 0);
	ck_assert_int_eq(d, TX3_NOTICE32);
	ck_assert_int_eq(tx3_dialect_parse(&d, "notice50"), 0);
	ck_assert_int_eq(d, TX3_NOTICE50);
	ck_assert_int_eq(tx3_dialect_parse(&d, "notice"), -1);
	ck_assert_int_eq(tx3_dialect_parse(&d, ""), -1);
	ck_assert_int_eq(d, TX3_NOTICE50);
	ck_assert_str_eq(tx3_dialect_name(TX3_NOTICE32), "notice32");
	ck_assert_str_eq(tx3_dialect_name(TX3_NOTICE50), "notice50");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("notices");

	tcase_add_test(t, notice50_is_address_then_port_then_token);
	tcase_add_test(t, notice32_is_the_token_alone);
	tcase_add_test(t, what_is_encoded_decodes_to_the_same);
	tcase_add_test(t, notice32_names_no_origin);
	tcase_add_test(t, every_shorter_text_wants_more_and_writes_nothing);
	tcase_add_test(t, bytes_behind_a_notice_are_the_next_ones);
	tcase_add_test(t, dialects_have_their_names);
	return suite_run("tx3", (TCase *[]){t, NULL});
}
