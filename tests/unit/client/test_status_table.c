#include <stdlib.h>
#include <string.h>

#include "client/admin.h"
#include "client/status_table.h"
#include "tests/unit/suite.h"

static char *shown;

/* The table of a JSON text in shown; returns what status_table said. */
static int
show(const char *json)
{
	json_t *root = json_loads(json, 0, NULL);
	size_t len;
	FILE *f;
	int r;

	free(shown);
	shown = NULL;
	f = open_memstream(&shown, &len);
	ck_assert_ptr_nonnull(root);
	r = status_table(root, f);
	ck_assert_int_eq(fclose(f), 0);
	json_decref(root);
	return r;
}

static void
teardown(void)
{
	free(shown);
	shown = NULL;
}

START_TEST(a_whole_status_is_a_table)
{
	ck_assert_int_eq(
	    show("{\"schema\": 1, \"version\": \"1.2.3\", \"uptime_s\": 3723,"
		 " \"identities\": [{\"digest\": \"DDD\", \"urls\": [\"u\"]},"
		 "  {\"digest\": \"EEE\", \"dialect\": \"notice50\","
		 "   \"retiring\": true},"
		 "  {\"digest\": \"FFF\", \"dialect\": \"notice32\","
		 "   \"retiring\": false}],"
		 " \"nodes\": [{\"name\": \"n1\", \"state\": \"draining\","
		 "  \"drain_left_s\": 59, \"pairs\": 7, \"unknown\": 0,"
		 "  \"pending\": 8}],"
		 " \"clients\": [{\"digest\": \"abcdefghijklm\","
		 "  \"registered\": true, \"since_s\": 61, \"waiting\": 3,"
		 "  \"source\": \"192.0.2.1:5\", \"bytes\": 99}],"
		 " \"counters\": {\"calls\": {\"ok\": 5, \"bad\": 0},"
		 "  \"flat\": 6}}"),
	    0);
	ck_assert_str_eq(shown,
	    "carrick-control 1.2.3, up 1h02m\n"
	    "identity DDD\n"
	    "  u\n"
	    "identity EEE, notice50, retiring\n"
	    "identity FFF, notice32\n"
	    "\nnodes: 1\n"
	    "  NAME                      STATE         LEFT     PAIRS"
	    "   UNKNOWN   PENDING\n"
	    "  n1                        draining     0m59s         7"
	    "         0         8\n"
	    "\nclients: 1\n"
	    "  DIGEST      HERE       SINCE     PAIRS   WAITING   PENDING"
	    "             BYTES  SOURCE                  \n"
	    "  abcdefghij  yes        1m01s         -         3         -"
	    "                99  192.0.2.1:5             \n"
	    "\ncounters\n"
	    "  calls{ok}                                        5\n"
	    "  flat                                             6\n");
}
END_TEST

START_TEST(a_name_that_is_longer_than_a_digest_is_shown_whole)
{
#define ID "AAAQEAY-EAUDAOB-CAJBIFQ-YDIOB4B-IBCEQTC-QKRMFYX-YDENBWH-A5DYPQG"
	ck_assert_int_eq(show("{\"schema\": 1, \"clients\": [{\"digest\": \"" ID
			      "\", \"pairs\": 1}]}"),
	    0);
	ck_assert_ptr_nonnull(strstr(shown, "\n  " ID "  -"));
#undef ID
}
END_TEST

START_TEST(missing_and_strange_fields_are_dashes)
{
	ck_assert_int_eq(
	    show("{\"schema\": 1, \"version\": [], \"nodes\": [{}, 3],"
		 " \"clients\": {}, \"identities\": 5, \"more\": null}"),
	    0);
	ck_assert_str_eq(shown,
	    "carrick-control -, up -\n"
	    "\nnodes: 2\n"
	    "  NAME                      STATE         LEFT     PAIRS"
	    "   UNKNOWN   PENDING\n"
	    "  -                         -                -         -"
	    "         -         -\n"
	    "  -                         -                -         -"
	    "         -         -\n"
	    "\nclients: 0\n");
}
END_TEST

START_TEST(another_schema_is_not_guessed_at)
{
	ck_assert_int_eq(show("{\"schema\": 2}"), -1);
	ck_assert_int_eq(show("{}"), -1);
	ck_assert_int_eq(show("[]"), -1);
	ck_assert_str_eq(shown, "");
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
	ck_assert_int_eq(
	    show("{\"schema\": 1, \"version\": \"a\\u001b[2Jb\\u007f\"}"), 0);
	ck_assert_ptr_nonnull(strstr(shown, "a?[2Jb?, up"));
}
END_TEST

START_TEST(the_body_of_an_answer_is_found)
{
	const char *answer = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n"
			     "X: y\r\n\r\n{}";
	unsigned status = 0;

	ck_assert_str_eq(admin_body(answer, strlen(answer), &status), "{}");
	ck_assert_uint_eq(status, 200);
}
END_TEST

START_TEST(an_answer_cut_anywhere_is_none)
{
	const char *answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
	char cut[128];
	unsigned status;

	for (size_t len = 0; len < strlen(answer); len++) {
		memcpy(cut, answer, len);
		cut[len] = '\0';
		ck_assert_ptr_null(admin_body(cut, len, &status));
	}
}
END_TEST

START_TEST(a_refusal_is_known_by_its_status)
{
	const char *answer = "HTTP/1.1 404 Not Found\r\n\r\nno";
	unsigned status = 0;

	ck_assert_str_eq(admin_body(answer, strlen(answer), &status), "no");
	ck_assert_uint_eq(status, 404);
	ck_assert_ptr_null(admin_body("SSH-2.0\r\n\r\n", 11, &status));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("status_table");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, a_whole_status_is_a_table);
	tcase_add_test(t, a_name_that_is_longer_than_a_digest_is_shown_whole);
	tcase_add_test(t, missing_and_strange_fields_are_dashes);
	tcase_add_test(t, another_schema_is_not_guessed_at);
	tcase_add_test(t, control_characters_do_not_reach_the_terminal);
	tcase_add_test(t, the_body_of_an_answer_is_found);
	tcase_add_test(t, an_answer_cut_anywhere_is_none);
	tcase_add_test(t, a_refusal_is_known_by_its_status);
	return suite_run("status_table", (TCase *[]){t, NULL});
}
