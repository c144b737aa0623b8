#include "proto/syncthing.h"

#include <stdbool.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(two_messages_are_read_one_by_one)
{
	uint8_t buf[2 * SYNCTHING_HEADER_LEN + 4];
	struct syncthing_msg m = {.type = SYNCTHING_PING};
	size_t first = syncthing_encode(&m, buf, sizeof buf), used;

	m.type = SYNCTHING_JOIN_RELAY_REQUEST;
	m.u.token.len = 0;
	ck_assert_uint_eq(
	    syncthing_encode(&m, buf + first, sizeof buf - first), 16);
	ck_assert_int_eq(
	    syncthing_decode(&m, buf, sizeof buf, &used), PARSE_OK);
	ck_assert_int_eq(m.type, SYNCTHING_PING);
	ck_assert_uint_eq(used, first);
	ck_assert_int_eq(
	    syncthing_decode(&m, buf + used, sizeof buf - used, &used),
	    PARSE_OK);
	ck_assert_int_eq(m.type, SYNCTHING_JOIN_RELAY_REQUEST);
}
END_TEST

static void
check_response(enum syncthing_code code, int number, const char *text)
{
	struct syncthing_msg m = syncthing_response(code);

	ck_assert_int_eq(m.type, SYNCTHING_RESPONSE);
	ck_assert_int_eq(m.u.response.code, number);
	ck_assert_uint_eq(m.u.response.text.len, strlen(text));
	ck_assert_mem_eq(m.u.response.text.p, text, strlen(text));
}

START_TEST(each_code_has_its_number_and_its_words)
{
	check_response(SYNCTHING_SUCCESS, 0, "success");
	check_response(SYNCTHING_NOT_FOUND, 1, "not found");
	check_response(SYNCTHING_ALREADY_CONNECTED, 2, "already connected");
	check_response(SYNCTHING_WRONG_TOKEN, 3, "wrong token");
	check_response(SYNCTHING_UNEXPECTED_MESSAGE, 100, "unexpected message");
}
END_TEST

START_TEST(address_has_4_bytes_or_16)
{
	struct addr a;
	struct syncthing_bytes b;

	ck_assert_int_eq(addr_parse(&a, "192.0.2.7:1"), 0);
	b = syncthing_address(&a);
	ck_assert_uint_eq(b.len, 4);
	ck_assert_mem_eq(b.p, "\xc0\x00\x02\x07", 4);
	ck_assert_int_eq(addr_parse(&a, "[2001:db8::7]:1"), 0);
	b = syncthing_address(&a);
	ck_assert_uint_eq(b.len, 16);
	ck_assert_mem_eq(b.p, a.ip, 16);
}
END_TEST

START_TEST(longest_invitation_has_an_ipv6_address)
{
	static const uint8_t ZEROS[SYNCTHING_FIELD_MAX];
	struct syncthing_msg m = {.type = SYNCTHING_SESSION_INVITATION};
	uint8_t buf[SYNCTHING_MSG_MAX];
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, "[2001:db8::7]:1"), 0);
	m.u.invitation.from = (struct syncthing_bytes){ZEROS, DIGEST_LEN};
	m.u.invitation.key = (struct syncthing_bytes){ZEROS, SYNCTHING_KEY_LEN};
	m.u.invitation.address = syncthing_address(&a);
	ck_assert_uint_eq(
	    syncthing_encode(&m, buf, sizeof buf), SYNCTHING_INVITATION_MAX);
}
END_TEST

START_TEST(url_names_host_port_and_id)
{
	char buf[SYNCTHING_URL_CAP];
	uint8_t digest[DIGEST_LEN];

	for (unsigned i = 0; i < sizeof digest; i++)
		digest[i] = (uint8_t)i;
	ck_assert_str_eq(
	    syncthing_url_format("relay.example", 22067, digest, buf),
	    "relay://relay.example:22067/?id=AAAQEAY-EAUDAOB-CAJBIFQ-"
	    "YDIOB4B-IBCEQTC-QKRMFYX-YDENBWH-A5DYPQG");
	ck_assert_str_eq(syncthing_url_format("2001:db8::7", 1, digest, buf),
	    "relay://[2001:db8::7]:1/?id=AAAQEAY-EAUDAOB-CAJBIFQ-"
	    "YDIOB4B-IBCEQTC-QKRMFYX-YDENBWH-A5DYPQG");
}
END_TEST

START_TEST(other_magic_is_bad_at_its_first_wrong_byte)
{
	static const uint8_t MAGIC[] = {0x9e, 0x79, 0xbc, 0x40};
	size_t total;

	for (size_t wrong = 0; wrong < sizeof MAGIC; wrong++) {
		uint8_t bytes[sizeof MAGIC];

		memcpy(bytes, MAGIC, sizeof bytes);
		bytes[wrong] ^= 1;
		for (size_t len = 0; len <= sizeof bytes; len++)
			ck_assert_int_eq(syncthing_measure(bytes, len, &total),
			    len <= wrong ? PARSE_MORE : PARSE_BAD);
	}
}
END_TEST

