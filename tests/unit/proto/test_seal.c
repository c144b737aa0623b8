/* The envelope's layout: what stands in clear, at every length. */
#include <string.h>

#include "proto/seal.h"
#include "tests/unit/suite.h"

enum { HEADER_LEN = 20 }; /* of a message; IPC.md 2 */

#define FROM	0x1112131415161718
#define TO	0x2122232425262728
#define COUNTER 0x3132333435363738

static const struct seal_head HEADS[] = {
    {.form = SEAL_HELLO,
	.type = IPC_NODE_HELLO,
	.name = "edge-1",
	.phase = "sixteen bytes..",
	.nonce = "twelve......"},
    {.form = SEAL_WELCOME, .type = IPC_WELCOME, .nonce = "twelve......"},
    {.form = SEAL_EVENT,
	.type = IPC_NODE_READY,
	.from = FROM,
	.to = TO,
	.counter = COUNTER},
    {.form = SEAL_COMMAND,
	.type = IPC_CONN_PAIR,
	.from = FROM,
	.to = TO,
	.counter = COUNTER},
};
#define N_HEADS ((int)(sizeof HEADS / sizeof *HEADS))

/* The head, and n more bytes. */
static size_t
put(const struct seal_head *h, uint8_t *buf, size_t n)
{
	size_t len = seal_put_head(h, buf);

	ck_assert_uint_gt(len, 0);
	ck_assert_uint_le(len, SEAL_HEAD_MAX);
	memset(buf + len, 's', n);
	return len + n;
}

START_TEST(what_is_put_comes_back)
{
	const struct seal_head *h = &HEADS[_i];
	uint8_t buf[SEAL_MSG_CAP];
	size_t len = put(h, buf, 40);
	struct seal_parts parts;

	ck_assert_int_eq(seal_parse(&parts, buf, len), PARSE_OK);
	ck_assert_int_eq(parts.head.form, h->form);
	ck_assert_uint_eq(parts.head.type, h->type);
	ck_assert_str_eq(parts.head.name, h->name);
	ck_assert_mem_eq(parts.head.phase, h->phase, SEAL_PHASE_LEN);
	ck_assert_mem_eq(parts.head.nonce, h->nonce, SEAL_NONCE_LEN);
	ck_assert_uint_eq(parts.head.from, h->from);
	ck_assert_uint_eq(parts.head.to, h->to);
	ck_assert_uint_eq(parts.head.counter, h->counter);
	ck_assert_ptr_eq(parts.clear, buf);
	ck_assert_ptr_eq(parts.sealed, buf + parts.clear_len);
	ck_assert_uint_eq(parts.sealed_len, 40);
}
END_TEST

START_TEST(every_beginning_wants_more)
{
	uint8_t buf[SEAL_MSG_CAP];
	size_t len = put(&HEADS[_i], buf, SEAL_TAG_LEN);
	struct seal_parts parts = {.sealed_len = 7};

	for (size_t n = 0; n < len; n++)
		ck_assert_int_eq(seal_parse(&parts, buf, n), PARSE_MORE);
	ck_assert_uint_eq(parts.sealed_len, 7);
	ck_assert_int_eq(seal_parse(&parts, buf, len), PARSE_OK);
}
END_TEST

START_TEST(an_event_stands_as_the_specification_has_it)
{
	static const uint8_t WANTED[] = {3, 2, 0x11, 0x12, 0x13, 0x14, 0x15,
	    0x16, 0x17, 0x18, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,
	    0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38};
	uint8_t buf[SEAL_HEAD_MAX];

	ck_assert_uint_eq(seal_put_head(&HEADS[2], buf), sizeof WANTED);
	ck_assert_mem_eq(buf, WANTED, sizeof WANTED);
}
END_TEST

START_TEST(a_type_in_another_form_is_no_envelope)
{
	static const uint8_t TYPES[] = {
	    0, IPC_NODE_HELLO, IPC_WELCOME, IPC_NODE_BEAT, IPC_CONN_DROP, 255};
	const struct seal_head *good = &HEADS[_i];
	uint8_t buf[SEAL_MSG_CAP];
	size_t len = put(good, buf, SEAL_TAG_LEN);
	struct seal_parts parts;
	unsigned n_good = 0;

	for (size_t i = 0; i < sizeof TYPES; i++) {
		struct seal_head h = *good;

		h.type = buf[1] = TYPES[i];
		if (seal_parse(&parts, buf, len) == PARSE_OK) {
			ck_assert_uint_gt(seal_put_head(&h, buf), 0);
			n_good++;
			continue;
		}
		ck_assert_uint_eq(seal_put_head(&h, buf), 0);
		ck_assert_int_eq(seal_parse(&parts, buf, 2), PARSE_BAD);
	}
	ck_assert_uint_eq(n_good, 1);
}
END_TEST

START_TEST(an_unknown_form_is_no_envelope)
{
	uint8_t buf[SEAL_MSG_CAP];
	size_t len = put(&HEADS[2], buf, SEAL_TAG_LEN);
	struct seal_parts parts;

	for (unsigned form = 0; form < 256; form++) {
		buf[0] = (uint8_t)form;
		if (form < SEAL_HELLO || form > SEAL_COMMAND)
			ck_assert_int_eq(seal_parse(&parts, buf, 1), PARSE_BAD);
		if (form != SEAL_EVENT)
			ck_assert_int_eq(
			    seal_parse(&parts, buf, len), PARSE_BAD);
	}
}
END_TEST

