/* How many of a thing a message holds: none, as many as may be, one more. */
#include "proto/ipc.h"

#include <string.h>

#include "tests/unit/proto/ipc_samples.h"
#include "tests/unit/suite.h"

#define BODY 20 /* bytes before the body */

static struct ipc_msg m, back;
static uint8_t buf[IPC_MSG_CAP + 1];

static enum parse_result
decode(size_t len)
{
	return ipc_decode(&back, buf, len, ipc_type_direction(buf[0]));
}

START_TEST(a_node_names_at_most_32_listeners)
{
	m = ipc_sample_msg(ipc_sample_of(IPC_NODE_READY));
	m.u.node_ready.n_listeners = 0;
	ck_assert_int_eq(decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
	m.u.node_ready.n_listeners = 32;
	ck_assert_int_eq(decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
	ck_assert_uint_eq(back.u.node_ready.n_listeners, 32);
	m.u.node_ready.n_listeners = 33;
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
}
END_TEST

START_TEST(a_node_beyond_32_listeners_is_bad)
{
	/* Behind first_seq, build, features, accept. */
	size_t at = BODY + 8 + 1 + 5 + 8 + 18;
	size_t len = ipc_sample_bytes(ipc_sample_of(IPC_NODE_READY), buf);

	ck_assert_uint_eq(buf[at], 2);
	for (unsigned n = 33; n <= 255; n += 222) {
		buf[at] = (uint8_t)n;
		buf[2] = IPC_MINOR + 1;
		memset(buf + len, 0, sizeof buf - len);
		ck_assert_int_eq(decode(at + 1 + n * 18), PARSE_BAD);
	}
}
END_TEST

/* Into buf: a beat with n figures, each its number. Returns its length. */
static size_t
put_figures(uint16_t n)
{
	struct wire_writer w;

	(void)ipc_sample_bytes(ipc_sample_of(IPC_NODE_BEAT), buf);
	wire_writer_init(&w, buf, sizeof buf);
	w.len = BODY + 21;
	wire_put_u16(&w, n);
	for (uint64_t i = 0; i < n; i++)
		wire_put_u64(&w, i);
	return w.len;
}

START_TEST(a_beat_of_a_newer_node_may_count_more_than_we_know)
{
	ck_assert_int_eq(decode(put_figures(1024)), PARSE_OK);
	ck_assert_uint_eq(back.u.node_beat.n_figures, FIGURE_WIRE_COUNT);
	ck_assert_uint_eq(back.u.node_beat.figures[FIGURE_WIRE_COUNT - 1],
	    FIGURE_WIRE_COUNT - 1);
}
END_TEST

START_TEST(a_beat_of_an_older_node_may_count_less)
{
	m = ipc_sample_msg(ipc_sample_of(IPC_NODE_BEAT));
	m.u.node_beat.n_figures = 0;
	ck_assert_int_eq(decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
	ck_assert_uint_eq(back.u.node_beat.n_figures, 0);
	ck_assert_uint_eq(back.u.node_beat.figures[5], 0);
}
END_TEST

START_TEST(a_beat_beyond_1024_figures_is_bad)
{
	size_t len = put_figures(1025);

	buf[2] = IPC_MINOR + 1;
	ck_assert_int_eq(decode(len), PARSE_BAD);
}
END_TEST

START_TEST(a_list_holds_at_most_256_tags)
{
	static uint8_t tags[257 * IPC_TAG_LEN];

	m = ipc_sample_msg(ipc_sample_of(IPC_PAIR_LIST));
	m.u.pair_list.tags = tags;
	m.u.pair_list.n_tags = 0;
	ck_assert_int_eq(decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
	m.u.pair_list.n_tags = 256;
	ck_assert_int_eq(decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
	ck_assert_uint_eq(back.u.pair_list.n_tags, 256);
	m.u.pair_list.n_tags = 257;
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
}
END_TEST

START_TEST(a_pair_draws_from_at_most_4_groups)
{
	struct ipc_limits *limits = &m.u.conn_pair.limits;

	m = ipc_sample_msg(ipc_sample_of(IPC_CONN_PAIR));
	for (uint8_t i = 0; i < IPC_RATES_MAX; i++)
		limits->rates[i] = (struct ipc_rate){i, 1};
	for (limits->n_rates = 0; limits->n_rates <= 4; limits->n_rates++) {
		ck_assert_int_eq(
		    decode(ipc_encode(&m, buf, sizeof buf)), PARSE_OK);
		ck_assert_uint_eq(
		    back.u.conn_pair.limits.n_rates, limits->n_rates);
	}
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
	(void)ipc_sample_bytes(ipc_sample_of(IPC_CONN_PAIR), buf);
	buf[BODY + 63] = 5;
	buf[2] = IPC_MINOR + 1;
	ck_assert_int_eq(decode(sizeof buf), PARSE_BAD);
}
END_TEST

START_TEST(a_pair_names_a_group_once)
{
	size_t len = ipc_sample_bytes(ipc_sample_of(IPC_CONN_PAIR), buf);

	memcpy(buf + BODY + 80, buf + BODY + 64, 8);
	ck_assert_int_eq(decode(len), PARSE_BAD);
	m = ipc_sample_msg(ipc_sample_of(IPC_CONN_PAIR));
	m.u.conn_pair.limits.rates[1].group = IPC_GROUP_OWN;
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("ipc_counts");

	tcase_add_test(t, a_node_names_at_most_32_listeners);
	tcase_add_test(t, a_node_beyond_32_listeners_is_bad);
	tcase_add_test(t, a_beat_of_a_newer_node_may_count_more_than_we_know);
	tcase_add_test(t, a_beat_of_an_older_node_may_count_less);
	tcase_add_test(t, a_beat_beyond_1024_figures_is_bad);
	tcase_add_test(t, a_list_holds_at_most_256_tags);
	tcase_add_test(t, a_pair_draws_from_at_most_4_groups);
	tcase_add_test(t, a_pair_names_a_group_once);
	return suite_run("ipc_counts", (TCase *[]){t, NULL});
}
