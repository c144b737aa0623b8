/* Every message as a whole; the ranges of fields are test_ipc_ranges.c's. */
#include "proto/ipc.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/proto/ipc_samples.h"
#include "tests/unit/suite.h"

enum {
	AT_TYPE = 0,
	AT_MAJOR = 1,
	AT_MINOR = 2,
	AT_RESERVED = 3,
	AT_FROM = 4,
	AT_TO = 12
};

static struct ipc_msg decoded;

/* On the heap and exactly as long as said, so that a sanitizer sees a byte
 * read behind the end. */
static enum parse_result
decode(unsigned type, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	enum parse_result result;

	memcpy(copy, bytes, len);
	result = ipc_decode(&decoded, copy, len, ipc_type_direction(type));
	free(copy);
	return result;
}

START_TEST(there_is_a_sample_of_every_message)
{
	int n_known = 0;

	for (unsigned type = 0; type <= 255; type++)
		n_known += ipc_type_is_known(type);
	ck_assert_int_eq(n_known, IPC_N_SAMPLES);
}
END_TEST

START_TEST(it_is_encoded_as_specified)
{
	struct ipc_msg m = ipc_sample_msg(ipc_sample(_i));
	uint8_t expected[IPC_MSG_CAP], buf[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(ipc_sample(_i), expected);

	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), len);
	ck_assert_mem_eq(buf, expected, len);
}
END_TEST

START_TEST(it_is_decoded_to_what_it_was)
{
	const struct ipc_sample *s = ipc_sample(_i);
	struct ipc_msg m, expected = ipc_sample_msg(s);
	uint8_t bytes[IPC_MSG_CAP], again[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	ck_assert_int_eq(
	    ipc_decode(&m, bytes, len, ipc_type_direction(s->type)), PARSE_OK);
	ck_assert_int_eq(m.type, s->type);
	ck_assert_uint_eq(m.from, expected.from);
	ck_assert_uint_eq(m.to, expected.to);
	ck_assert_uint_eq(ipc_encode(&m, again, sizeof again), len);
	ck_assert_mem_eq(again, bytes, len);
}
END_TEST

START_TEST(it_lies_within_the_catalogues_lengths)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	ck_assert_uint_ge(len, ipc_type_min_len(s->type));
	ck_assert_uint_le(len, ipc_type_max_len(s->type));
	ck_assert_uint_le(ipc_type_max_len(s->type), IPC_MSG_CAP);
}
END_TEST

START_TEST(cut_at_any_length_it_is_bad)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	for (size_t cut = 0; cut < len; cut++)
		ck_assert_int_eq(decode(s->type, bytes, cut), PARSE_BAD);
	ck_assert_int_eq(decode(s->type, bytes, len), PARSE_OK);
}
END_TEST

START_TEST(it_does_not_fit_a_shorter_buffer)
{
	struct ipc_msg m = ipc_sample_msg(ipc_sample(_i));
	uint8_t buf[IPC_MSG_CAP];
	size_t len = ipc_encode(&m, buf, sizeof buf);

	for (size_t cap = 0; cap < len; cap++)
		ck_assert_uint_eq(ipc_encode(&m, buf, cap), 0);
	ck_assert_uint_eq(ipc_encode(&m, buf, len), len);
}
END_TEST

START_TEST(a_byte_behind_it_takes_a_newer_minor_version)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	bytes[len] = 0;
	ck_assert_int_eq(decode(s->type, bytes, len + 1), PARSE_BAD);
	bytes[AT_MINOR] = IPC_MINOR + 1;
	ck_assert_int_eq(decode(s->type, bytes, len + 1), PARSE_OK);
	ck_assert_int_eq(decode(s->type, bytes, len), PARSE_OK);
	if (len > ipc_type_min_len(s->type))
		return;
	ck_assert_int_eq(decode(s->type, bytes, len - 1), PARSE_BAD);
}
END_TEST