START_TEST(zero_is_no_epoch_and_no_counter)
{
	struct seal_head h = HEADS[3];
	uint8_t buf[SEAL_MSG_CAP];
	size_t len = put(&h, buf, SEAL_TAG_LEN);
	struct seal_parts parts;

	memset(buf + 2 + 8 * _i, 0, 8);
	ck_assert_int_eq(seal_parse(&parts, buf, len), PARSE_BAD);
	*(_i == 0 ? &h.from : _i == 1 ? &h.to : &h.counter) = 0;
	ck_assert_uint_eq(seal_put_head(&h, buf), 0);
}
END_TEST

START_TEST(a_name_that_is_none_is_refused_as_soon_as_it_shows)
{
	uint8_t buf[SEAL_MSG_CAP];
	size_t len = put(&HEADS[0], buf, SEAL_TAG_LEN);
	struct seal_parts parts;

	buf[5] = _i == 0 ? '\0' : '/';
	ck_assert_int_eq(seal_parse(&parts, buf, 5), PARSE_MORE);
	ck_assert_int_eq(seal_parse(&parts, buf, 6), PARSE_BAD);
	ck_assert_int_eq(seal_parse(&parts, buf, len), PARSE_BAD);
	buf[2] = _i == 0 ? 0 : IPC_NAME_MAX + 1;
	ck_assert_int_eq(seal_parse(&parts, buf, 3), PARSE_BAD);
}
END_TEST

START_TEST(an_envelope_holds_no_more_than_a_message)
{
	static uint8_t buf[SEAL_MSG_CAP + 1];
	size_t len = put(&HEADS[_i], buf, SEAL_TAG_LEN + IPC_MSG_CAP - 48);
	struct seal_parts parts;

	ck_assert_int_eq(seal_parse(&parts, buf, len), PARSE_OK);
	ck_assert_int_eq(seal_parse(&parts, buf, len + 48), PARSE_OK);
	ck_assert_int_eq(seal_parse(&parts, buf, len + 49), PARSE_BAD);
	ck_assert_int_eq(seal_parse(&parts, buf, sizeof buf), PARSE_BAD);
}
END_TEST

/* The header of a message. */
static size_t
put_header(uint8_t type, uint64_t from, uint64_t to, uint8_t *buf)
{
	struct wire_writer w;

	wire_writer_init(&w, buf, HEADER_LEN);
	wire_put_u8(&w, type);
	wire_put_u8(&w, IPC_MAJOR);
	wire_put_u8(&w, IPC_MINOR);
	wire_put_u8(&w, 0);
	wire_put_u64(&w, from);
	wire_put_u64(&w, to);
	return w.len;
}

START_TEST(a_message_is_of_the_head_that_says_the_same)
{
	const struct seal_head *h = &HEADS[_i];
	uint8_t buf[HEADER_LEN];
	size_t len = put_header(h->type, FROM, TO, buf);

	ck_assert(seal_head_is_of(h, buf, len));
	for (size_t cut = 0; cut < len; cut++)
		ck_assert(!seal_head_is_of(h, buf, cut));
	len = put_header(h->type ^ 1, FROM, TO, buf);
	ck_assert(!seal_head_is_of(h, buf, len));
}
END_TEST

START_TEST(epochs_are_an_events_and_a_commands)
{
	const struct seal_head *h = &HEADS[_i];
	bool in_clear = h->from != 0;
	uint8_t buf[HEADER_LEN];
	size_t len = put_header(h->type, FROM + 1, TO, buf);

	ck_assert_int_eq(seal_head_is_of(h, buf, len), !in_clear);
	len = put_header(h->type, FROM, TO + 1, buf);
	ck_assert_int_eq(seal_head_is_of(h, buf, len), !in_clear);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("seal layout");

	tcase_add_loop_test(tc, what_is_put_comes_back, 0, N_HEADS);
	tcase_add_loop_test(tc, every_beginning_wants_more, 0, N_HEADS);
	tcase_add_test(tc, an_event_stands_as_the_specification_has_it);
	tcase_add_loop_test(
	    tc, a_type_in_another_form_is_no_envelope, 0, N_HEADS);
	tcase_add_test(tc, an_unknown_form_is_no_envelope);
	tcase_add_loop_test(tc, zero_is_no_epoch_and_no_counter, 0, 3);
	tcase_add_loop_test(
	    tc, a_name_that_is_none_is_refused_as_soon_as_it_shows, 0, 2);
	tcase_add_loop_test(
	    tc, an_envelope_holds_no_more_than_a_message, 1, N_HEADS);
	tcase_add_loop_test(
	    tc, a_message_is_of_the_head_that_says_the_same, 0, N_HEADS);
	tcase_add_loop_test(
	    tc, epochs_are_an_events_and_a_commands, 0, N_HEADS);
	return suite_run("seal layout", (TCase *[]){tc, NULL});
}
