/* The range of every field: one below, the least, the greatest, one above. */
#include "proto/ipc.h"

#include <string.h>

#include "tests/unit/proto/ipc_samples.h"
#include "tests/unit/suite.h"

#define BODY 20 /* bytes before the body */

static struct ipc_msg m, back;
static uint8_t buf[IPC_MSG_CAP + 1];

/* An integer of a sample, and what it may be. */
static const struct field {
	enum ipc_type type;
	size_t at; /* bytes from the body's beginning */
	size_t len;
	uint64_t min;
	uint64_t max;
} FIELDS[] = {
    {IPC_NODE_BEAT, 16, 1, 0, 1},
    {IPC_NODE_BEAT, 17, 4, 0, 86400000},
    {IPC_NODE_BYE, 0, 1, 0, REASON_COUNT - 1},
    {IPC_CONN_OPEN, 8, 1, 0, 3},
    {IPC_CONN_OPEN, 9, 1, 0, 255},
    {IPC_CONN_MORE, 8, 1, 0, 3},
    {IPC_CONN_GONE, 16, 1, 0, REASON_COUNT - 1},
    {IPC_PAIR_REFUSED, 40, 1, 0, REASON_COUNT - 1},
    {IPC_PAIR_REFUSED, 41, 1, 1, 3},
    {IPC_PAIR_ENDED, 64, 1, 0, REASON_COUNT - 1},
    {IPC_PAIR_LIST, 4, 1, 0, 1},
    {IPC_CONN_WAIT, 8, 2, 1, 16920},
    {IPC_CONN_WAIT, 10, 4, 100, 600000},
    {IPC_CONN_HOLD, 8, 4, 100, 600000},
    {IPC_CONN_HOLD, 12, 2, 0, 16920},
    {IPC_CONN_HOLD, 14, 1, 0, 1},
    {IPC_CONN_PAIR, 16, 2, 0, 16920},
    {IPC_CONN_PAIR, 18, 2, 0, 16920},
    {IPC_CONN_PAIR, 52, 1, 0, 1},
    {IPC_CONN_PAIR, 53, 1, 0, 1},
    {IPC_CONN_PAIR, 54, 4, 0, UINT32_MAX},
    {IPC_CONN_PAIR, 58, 2, 0, 32767},
    {IPC_CONN_PAIR, 60, 2, 0, 32767},
    {IPC_CONN_PAIR, 62, 1, 0, 127},
    {IPC_CONN_PAIR, 72, 8, 1, 100000000000},
    {IPC_CONN_PAIR, 88, 8, 1, 100000000000},
    {IPC_CONN_JOIN, 8, 2, 0, 16920},
    {IPC_CONN_JOIN, 10, 4, 100, 600000},
    {IPC_CONN_JOIN, 96, 1, 0, 1},
    {IPC_CONN_JOIN, 101, 2, 0, 32767},
    {IPC_CONN_JOIN, 103, 2, 0, 32767},
    {IPC_CONN_JOIN, 105, 1, 0, 127},
    {IPC_CONN_JOIN, 115, 8, 1, 100000000000},
    {IPC_CONN_DROP, 8, 2, 0, 16920},
    {IPC_CONN_DROP, 10, 1, 0, 1},
};

static enum parse_result
decode(size_t len)
{
	return ipc_decode(&back, buf, len, ipc_type_direction(buf[0]));
}

/* The sample with another value in f, decoded, and if it can be, encoded. */
static enum parse_result
decode_with(const struct field *f, uint64_t value)
{
	size_t len = ipc_sample_bytes(ipc_sample_of(f->type), buf);
	static uint8_t again[IPC_MSG_CAP];
	enum parse_result result;

	for (size_t i = 0; i < f->len; i++)
		buf[BODY + f->at + i] =
		    (uint8_t)(value >> (8 * (f->len - 1 - i)));
	result = decode(len);
	if (result == PARSE_OK) {
		ck_assert_uint_eq(ipc_encode(&back, again, sizeof again), len);
		ck_assert_mem_eq(again, buf, len);
	}
	return result;
}

START_TEST(a_field_takes_its_range_and_nothing_else)
{
	const struct field *f = &FIELDS[_i];
	uint64_t greatest =
	    f->len == 8 ? UINT64_MAX : ((uint64_t)1 << (8 * f->len)) - 1;

	ck_assert_int_eq(decode_with(f, f->min), PARSE_OK);
	ck_assert_int_eq(decode_with(f, f->max), PARSE_OK);
	if (f->min > 0)
		ck_assert_int_eq(decode_with(f, f->min - 1), PARSE_BAD);
	if (f->max < greatest)
		ck_assert_int_eq(decode_with(f, f->max + 1), PARSE_BAD);
}
END_TEST

