#include <check.h>
#include <string.h>

#include "client/notice.h"

#define N_TOKENS 3
#define ALL_LEN	 (1 + N_TOKENS * TX3_TOKEN_LEN)

static uint8_t all[ALL_LEN];

/* The all-clear, and tokens whose bytes say which they are. */
static void
setup(void)
{
	all[0] = TX3_ALL_CLEAR;
	for (size_t i = 0; i < N_TOKENS * TX3_TOKEN_LEN; i++)
		all[1 + i] = (uint8_t)(1 + i);
}

struct seen {
	unsigned n_clear;
	unsigned n_tokens;
};

static void
feed(struct notice_reader *r, const uint8_t *p, size_t len, struct seen *seen)
{
	uint8_t token[TX3_TOKEN_LEN];
	enum notice_answer answer;

	while ((answer = notice_next(r, &p, &len, token)) != NOTICE_MORE) {
		ck_assert_int_ne(answer, NOTICE_BAD);
		if (answer == NOTICE_CLEAR) {
			seen->n_clear++;
			continue;
		}
		ck_assert_mem_eq(token,
		    all + 1 + seen->n_tokens * TX3_TOKEN_LEN, sizeof token);
		seen->n_tokens++;
	}
	ck_assert_uint_eq(len, 0);
}

START_TEST(tokens_come_out_whole_however_they_are_cut)
{
	for (size_t first = 0; first <= ALL_LEN; first++) {
		for (size_t second = first; second <= ALL_LEN; second++) {
			struct notice_reader r;
			struct seen seen = {0};

			notice_init(&r);
			feed(&r, all, first, &seen);
			feed(&r, all + first, second - first, &seen);
			feed(&r, all + second, ALL_LEN - second, &seen);
			ck_assert_uint_eq(seen.n_clear, 1);
			ck_assert_uint_eq(seen.n_tokens, N_TOKENS);
		}
	}
}
END_TEST

START_TEST(byte_for_byte_it_is_the_same)
{
	struct notice_reader r;
	struct seen seen = {0};

	notice_init(&r);
	for (size_t i = 0; i < ALL_LEN; i++) {
		feed(&r, all + i, 1, &seen);
		ck_assert_uint_eq(seen.n_clear, 1);
		ck_assert_uint_eq(seen.n_tokens, i / TX3_TOKEN_LEN);
	}
}
END_TEST

START_TEST(without_an_all_clear_it_is_no_relay)
{
	const uint8_t other[] = "HTTP/1.1";
	const uint8_t *p = other;
	size_t len = sizeof other;
	uint8_t token[TX3_TOKEN_LEN];
	struct notice_reader r;

	notice_init(&r);
	ck_assert_int_eq(notice_next(&r, &p, &len, token), NOTICE_BAD);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("notice");
	TCase *t = tcase_create("notice");
	SRunner *r;
	int failures;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, tokens_come_out_whole_however_they_are_cut);
	tcase_add_test(t, byte_for_byte_it_is_the_same);
	tcase_add_test(t, without_an_all_clear_it_is_no_relay);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