START_TEST(another_major_version_is_not_understood)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	bytes[AT_MAJOR] = IPC_MAJOR - 1;
	ck_assert_int_eq(decode(s->type, bytes, len), PARSE_BAD);
	bytes[AT_MAJOR] = IPC_MAJOR + 1;
	ck_assert_int_eq(decode(s->type, bytes, len), PARSE_BAD);
}
END_TEST

START_TEST(the_reserved_byte_must_be_0)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	bytes[AT_RESERVED] = 1;
	ck_assert_int_eq(decode(s->type, bytes, len), PARSE_BAD);
}
END_TEST

START_TEST(it_goes_one_way_alone)
{
	const struct ipc_sample *s = ipc_sample(_i);
	enum ipc_direction other =
	    ipc_type_direction(s->type) == IPC_EVENT ? IPC_COMMAND : IPC_EVENT;
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	ck_assert_int_eq(ipc_decode(&decoded, bytes, len, other), PARSE_BAD);
}
END_TEST

START_TEST(both_epochs_are_there_but_for_a_hello)
{
	const struct ipc_sample *s = ipc_sample(_i);
	bool hello = s->type == IPC_NODE_HELLO;
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	memset(bytes + AT_FROM, 0, 8);
	ck_assert_int_eq(decode(s->type, bytes, len), PARSE_BAD);
	(void)ipc_sample_bytes(s, bytes);
	memset(bytes + AT_TO, 0, 8);
	ck_assert_int_eq(
	    decode(s->type, bytes, len), hello ? PARSE_OK : PARSE_BAD);
	bytes[AT_TO + 7] = 1;
	ck_assert_int_eq(
	    decode(s->type, bytes, len), hello ? PARSE_BAD : PARSE_OK);
}
END_TEST

START_TEST(it_is_not_encoded_with_epochs_that_would_be_refused)
{
	struct ipc_msg m = ipc_sample_msg(ipc_sample(_i));
	uint8_t buf[IPC_MSG_CAP];

	m.from = 0;
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
	m.from = 1;
	m.to = m.type == IPC_NODE_HELLO ? 1 : 0;
	ck_assert_uint_eq(ipc_encode(&m, buf, sizeof buf), 0);
}
END_TEST

START_TEST(what_is_refused_writes_nothing)
{
	const struct ipc_sample *s = ipc_sample(_i);
	struct ipc_msg m;
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(s, bytes);

	memset(&m, 0xee, sizeof m);
	ck_assert_int_eq(
	    ipc_decode(&m, bytes, len - 1, ipc_type_direction(s->type)),
	    PARSE_BAD);
	for (size_t i = 0; i < sizeof m; i++)
		ck_assert_uint_eq(((const uint8_t *)&m)[i], 0xee);
}
END_TEST

START_TEST(numbers_that_are_no_message_are_refused)
{
	uint8_t bytes[IPC_MSG_CAP];
	size_t len = ipc_sample_bytes(ipc_sample(0), bytes);

	for (unsigned type = 0; type <= 255; type++) {
		if (ipc_type_is_known(type))
			continue;
		bytes[AT_TYPE] = (uint8_t)type;
		ck_assert_int_eq(
		    ipc_decode(&decoded, bytes, len, IPC_EVENT), PARSE_BAD);
		ck_assert_int_eq(
		    ipc_decode(&decoded, bytes, len, IPC_COMMAND), PARSE_BAD);
		ck_assert_str_eq(ipc_type_name(type), "unknown");
		ck_assert_uint_eq(ipc_type_min_len(type), 0);
		ck_assert_uint_eq(ipc_type_max_len(type), 0);
	}
}
END_TEST