/* A message whose bytes field can be lengthened. */
static struct ipc_bytes *
bytes_field(int i, size_t *max_len)
{
	static const enum ipc_type TYPES[] = {IPC_CONN_OPEN, IPC_CONN_MORE,
	    IPC_CONN_HOLD, IPC_CONN_DROP, IPC_CONN_PAIR, IPC_CONN_PAIR,
	    IPC_CONN_JOIN};
	struct ipc_bytes *fields[] = {&m.u.conn_open.first,
	    &m.u.conn_more.bytes, &m.u.conn_hold.say, &m.u.conn_drop.say,
	    &m.u.conn_pair.say_a, &m.u.conn_pair.say_b, &m.u.conn_join.say};
	static const size_t MAX[] = {512, 16920, 2048, 2048, 2048, 2048, 2048};

	m = ipc_sample_msg(ipc_sample_of(TYPES[i]));
	*max_len = MAX[i];
	return fields[i];
}

START_TEST(bytes_may_be_none_or_up_to_their_limit)
{
	static uint8_t bytes[IPC_MSG_CAP];
	size_t max_len;
	struct ipc_bytes *b = bytes_field(_i, &max_len);

	b->p = bytes;
	for (b->len = 0; b->len <= max_len; b->len += max_len) {
		size_t len = ipc_encode(&m, buf, sizeof buf);

		ck_assert_uint_gt(len, 0);
		ck_assert_int_eq(decode(len), PARSE_OK);
	}
	b->len = max_len + 1;
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
}
END_TEST

START_TEST(bytes_beyond_their_limit_are_bad_in_a_newer_version_too)
{
	static const uint8_t more[2049];
	size_t len = ipc_sample_bytes(ipc_sample_of(IPC_CONN_HOLD), buf);
	struct wire_writer w;

	wire_writer_init(&w, buf, sizeof buf);
	w.len = len - 6; /* the sample's say: its length and 4 bytes */
	wire_put_vec(&w, more, sizeof more);
	buf[2] = IPC_MINOR + 1;
	ck_assert_int_eq(decode(w.len), PARSE_BAD);
}
END_TEST

START_TEST(a_connection_is_not_paired_with_itself)
{
	size_t len = ipc_sample_bytes(ipc_sample_of(IPC_CONN_PAIR), buf);

	memcpy(buf + BODY + 8, buf + BODY, 8);
	ck_assert_int_eq(decode(len), PARSE_BAD);
	m = ipc_sample_msg(ipc_sample_of(IPC_CONN_PAIR));
	m.u.conn_pair.b = m.u.conn_pair.a;
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
}
END_TEST

