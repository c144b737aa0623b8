/* What is sealed opens for whom it was sealed, and for nobody else. */
#include <check.h>
#include <string.h>

#include "common/seal.h"
#include "tests/unit/proto/ipc_samples.h"
#include "tests/unit/suite.h"

#define NODE	0x1112131415161718
#define CONTROL 0x2122232425262728

static const uint8_t CLUSTER[SEAL_KEY_LEN] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, 31};
static const uint8_t PHASE[SEAL_PHASE_LEN] = "phase of a node";

static struct seal_link link, other;
static struct seal_session node, control;
static uint8_t env[SEAL_MSG_CAP], msg[IPC_MSG_CAP], opened[IPC_MSG_CAP];

static void
set_up(void)
{
	ck_assert_int_eq(seal_link_derive(&link, CLUSTER, "edge-1"), 0);
	ck_assert_int_eq(seal_link_derive(&other, CLUSTER, "edge-2"), 0);
	ck_assert_int_eq(
	    seal_session_begin(&node, &link, SEAL_AT_NODE, NODE, CONTROL), 0);
	ck_assert_int_eq(
	    seal_session_begin(&control, &link, SEAL_AT_CONTROL, NODE, CONTROL),
	    0);
}

static void
tear_down(void)
{
	seal_session_end(&node);
	seal_session_end(&control);
}

static struct seal_parts
parts_of(size_t len)
{
	struct seal_parts parts;

	ck_assert_int_eq(seal_parse(&parts, env, len), PARSE_OK);
	return parts;
}

/* A sample as its sender seals it. Returns the envelope's length. */
static size_t
put(const struct ipc_sample *s, size_t *msg_len)
{
	*msg_len = ipc_sample_bytes(s, msg);
	if (s->type == IPC_NODE_HELLO)
		return seal_put_hello(&link, PHASE, msg, *msg_len, env);
	if (s->type == IPC_WELCOME)
		return seal_put_welcome(&link, PHASE, NODE, msg, *msg_len, env);
	return seal_session_put(
	    ipc_type_direction(s->type) == IPC_EVENT ? &node : &control, msg,
	    *msg_len, env);
}

/* Returns the length of what opened; 0. */
static size_t
take(const struct seal_parts *parts)
{
	struct seal_session *s =
	    parts->head.form == SEAL_EVENT ? &control : &node;
	size_t len;

	if (parts->head.form == SEAL_HELLO)
		return seal_open_hello(&link, parts, opened);
	if (parts->head.form == SEAL_WELCOME)
		return seal_open_welcome(&link, PHASE, NODE, parts, opened);
	return seal_session_open(s, parts, opened, &len) == SEAL_OPENED ? len
									: 0;
}

START_TEST(each_type_opens_as_it_was)
{
	size_t msg_len, len = put(ipc_sample(_i), &msg_len);
	struct seal_parts parts = parts_of(len);

	ck_assert_uint_eq(take(&parts), msg_len);
	ck_assert_mem_eq(opened, msg, msg_len);
}
END_TEST

