#include "proto/syncthing.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

/* One row of the vectors. */
struct vector {
	uint8_t bytes[SYNCTHING_MSG_MAX];
	size_t len;
	const char *verdict;
	const char *says;
};
typedef void vector_fn(const struct vector *v);

static size_t
from_hex(const char *hex, uint8_t *out)
{
	size_t len = 0;

	while (*hex != '\0') {
		unsigned byte;

		if (*hex == ' ') {
			hex++;
			continue;
		}
		ck_assert_int_eq(sscanf(hex, "%2x", &byte), 1);
		ck_assert_uint_lt(len, SYNCTHING_MSG_MAX);
		out[len++] = (uint8_t)byte;
		hex += 2;
	}
	return len;
}

static void
each_vector(vector_fn *fn)
{
	FILE *f = fopen(VECTORS, "re");
	char *line = NULL;
	size_t cap = 0;

	ck_assert_ptr_nonnull(f);
	while (getline(&line, &cap, f) != -1) {
		char *rest = line;
		struct vector v;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		v.verdict = strsep(&rest, "\t");
		v.len = from_hex(strsep(&rest, "\t"), v.bytes);
		v.says = rest;
		ck_assert_ptr_nonnull(rest);
		fn(&v);
	}
	free(line);
	(void)fclose(f);
}

static bool
is_bad(const struct vector *v)
{
	return strcmp(v->verdict, "bad") == 0;
}

/* A, B and K as the vectors name them, - for nothing, else hex. */
static const char *
field_text(const struct syncthing_bytes *b)
{
	static char texts[3][2 * SYNCTHING_FIELD_MAX + 1];
	static unsigned turn;
	char *text = texts[turn++ % 3];

	if (b->len == 0)
		return "-";
	if (b->len == SYNCTHING_KEY_LEN && b->p[0] % 0x20 == 0)
		return b->p[0] == 0 ? "A" : b->p[0] == 0x20 ? "B" : "K";
	for (size_t i = 0; i < b->len; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", b->p[i]);
	return text;
}

static void
describe_invitation(const struct syncthing_invitation *i, char *buf, size_t cap)
{
	(void)snprintf(buf, cap, "SessionInvitation %s %s %s %u %s",
	    field_text(&i->from), field_text(&i->key), field_text(&i->address),
	    i->port, i->server_socket ? "server" : "client");
}

static void
describe(const struct syncthing_msg *m, char *buf, size_t cap)
{
	switch (m->type) {
	case SYNCTHING_PING:
		(void)snprintf(buf, cap, "Ping");
		break;
	case SYNCTHING_PONG:
		(void)snprintf(buf, cap, "Pong");
		break;
	case SYNCTHING_RELAY_FULL:
		(void)snprintf(buf, cap, "RelayFull");
		break;
	case SYNCTHING_JOIN_RELAY_REQUEST:
		(void)snprintf(buf, cap, "JoinRelayRequest \"%.*s\"",
		    (int)m->u.token.len, (const char *)m->u.token.p);
		break;
	case SYNCTHING_JOIN_SESSION_REQUEST:
		(void)snprintf(
		    buf, cap, "JoinSessionRequest %s", field_text(&m->u.key));
		break;
	case SYNCTHING_CONNECT_REQUEST:
		(void)snprintf(
		    buf, cap, "ConnectRequest %s", field_text(&m->u.id));
		break;
	case SYNCTHING_RESPONSE:
		(void)snprintf(buf, cap, "Response %d \"%.*s\"",
		    (int)m->u.response.code, (int)m->u.response.text.len,
		    (const char *)m->u.response.text.p);
		break;
	case SYNCTHING_SESSION_INVITATION:
		describe_invitation(&m->u.invitation, buf, cap);
		break;
	}
}

static void
check_vector(const struct vector *v)
{
	struct syncthing_msg m;
	char text[512] = "";
	size_t used = 0;
	enum parse_result answer =
	    syncthing_decode(&m, v->bytes, v->len, &used);

	if (is_bad(v)) {
		ck_assert_msg(answer == PARSE_BAD, "%s", v->says);
		return;
	}
	ck_assert_msg(answer == PARSE_OK, "%s", v->says);
	ck_assert_uint_eq(used, v->len);
	describe(&m, text, sizeof text);
	ck_assert_str_eq(text, v->says);
}

START_TEST(all_vectors_hold)
{
	each_vector(check_vector);
}
END_TEST

static void
check_encoding(const struct vector *v)
{
	uint8_t again[SYNCTHING_MSG_MAX];
	struct syncthing_msg m;
	size_t used;

	if (strcmp(v->verdict, "same") != 0)
		return;
	ck_assert_int_eq(
	    syncthing_decode(&m, v->bytes, v->len, &used), PARSE_OK);
	ck_assert_uint_eq(syncthing_encode(&m, again, sizeof again), v->len);
	ck_assert_mem_eq(again, v->bytes, v->len);
	for (size_t cap = 0; cap < v->len; cap++)
		ck_assert_uint_eq(syncthing_encode(&m, again, cap), 0);
}

START_TEST(what_is_read_is_written_the_same_and_only_where_it_fits)
{
	each_vector(check_encoding);
}
END_TEST

static void
check_truncations(const struct vector *v)
{
	struct syncthing_msg m = {.type = SYNCTHING_RELAY_FULL};
	size_t used = 7777, total = 7777;

	if (is_bad(v))
		return;
	for (size_t len = 0; len < v->len; len++) {
		uint8_t *exact = malloc(len + 1); /* for sanitizers */

		memcpy(exact, v->bytes, len);
		ck_assert_int_eq(
		    syncthing_decode(&m, exact, len, &used), PARSE_MORE);
		ck_assert_int_eq(syncthing_measure(exact, len, &total),
		    len < SYNCTHING_HEADER_LEN ? PARSE_MORE : PARSE_OK);
		ck_assert_uint_eq(
		    total, len < SYNCTHING_HEADER_LEN ? 7777 : v->len);
		free(exact);
	}
	ck_assert_uint_eq(used, 7777);
	ck_assert_int_eq(m.type, SYNCTHING_RELAY_FULL);
}

START_TEST(every_truncation_wants_more_and_writes_nothing)
{
	each_vector(check_truncations);
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

static void
check_response(enum syncthing_code code, const char *text)
{
	struct syncthing_msg m = syncthing_response(code);

	ck_assert_int_eq(m.type, SYNCTHING_RESPONSE);
	ck_assert_int_eq(m.u.response.code, (int)code);
	ck_assert_uint_eq(m.u.response.text.len, strlen(text));
	ck_assert_mem_eq(m.u.response.text.p, text, strlen(text));
}

START_TEST(each_code_has_its_words)
{
	check_response(SYNCTHING_SUCCESS, "success");
	check_response(SYNCTHING_NOT_FOUND, "not found");
	check_response(SYNCTHING_ALREADY_CONNECTED, "already connected");
	check_response(SYNCTHING_WRONG_TOKEN, "wrong token");
	check_response(SYNCTHING_UNEXPECTED_MESSAGE, "unexpected message");
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

static TCase *
messages(void)
{
	TCase *t = tcase_create("messages");

	tcase_add_test(t, all_vectors_hold);
	tcase_add_test(
	    t, what_is_read_is_written_the_same_and_only_where_it_fits);
	tcase_add_test(t, every_truncation_wants_more_and_writes_nothing);
	tcase_add_test(t, two_messages_are_read_one_by_one);
	tcase_add_test(t, each_code_has_its_words);
	tcase_add_test(t, address_has_4_bytes_or_16);
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