START_TEST(a_drain_takes_a_day_at_most_or_the_nodes_own_time)
{
	static const uint32_t GOOD[] = {0, 86400000, IPC_DRAIN_OWN_MS};
	static const uint32_t BAD[] = {86400001, IPC_DRAIN_OWN_MS - 1};

	m = ipc_sample_msg(ipc_sample_of(IPC_DRAIN));
	for (int i = 0; i < 3; i++) {
		m.u.drain.timeout_ms = GOOD[i];
		ck_assert_int_eq(
		    decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
		ck_assert_uint_eq(back.u.drain.timeout_ms, GOOD[i]);
	}
	for (int i = 0; i < 2; i++) {
		m.u.drain.timeout_ms = BAD[i];
		ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
		(void)ipc_sample_bytes(ipc_sample_of(IPC_DRAIN), buf);
		for (int k = 0; k < 4; k++)
			buf[BODY + k] = (uint8_t)(BAD[i] >> (24 - 8 * k));
		ck_assert_int_eq(decode(BODY + 4), PARSE_BAD);
	}
}
END_TEST

START_TEST(names_and_builds_are_bounded)
{
	m = ipc_sample_msg(ipc_sample_of(IPC_NODE_HELLO));
	memset(m.u.node_hello.name, 'n', IPC_NAME_MAX);
	ck_assert_int_eq(decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
	ck_assert_uint_eq(strlen(back.u.node_hello.name), 48);
	m = ipc_sample_msg(ipc_sample_of(IPC_NODE_READY));
	memset(m.u.node_ready.build, 'b', IPC_BUILD_CAP - 1);
	ck_assert_int_eq(decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
	ck_assert_uint_eq(strlen(back.u.node_ready.build), 63);
}
END_TEST

/* A hello with any bytes for a name. */
static enum parse_result
hello_of(const char *name, size_t name_len)
{
	struct wire_writer w;

	(void)ipc_sample_bytes(ipc_sample_of(IPC_NODE_HELLO), buf);
	wire_writer_init(&w, buf, sizeof buf);
	w.len = BODY;
	wire_put_u8(&w, (uint8_t)name_len);
	wire_put_bytes(&w, name, name_len);
	addr_put(&w, &(struct addr){0});
	return decode(w.len);
}

START_TEST(a_name_is_lower_case_letters_digits_and_three_signs)
{
	static const char *const bad[] = {"", ".a", "-a", "_a", "A", "a/b",
	    "a b", "a\n", "\xc3\xa4", "../a", "a%"};
	static const char *const good[] = {
	    "a", "0", "edge-1", "a.b_c-d", "a.."};
	char long_name[IPC_NAME_MAX + 1];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(!ipc_name_is_valid(bad[i]), "%s", bad[i]);
		ck_assert_int_eq(hello_of(bad[i], strlen(bad[i])), PARSE_BAD);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(ipc_name_is_valid(good[i]), "%s", good[i]);
		ck_assert_int_eq(hello_of(good[i], strlen(good[i])), PARSE_OK);
	}
	ck_assert_int_eq(hello_of("a\0b", 3), PARSE_BAD);
	memset(long_name, 'a', sizeof long_name);
	ck_assert_int_eq(hello_of(long_name, IPC_NAME_MAX), PARSE_OK);
	ck_assert_int_eq(hello_of(long_name, IPC_NAME_MAX + 1), PARSE_BAD);
}
END_TEST

START_TEST(the_largest_messages_are_as_long_as_the_catalogue_says)
{
	static uint8_t bytes[IPC_MSG_CAP];

	m = ipc_sample_msg(ipc_sample_of(IPC_CONN_MORE));
	m.u.conn_more.bytes = (struct ipc_bytes){bytes, IPC_MORE_MAX};
	ck_assert_uint_eq(
	    ipc_encode(&m, buf, sizeof buf), ipc_type_max_len(IPC_CONN_MORE));
	m = ipc_sample_msg(ipc_sample_of(IPC_CONN_PAIR));
	m.u.conn_pair.say_a = (struct ipc_bytes){bytes, IPC_SAY_MAX};
	m.u.conn_pair.say_b = (struct ipc_bytes){bytes, IPC_SAY_MAX};
	m.u.conn_pair.limits.n_rates = IPC_RATES_MAX;
	m.u.conn_pair.limits.rates[2] = (struct ipc_rate){2, 1};
	m.u.conn_pair.limits.rates[3] = (struct ipc_rate){3, 1};
	ck_assert_uint_eq(
	    ipc_encode(&m, buf, sizeof buf), ipc_type_max_len(IPC_CONN_PAIR));
	m = ipc_sample_msg(ipc_sample_of(IPC_PAIR_LIST));
	m.u.pair_list.tags = bytes;
	m.u.pair_list.n_tags = IPC_LIST_MAX;
	ck_assert_uint_eq(
	    ipc_encode(&m, buf, sizeof buf), ipc_type_max_len(IPC_PAIR_LIST));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("ipc ranges");
	int n_fields = sizeof FIELDS / sizeof *FIELDS;

	tcase_add_loop_test(
	    tc, a_field_takes_its_range_and_nothing_else, 0, n_fields);
	tcase_add_loop_test(tc, bytes_may_be_none_or_up_to_their_limit, 0, 7);
	tcase_add_test(
	    tc, bytes_beyond_their_limit_are_bad_in_a_newer_version_too);
	tcase_add_test(tc, a_connection_is_not_paired_with_itself);
	tcase_add_test(tc, a_drain_takes_a_day_at_most_or_the_nodes_own_time);
	tcase_add_test(tc, names_and_builds_are_bounded);
	tcase_add_test(tc, a_name_is_lower_case_letters_digits_and_three_signs);
	tcase_add_test(
	    tc, the_largest_messages_are_as_long_as_the_catalogue_says);
	return suite_run("ipc ranges", (TCase *[]){tc, NULL});
}
