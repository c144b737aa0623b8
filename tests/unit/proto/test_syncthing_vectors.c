/* Each message that the vectors have, and bad ones. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/syncthing.h"
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

int
main(void)
{
	TCase *t = tcase_create("syncthing_vectors");

	tcase_add_test(t, all_vectors_hold);
	tcase_add_test(
	    t, what_is_read_is_written_the_same_and_only_where_it_fits);
	tcase_add_test(t, every_truncation_wants_more_and_writes_nothing);
	return suite_run("syncthing_vectors", (TCase *[]){t, NULL});
}
