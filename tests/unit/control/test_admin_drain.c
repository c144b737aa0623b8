/* Operators that have a node drained. */
#include <event2/buffer.h>
#include <string.h>

#include "control/admin_drain.h"
#include "tests/unit/control/world.h"

/* What an operator posts, and the code of the answer; text: a part of it. */
static int
post(const char *path, const char *query, const char *text)
{
	struct http_request r = {.method = HTTP_POST};
	struct http_answer answer = {.code = 200, .body = evbuffer_new()};
	char got[512];
	ev_ssize_t len;

	(void)strcpy(r.path, path);
	(void)strcpy(r.query, query);
	ck_assert_ptr_nonnull(answer.body);
	admin_post(c, &r, &answer);
	len = evbuffer_remove(answer.body, got, sizeof got - 1);
	ck_assert_int_ge(len, 0);
	evbuffer_free(answer.body);
	got[len] = '\0';
	ck_assert_msg(strstr(got, text) != NULL, "%s", got);
	ck_assert_int_eq(got[len - 1], '\n');
	return answer.code;
}

START_TEST(operator_drains_a_node)
{
	fake_forget_commands();
	ck_assert_int_eq(post("/nodes/a/drain", "", "a drains"), 200);
	ck_assert_uint_eq(
	    fake_command(IPC_DRAIN).u.drain.timeout_ms, IPC_DRAIN_OWN_MS);
	ck_assert_int_eq(post("/nodes/b/drain", "timeout_ms=0", " 0 ms"), 200);
	ck_assert_uint_eq(fake_command(IPC_DRAIN).u.drain.timeout_ms, 0);
	ck_assert_int_eq(
	    post("/nodes/b/drain", "timeout_ms=86400000", "b drains"), 200);
	ck_assert_uint_eq(
	    fake_command(IPC_DRAIN).u.drain.timeout_ms, IPC_DRAIN_MAX_MS);
}
END_TEST

START_TEST(operator_is_told_which_nodes_there_are)
{
	fake_forget_commands();
	ck_assert_int_eq(post("/nodes/c/drain", "",
			     "no splice node is called c; there are b, a\n"),
	    404);
	fake_no_command();
	fake_disconnected = true;
	fake_advance(c, NODES_FORGET_MS + NODES_TICK_MS);
	ck_assert_int_eq(
	    post("/nodes/a/drain", "", "there are none at all\n"), 404);
	ck_assert_uint_eq(counted(COUNT_ADMIN_REFUSED), 2);
}
END_TEST

START_TEST(operator_is_told_that_a_node_is_away)
{
	fake_disconnected = true;
	fake_advance(c, NODES_TICK_MS);
	ck_assert_int_eq(
	    post("/nodes/a/drain", "", "control hears nothing of a"), 409);
}
END_TEST

START_TEST(what_is_no_drain_is_refused)
{
	static const char *const PATHS[] = {"/", "/nodes/", "/nodes//drain",
	    "/nodes/a", "/nodes/a/drainx", "/node/a/drain", "/nodes/A/drain",
	    "/nodes/a/b/drain",
	    "/nodes/a234567890123456789012345678901234567890123456789/drain"};
	static const char *const QUERIES[] = {"timeout_ms=", "timeout_ms=x",
	    "timeout_ms=-1", "timeout_ms=86400001", "timeout_ms=100000000",
	    "timeout_ms=1&", "timeout=1", "x"};

	fake_forget_commands();
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		ck_assert_int_eq(post(PATHS[i], "", "/nodes/NAME/drain"), 404);
	for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++)
		ck_assert_int_eq(
		    post("/nodes/a/drain", QUERIES[i], "timeout_ms=0 to"), 400);
	fake_no_command();
}
END_TEST

int
main(void)
{
	TCase *t = world_case("admin_drain", two_nodes);

	tcase_add_test(t, operator_drains_a_node);
	tcase_add_test(t, operator_is_told_which_nodes_there_are);
	tcase_add_test(t, operator_is_told_that_a_node_is_away);
	tcase_add_test(t, what_is_no_drain_is_refused);
	return suite_run("admin_drain", (TCase *[]){t, NULL});
}