/* A header of that type and payload, and the payload full of zeros. */
static size_t
put_header(uint8_t buf[SYNCTHING_MSG_MAX], uint32_t type, uint32_t payload_len)
{
	struct wire_writer w;

	memset(buf, 0, SYNCTHING_MSG_MAX);
	wire_writer_init(&w, buf, SYNCTHING_HEADER_LEN);
	wire_put_u32(&w, SYNCTHING_MAGIC);
	wire_put_u32(&w, type);
	wire_put_u32(&w, payload_len);
	return SYNCTHING_HEADER_LEN + payload_len;
}

START_TEST(payload_is_bounded_and_so_is_the_type)
{
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t total;

	for (uint32_t type = 0; type <= SYNCTHING_TYPE_MAX + 1; type++) {
		bool is_known = type <= SYNCTHING_TYPE_MAX;

		(void)put_header(buf, type, SYNCTHING_PAYLOAD_MAX);
		ck_assert_int_eq(
		    syncthing_measure(buf, SYNCTHING_HEADER_LEN, &total),
		    is_known ? PARSE_OK : PARSE_BAD);
		(void)put_header(buf, type, SYNCTHING_PAYLOAD_MAX + 1);
		ck_assert_int_eq(
		    syncthing_measure(buf, SYNCTHING_HEADER_LEN, &total),
		    PARSE_BAD);
	}
}
END_TEST

/* An opaque field as long as that, first in a message of that type. */
static enum parse_result
decode_field(uint32_t type, uint32_t len)
{
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t total = put_header(buf, type, 4 + (len + 3) / 4 * 4), used;
	struct syncthing_msg m;
	struct wire_writer w;

	wire_writer_init(&w, buf + SYNCTHING_HEADER_LEN, 4);
	wire_put_u32(&w, len);
	return syncthing_decode(&m, buf, total, &used);
}

START_TEST(fields_may_have_up_to_32_bytes)
{
	static const uint32_t TYPES[] = {
	    SYNCTHING_JOIN_SESSION_REQUEST, SYNCTHING_CONNECT_REQUEST};

	for (size_t i = 0; i < 2; i++) {
		for (uint32_t len = 0; len <= SYNCTHING_FIELD_MAX; len++)
			ck_assert_int_eq(decode_field(TYPES[i], len), PARSE_OK);
		ck_assert_int_eq(
		    decode_field(TYPES[i], SYNCTHING_FIELD_MAX + 1), PARSE_BAD);
	}
}
END_TEST

START_TEST(token_may_fill_the_payload)
{
	ck_assert_int_eq(
	    decode_field(SYNCTHING_JOIN_RELAY_REQUEST, SYNCTHING_TEXT_MAX),
	    PARSE_OK);
}
END_TEST

START_TEST(lengths_that_overflow_are_bad)
{
	static const uint32_t LENS[] = {
	    0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};

	for (size_t i = 0; i < 4; i++) {
		uint8_t buf[SYNCTHING_MSG_MAX];
		size_t total = put_header(buf, SYNCTHING_JOIN_RELAY_REQUEST, 8);
		struct syncthing_msg m;
		struct wire_writer w;
		size_t used;

		wire_writer_init(&w, buf + SYNCTHING_HEADER_LEN, 4);
		wire_put_u32(&w, LENS[i]);
		ck_assert_int_eq(
		    syncthing_decode(&m, buf, total, &used), PARSE_BAD);
	}
}
END_TEST

START_TEST(field_that_is_too_long_is_not_written)
{
	static const uint8_t ZEROS[SYNCTHING_TEXT_MAX + 1];
	uint8_t buf[2 * SYNCTHING_MSG_MAX];
	struct syncthing_msg m = {.type = SYNCTHING_CONNECT_REQUEST};

	m.u.id = (struct syncthing_bytes){ZEROS, SYNCTHING_FIELD_MAX};
	ck_assert_uint_eq(syncthing_encode(&m, buf, sizeof buf), 48);
	m.u.id.len++;
	ck_assert_uint_eq(syncthing_encode(&m, buf, sizeof buf), 0);
	m.type = SYNCTHING_JOIN_RELAY_REQUEST;
	m.u.token = (struct syncthing_bytes){ZEROS, SYNCTHING_TEXT_MAX};
	ck_assert_uint_eq(
	    syncthing_encode(&m, buf, sizeof buf), SYNCTHING_MSG_MAX);
	m.u.token.len++;
	ck_assert_uint_eq(syncthing_encode(&m, buf, sizeof buf), 0);
}
END_TEST

static TCase *
messages(void)
{
	TCase *t = tcase_create("messages");

	tcase_add_test(t, two_messages_are_read_one_by_one);
	tcase_add_test(t, each_code_has_its_number_and_its_words);
	tcase_add_test(t, address_has_4_bytes_or_16);
	tcase_add_test(t, longest_invitation_has_an_ipv6_address);
	tcase_add_test(t, url_names_host_port_and_id);
	return t;
}

static TCase *
bounds(void)
{
	TCase *t = tcase_create("bounds");

	tcase_add_test(t, other_magic_is_bad_at_its_first_wrong_byte);
	tcase_add_test(t, payload_is_bounded_and_so_is_the_type);
	tcase_add_test(t, fields_may_have_up_to_32_bytes);
	tcase_add_test(t, token_may_fill_the_payload);
	tcase_add_test(t, lengths_that_overflow_are_bad);
	tcase_add_test(t, field_that_is_too_long_is_not_written);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {messages(), bounds(), NULL};

	return suite_run("syncthing", CASES);
}
