#include <string.h>

#include "client/notice.h"
#include "tests/unit/suite.h"

#define N_PEERS 3
#define ALL_MAX (1 + N_PEERS * TX3_NOTICE_MAX)

/* The loops of both tests below run over these. */
static const enum tx3_dialect DIALECTS[] = {TX3_NOTICE32, TX3_NOTICE50};

static struct tx3_notice peers[N_PEERS];
static uint8_t all[ALL_MAX];
static size_t all_len;

/* The all-clear, and notices whose bytes say which they are. */
static void
setup_all(enum tx3_dialect dialect)
{
	memset(peers, 0, sizeof peers);
	all[0] = TX3_ALL_CLEAR;
	all_len = 1;
	for (size_t i = 0; i < N_PEERS; i++) {
		memset(peers[i].token, (int)(0x50 + i), TX3_TOKEN_LEN);
		if (dialect == TX3_NOTICE50) {
			memset(peers[i].origin.ip, (int)(0x20 + i), 16);
			peers[i].origin.port = (uint16_t)(40000 + i);
		}
		all_len += tx3_notice_encode(dialect, &peers[i], all + all_len);
	}
}

struct seen {
	unsigned n_clear;
	unsigned n_peers;
};

static void
feed(struct notice_reader *r, const uint8_t *p, size_t len, struct seen *seen)
{
	const struct tx3_notice *want = &peers[seen->n_peers];
	struct tx3_notice got;
	enum notice_answer answer;

	while ((answer = notice_next(r, &p, &len, &got)) != NOTICE_MORE) {
		ck_assert_int_ne(answer, NOTICE_BAD);
		if (answer == NOTICE_CLEAR) {
			seen->n_clear++;
			continue;
		}
		ck_assert_mem_eq(got.token, want->token, sizeof got.token);
		ck_assert_mem_eq(
		    r->bytes, (uint8_t[TX3_NOTICE_MAX]){0}, sizeof r->bytes);
		ck_assert(addr_equal(&got.origin, &want->origin));
		seen->n_peers++;
		want++;
	}
	ck_assert_uint_eq(len, 0);
}

static void
feed_in_three(enum tx3_dialect dialect, size_t first, size_t second)
{
	struct notice_reader r;
	struct seen seen = {0};

	notice_init(&r, dialect);
	feed(&r, all, first, &seen);
	feed(&r, all + first, second - first, &seen);
	feed(&r, all + second, all_len - second, &seen);
	ck_assert_uint_eq(seen.n_clear, 1);
	ck_assert_uint_eq(seen.n_peers, N_PEERS);
}

START_TEST(notices_come_out_whole_however_they_are_cut)
{
	setup_all(DIALECTS[_i]);
	for (size_t first = 0; first <= all_len; first++) {
		for (size_t second = first; second <= all_len; second++)
			feed_in_three(DIALECTS[_i], first, second);
	}
}
END_TEST

START_TEST(byte_for_byte_it_is_the_same)
{
	struct notice_reader r;
	struct seen seen = {0};

	setup_all(DIALECTS[_i]);
	notice_init(&r, DIALECTS[_i]);
	for (size_t i = 0; i < all_len; i++) {
		feed(&r, all + i, 1, &seen);
		ck_assert_uint_eq(seen.n_clear, 1);
		ck_assert_uint_eq(
		    seen.n_peers, i / tx3_notice_len(DIALECTS[_i]));
	}
}
END_TEST

START_TEST(without_an_all_clear_it_is_no_relay)
{
	const uint8_t other[] = "HTTP/1.1";
	const uint8_t *p = other;
	size_t len = sizeof other;
	struct tx3_notice notice;
	struct notice_reader r;

	notice_init(&r, TX3_NOTICE32);
	ck_assert_int_eq(notice_next(&r, &p, &len, &notice), NOTICE_BAD);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("notice");

	tcase_add_loop_test(t, notices_come_out_whole_however_they_are_cut, 0,
	    sizeof DIALECTS / sizeof *DIALECTS);
	tcase_add_loop_test(t, byte_for_byte_it_is_the_same, 0,
	    sizeof DIALECTS / sizeof *DIALECTS);
	tcase_add_test(t, without_an_all_clear_it_is_no_relay);
	return suite_run("notice", (TCase *[]){t, NULL});
}
