#include "proto/wire.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(integers_are_big_endian_both_ways)
{
	static const uint8_t bytes[] = {
	    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t buf[sizeof bytes];
	struct wire_reader r;
	struct wire_writer w;

	wire_reader_init(&r, bytes, sizeof bytes);
	ck_assert_uint_eq(wire_get_u8(&r), 0x01);
	ck_assert_uint_eq(wire_get_u16(&r), 0x0203);
	ck_assert_uint_eq(wire_get_u32(&r), 0x04050607);
	ck_assert_uint_eq(wire_get_u64(&r), 0x08090a0b0c0d0e0f);
	ck_assert(wire_done(&r));

	wire_writer_init(&w, buf, sizeof buf);
	wire_put_u8(&w, 0x01);
	wire_put_u16(&w, 0x0203);
	wire_put_u32(&w, 0x04050607);
	wire_put_u64(&w, 0x08090a0b0c0d0e0f);
	ck_assert(!w.bad);
	ck_assert_uint_eq(w.len, sizeof bytes);
	ck_assert_mem_eq(buf, bytes, sizeof bytes);
}
END_TEST

START_TEST(reading_beyond_the_end_sticks_and_gives_zeros)
{
	static const uint8_t bytes[] = {1, 2, 3};
	uint8_t copy[2] = {9, 9};
	struct wire_reader r;
	size_t len = 7;

	wire_reader_init(&r, bytes, sizeof bytes);
	ck_assert_uint_eq(wire_get_u32(&r), 0);
	ck_assert(r.bad);
	ck_assert_uint_eq(wire_get_u8(&r), 0);
	wire_get_bytes(&r, copy, sizeof copy);
	ck_assert_uint_eq(copy[0] | copy[1], 0);
	ck_assert_ptr_null(wire_get_view(&r, 0));
	ck_assert_ptr_null(wire_get_vec(&r, 10, &len));
	ck_assert_uint_eq(len, 0);
	ck_assert(!wire_done(&r));
}
END_TEST

START_TEST(done_means_that_everything_was_consumed)
{
	static const uint8_t bytes[] = {1, 2};
	struct wire_reader r;

	wire_reader_init(&r, bytes, sizeof bytes);
	(void)wire_get_u8(&r);
	ck_assert(!wire_done(&r));
	(void)wire_get_u8(&r);
	ck_assert(wire_done(&r));
}
END_TEST

START_TEST(an_empty_view_is_no_failure)
{
	struct wire_reader r;

	wire_reader_init(&r, "", 0);
	ck_assert_ptr_nonnull(wire_get_view(&r, 0));
	ck_assert(wire_done(&r));
}
END_TEST

START_TEST(a_vec_is_bounded_by_the_buffer_and_by_the_caller)
{
	static const uint8_t bytes[] = {0, 2, 'a', 'b'};
	struct wire_reader r;
	const uint8_t *view;
	size_t len;

	wire_reader_init(&r, bytes, sizeof bytes);
	view = wire_get_vec(&r, 2, &len);
	ck_assert(wire_done(&r));
	ck_assert_uint_eq(len, 2);
	ck_assert_mem_eq(view, "ab", 2);

	wire_reader_init(&r, bytes, sizeof bytes);
	ck_assert_ptr_null(wire_get_vec(&r, 1, &len));
	ck_assert(r.bad);
	for (size_t cut = 0; cut < sizeof bytes; cut++) {
		wire_reader_init(&r, bytes, cut);
		ck_assert_ptr_null(wire_get_vec(&r, 2, &len));
		ck_assert(r.bad);
		ck_assert_uint_eq(len, 0);
	}
}
END_TEST

START_TEST(a_str_must_fit_and_hold_no_nul)
{
	static const uint8_t fine[] = {2, 'a', 'b'}, nul[] = {2, 'a', 0};
	struct wire_reader r;
	char s[3];

	wire_reader_init(&r, fine, sizeof fine);
	wire_get_str(&r, s, sizeof s);
	ck_assert(wire_done(&r));
	ck_assert_str_eq(s, "ab");

	wire_reader_init(&r, fine, sizeof fine);
	wire_get_str(&r, s, 2);
	ck_assert(r.bad);
	ck_assert_str_eq(s, "");

	wire_reader_init(&r, nul, sizeof nul);
	wire_get_str(&r, s, sizeof s);
	ck_assert(r.bad);
	for (size_t cut = 0; cut < sizeof fine; cut++) {
		wire_reader_init(&r, fine, cut);
		wire_get_str(&r, s, sizeof s);
		ck_assert(r.bad);
	}
}
END_TEST

START_TEST(writing_beyond_the_end_sticks_and_writes_nothing)
{
	uint8_t buf[3] = {0, 0, 0xee};
	struct wire_writer w;

	wire_writer_init(&w, buf, 2);
	wire_put_u32(&w, 0x01020304);
	ck_assert(w.bad);
	wire_put_u8(&w, 1);
	ck_assert_uint_eq(w.len, 0);
	ck_assert_uint_eq(buf[0], 0);
	ck_assert_uint_eq(buf[2], 0xee);
}
END_TEST

START_TEST(lengths_that_their_field_can_not_hold_are_refused)
{
	static uint8_t buf[70000], bytes[65536];
	char text[257];
	struct wire_writer w;

	wire_writer_init(&w, buf, sizeof buf);
	wire_put_vec(&w, bytes, 65535);
	ck_assert(!w.bad);
	ck_assert_uint_eq(w.len, 65537);
	wire_writer_init(&w, buf, sizeof buf);
	wire_put_vec(&w, bytes, 65536);
	ck_assert(w.bad);

	memset(text, 'x', 256);
	text[256] = '\0';
	wire_writer_init(&w, buf, sizeof buf);
	wire_put_str(&w, text + 1);
	ck_assert(!w.bad);
	wire_put_str(&w, text);
	ck_assert(w.bad);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("wire");

	tcase_add_test(tc, integers_are_big_endian_both_ways);
	tcase_add_test(tc, reading_beyond_the_end_sticks_and_gives_zeros);
	tcase_add_test(tc, done_means_that_everything_was_consumed);
	tcase_add_test(tc, an_empty_view_is_no_failure);
	tcase_add_test(tc, a_vec_is_bounded_by_the_buffer_and_by_the_caller);
	tcase_add_test(tc, a_str_must_fit_and_hold_no_nul);
	tcase_add_test(tc, writing_beyond_the_end_sticks_and_writes_nothing);
	tcase_add_test(tc, lengths_that_their_field_can_not_hold_are_refused);
	return suite_run("wire", (TCase *[]){tc, NULL});
}