START_TEST(names_are_those_of_the_specification)
{
	ck_assert_str_eq(ipc_type_name(IPC_NODE_HELLO), "NODE_HELLO");
	ck_assert_str_eq(ipc_type_name(IPC_PAIR_LIST_ASK), "PAIR_LIST_ASK");
	ck_assert_int_eq(ipc_type_direction(IPC_PAIR_LIST), IPC_EVENT);
	ck_assert_int_eq(ipc_type_direction(IPC_WELCOME), IPC_COMMAND);
}
END_TEST

START_TEST(a_header_is_read_whatever_follows)
{
	const struct ipc_sample *s = ipc_sample(_i);
	struct ipc_msg expected = ipc_sample_msg(s);
	struct ipc_header h;
	uint8_t bytes[IPC_MSG_CAP];

	(void)ipc_sample_bytes(s, bytes);
	bytes[AT_RESERVED] = 1;
	ck_assert_int_eq(ipc_decode_header(&h, bytes, 20), PARSE_OK);
	ck_assert_uint_eq(h.type, s->type);
	ck_assert_uint_eq(h.minor, IPC_MINOR);
	ck_assert_uint_eq(h.from, expected.from);
	ck_assert_uint_eq(h.to, expected.to);
	bytes[AT_TYPE] = 255;
	bytes[AT_MINOR] = 7;
	ck_assert_int_eq(ipc_decode_header(&h, bytes, 20), PARSE_OK);
	ck_assert_uint_eq(h.type, 255);
	ck_assert_uint_eq(h.minor, 7);
}
END_TEST

START_TEST(a_header_cut_or_of_another_major_version_is_bad)
{
	struct ipc_header h, before;
	uint8_t bytes[IPC_MSG_CAP];

	memset(&h, 0xee, sizeof h);
	before = h;
	(void)ipc_sample_bytes(ipc_sample(0), bytes);
	for (size_t cut = 0; cut < 20; cut++)
		ck_assert_int_eq(ipc_decode_header(&h, bytes, cut), PARSE_BAD);
	for (unsigned major = 0; major <= 255; major++) {
		bytes[AT_MAJOR] = (uint8_t)major;
		if (major != IPC_MAJOR)
			ck_assert_int_eq(
			    ipc_decode_header(&h, bytes, 20), PARSE_BAD);
	}
	ck_assert_mem_eq(&h, &before, sizeof h);
}
END_TEST

int
main(void)
{
	TCase *each = tcase_create("each message"), *all = tcase_create("all");
	int n = IPC_N_SAMPLES;

	tcase_add_loop_test(each, it_is_encoded_as_specified, 0, n);
	tcase_add_loop_test(each, it_is_decoded_to_what_it_was, 0, n);
	tcase_add_loop_test(each, it_lies_within_the_catalogues_lengths, 0, n);
	tcase_add_loop_test(each, cut_at_any_length_it_is_bad, 0, n);
	tcase_add_loop_test(each, it_does_not_fit_a_shorter_buffer, 0, n);
	tcase_add_loop_test(
	    each, a_byte_behind_it_takes_a_newer_minor_version, 0, n);
	tcase_add_loop_test(
	    each, another_major_version_is_not_understood, 0, n);
	tcase_add_loop_test(each, the_reserved_byte_must_be_0, 0, n);
	tcase_add_loop_test(each, a_header_is_read_whatever_follows, 0, n);
	tcase_add_test(all, a_header_cut_or_of_another_major_version_is_bad);
	tcase_add_loop_test(each, it_goes_one_way_alone, 0, n);
	tcase_add_loop_test(each, both_epochs_are_there_but_for_a_hello, 0, n);
	tcase_add_loop_test(
	    each, it_is_not_encoded_with_epochs_that_would_be_refused, 0, n);
	tcase_add_loop_test(each, what_is_refused_writes_nothing, 0, n);
	tcase_add_test(all, there_is_a_sample_of_every_message);
	tcase_add_test(all, numbers_that_are_no_message_are_refused);
	tcase_add_test(all, names_are_those_of_the_specification);
	return suite_run("ipc", (TCase *[]){each, all, NULL});
}