START_TEST(a_bit_flipped_anywhere_opens_nothing)
{
	size_t msg_len, len = put(ipc_sample(_i), &msg_len);
	struct seal_parts parts;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		env[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (seal_parse(&parts, env, len) == PARSE_OK)
			ck_assert_uint_eq(take(&parts), 0);
		env[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	parts = parts_of(len);
	ck_assert_uint_eq(take(&parts), msg_len);
}
END_TEST

START_TEST(what_is_cut_short_opens_nothing)
{
	size_t msg_len, len = put(ipc_sample(_i), &msg_len);
	struct seal_parts parts;

	for (size_t n = 0; n < len; n++)
		if (seal_parse(&parts, env, n) == PARSE_OK)
			ck_assert_uint_eq(take(&parts), 0);
	parts = parts_of(len);
	ck_assert_uint_eq(take(&parts), msg_len);
}
END_TEST

/* By RFC 5869 and RFC 8439, computed by other code than ours. */
START_TEST(an_event_is_sealed_as_the_specification_has_it)
{
	static const uint8_t LINK[] = {0x76, 0x1b, 0x14, 0x54, 0xb0, 0x12, 0xa2,
	    0x31, 0xb9, 0xaf, 0x2f, 0x98, 0x6f, 0xc5, 0xab, 0x2f, 0xe3, 0x60,
	    0x0b, 0xe9, 0x19, 0x75, 0x9f, 0xcb, 0x25, 0xe6, 0x4b, 0x28, 0x25,
	    0x73, 0x0a, 0x63};
	static const uint8_t WANTED[] = {0x03, 0x03, 0x11, 0x12, 0x13, 0x14,
	    0x15, 0x16, 0x17, 0x18, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
	    0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x7d, 0xd0,
	    0x7d, 0xaf, 0x4c, 0xe9, 0x95, 0x7e, 0x08, 0xf5, 0x76, 0xb4, 0xe4,
	    0x72, 0x20, 0x44, 0x20, 0xfc, 0x9b, 0x3b, 0x44, 0xc0, 0xfe, 0x48,
	    0x33, 0xa8};

	ck_assert_mem_eq(link.key, LINK, sizeof LINK);
	ck_assert_uint_eq(
	    seal_session_put(&node, "\3\1\0\0a beat", 10, env), sizeof WANTED);
	ck_assert_mem_eq(env, WANTED, sizeof WANTED);
}
END_TEST

START_TEST(another_name_key_or_phase_opens_no_hello_or_welcome)
{
	uint8_t phase[SEAL_PHASE_LEN] = "another phase..";
	struct seal_link twin = other;
	struct seal_parts parts;

	parts = parts_of(seal_put_hello(&link, PHASE, "m", 1, env));
	ck_assert_uint_eq(seal_open_hello(&other, &parts, opened), 0);
	(void)strcpy(twin.name, link.name);
	ck_assert_uint_eq(seal_open_hello(&twin, &parts, opened), 0);
	ck_assert_uint_eq(seal_open_hello(&link, &parts, opened), 1);
	parts = parts_of(seal_put_welcome(&link, PHASE, NODE, "m", 1, env));
	ck_assert_uint_eq(
	    seal_open_welcome(&twin, PHASE, NODE, &parts, opened), 0);
	ck_assert_uint_eq(
	    seal_open_welcome(&link, phase, NODE, &parts, opened), 0);
	ck_assert_uint_eq(
	    seal_open_welcome(&link, PHASE, NODE + 1, &parts, opened), 0);
	ck_assert_uint_eq(
	    seal_open_welcome(&link, PHASE, NODE, &parts, opened), 1);
}
END_TEST

START_TEST(another_name_or_epoch_opens_no_session)
{
	struct seal_session alien = {0};
	struct seal_parts parts;
	size_t len;

	parts = parts_of(seal_session_put(&node, "\3", 1, env));
	ck_assert_int_eq(seal_session_begin(&alien, _i == 0 ? &other : &link,
			     SEAL_AT_CONTROL, _i == 1 ? NODE + 1 : NODE,
			     _i == 2 ? CONTROL + 1 : CONTROL),
	    0);
	ck_assert_int_eq(
	    seal_session_open(&alien, &parts, opened, &len), SEAL_FORGED);
	/* Nor if only the epochs in clear are as it wants them. */
	alien.ours = CONTROL;
	alien.theirs = NODE;
	ck_assert_int_eq(
	    seal_session_open(&alien, &parts, opened, &len), SEAL_FORGED);
	seal_session_end(&alien);
	ck_assert_int_eq(
	    seal_session_open(&alien, &parts, opened, &len), SEAL_FORGED);
}
END_TEST

START_TEST(what_an_end_sealed_it_does_not_open)
{
	struct seal_parts parts =
	    parts_of(seal_session_put(&node, "\3", 1, env));
	size_t len;

	ck_assert_int_eq(
	    seal_session_open(&node, &parts, opened, &len), SEAL_FORGED);
}
END_TEST

START_TEST(a_repeat_is_told_from_a_forgery_and_a_late_one_is_taken)
{
	uint8_t first[64], second[64];
	size_t len, n = seal_session_put(&node, "\3", 1, first);
	struct seal_parts parts;

	ck_assert_uint_eq(seal_session_put(&node, "\3", 1, second), n);
	ck_assert_int_eq(seal_parse(&parts, second, n), PARSE_OK);
	ck_assert_int_eq(
	    seal_session_open(&control, &parts, opened, &len), SEAL_OPENED);
	ck_assert_int_eq(
	    seal_session_open(&control, &parts, opened, &len), SEAL_REPEATED);
	ck_assert_int_eq(seal_parse(&parts, first, n), PARSE_OK);
	ck_assert_int_eq(
	    seal_session_open(&control, &parts, opened, &len), SEAL_OPENED);
	ck_assert_int_eq(
	    seal_session_open(&control, &parts, opened, &len), SEAL_REPEATED);
	first[n - 1] ^= 1;
	ck_assert_int_eq(
	    seal_session_open(&control, &parts, opened, &len), SEAL_FORGED);
}
END_TEST

START_TEST(the_counter_goes_on_in_the_next_session)
{
	struct seal_parts parts;

	(void)seal_session_put(&node, "\3", 1, env);
	ck_assert_int_eq(
	    seal_session_begin(&node, &link, SEAL_AT_NODE, NODE, CONTROL), 0);
	parts = parts_of(seal_session_put(&node, "\3", 1, env));
	ck_assert_uint_eq(parts.head.counter, 2);
	seal_session_end(&node);
	ck_assert_uint_eq(seal_session_put(&node, "\3", 1, env), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("seal");

	seal_quiet_start();
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, each_type_opens_as_it_was, 0, IPC_N_SAMPLES);
	tcase_add_loop_test(
	    tc, a_bit_flipped_anywhere_opens_nothing, 0, IPC_N_SAMPLES);
	tcase_add_loop_test(
	    tc, what_is_cut_short_opens_nothing, 0, IPC_N_SAMPLES);
	tcase_add_test(tc, an_event_is_sealed_as_the_specification_has_it);
	tcase_add_test(tc, another_name_key_or_phase_opens_no_hello_or_welcome);
	tcase_add_loop_test(tc, another_name_or_epoch_opens_no_session, 0, 3);
	tcase_add_test(tc, what_an_end_sealed_it_does_not_open);
	tcase_add_test(
	    tc, a_repeat_is_told_from_a_forgery_and_a_late_one_is_taken);
	tcase_add_test(tc, the_counter_goes_on_in_the_next_session);
	return suite_run("seal", (TCase *[]){tc, NULL});
}
