/* What the administrator's socket tells, and whom. */
#include <stdlib.h>
#include <string.h>

#include "control/admin.h"
#include "control/status.h"
#include "tests/unit/control/reports.h"
#include "tests/unit/control/world.h"

static void
set_up(void)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	one_node();
	m.u.node_beat.n_figures = FIGURE_WIRE_COUNT;
	m.u.node_beat.figures[FIGURE_BYTES_SPLICED] = 12345;
	m.u.node_beat.figures[FIGURE_PAIRS_ENDED + REASON_RESET] = 6;
	fake_send(c, &a, m);
	(void)fake_client(c, &a, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	fake_open(c, &a, 2, 1, fake_digest(0x55));
}

/* One sample: "name{label="value",…} number". */
static void
check_sample(const char *line, const char *family)
{
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
	const char *rest = line + name;

	ck_assert_msg(
	    strlen(family) == name && strncmp(line, family, name) == 0,
	    "%s is in the family %s", line, family);
	if (*rest == '{') {
		rest = strchr(rest, '}');
		ck_assert_ptr_nonnull(rest);
		rest++;
	}
	ck_assert_int_eq(rest[0], ' ');
	ck_assert_uint_gt(strspn(rest + 1, "0123456789"), 0);
	ck_assert_int_eq(rest[1 + strspn(rest + 1, "0123456789")], '\0');
}

START_TEST(every_metric_stands_behind_its_help_and_type)
{
	char *text = metrics_text(), *rest = NULL, *line;
	char family[128] = "", helped[128] = "";

	for (line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char type[16];

		if (sscanf(line, "# HELP %127s %*c", helped) == 1)
			continue;
		if (sscanf(line, "# TYPE %127s %15s", family, type) == 2) {
			ck_assert_str_eq(family, helped);
			ck_assert(strcmp(type, "counter") == 0 ||
				  strcmp(type, "gauge") == 0);
			ck_assert_int_eq(strncmp(family, "carrick_", 8), 0);
			continue;
		}
		check_sample(line, family);
	}
	free(text);
}
END_TEST

START_TEST(no_family_comes_twice)
{
	char *text = metrics_text();

	for (char *p = strstr(text, "# TYPE "); p != NULL;
	     p = strstr(p + 1, "# TYPE ")) {
		char wanted[160];
		size_t len = strcspn(p + 7, " ") + 8;

		ck_assert_uint_lt(len + 7, sizeof wanted);
		memcpy(wanted, p, 7 + len);
		wanted[7 + len] = '\0';
		ck_assert_ptr_null(strstr(p + 1, wanted));
	}
	free(text);
}
END_TEST

START_TEST(figures_of_nodes_carry_their_names)
{
	char *text = metrics_text();

	ck_assert_ptr_nonnull(strstr(
	    text, "\ncarrick_splice_bytes_spliced_total{node=\"a\"} 12345\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_splice_pairs_ended_total{node=\"a\","
			 "reason=\"reset\"} 6\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_refused_total{reason=\"nobody\"} 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_calls{state=\"waiting\"} 0\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\ncarrick_calls{state=\"pending\"} 1\n"));
	free(text);
}
END_TEST

START_TEST(status_has_what_its_schema_says)
{
	const char *name, *state, *build, *digest, *source, *dialect;
	int retiring, schema, registered, pairs, calls, waiting, bytes;
	json_t *status = status_new(c);
	json_error_t e;

	ck_assert_ptr_nonnull(status);
	ck_assert_msg(
	    json_unpack_ex(status, &e, 0,
		"{s:i, s:s, s:i, s:[{s:s, s:s, s:b, s:[s]}], s:o, s:o}",
		"schema", &schema, "version", &name, "uptime_s", &bytes,
		"identities", "digest", &digest, "dialect", &dialect,
		"retiring", &retiring, "urls", &source, "limits",
		&(json_t *){0}, "counters", &(json_t *){0}) == 0,
	    "%s", e.text);
	ck_assert_int_eq(schema, 1);
	ck_assert_str_eq(dialect, "notice32");
	ck_assert_int_eq(retiring, 0);
	ck_assert_int_eq(
	    strncmp(source, "tx3-rst://relay.example:7443/", 29), 0);
	ck_assert_msg(
	    json_unpack_ex(status, &e, 0,
		"{s:[{s:s, s:s, s:s, s:i, s:[s], s:i, s:i, s:i, s:o}]}",
		"nodes", "name", &name, "state", &state, "build", &build,
		"session_s", &bytes, "listeners", &source, "pending", &calls,
		"pairs", &pairs, "unknown", &waiting, "figures",
		&(json_t *){0}) == 0,
	    "%s", e.text);
	ck_assert_str_eq(name, "a");
	ck_assert_str_eq(state, "ready");
	ck_assert_int_eq(pairs, 1);
	ck_assert_msg(
	    json_unpack_ex(status, &e, 0,
		"{s:[{s:s, s:b, s:i, s:s, s:i, s:i, s:i, s:i}]}", "clients",
		"digest", &digest, "registered", &registered, "since_s", &bytes,
		"source", &source, "waiting", &waiting, "pending", &calls,
		"pairs", &pairs, "bytes", &bytes) == 0,
	    "%s", e.text);
	ck_assert_int_eq(registered, 1);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(waiting, 0);
	ck_assert_str_eq(source, "192.0.3.7:40000");
	json_decref(status);
}
END_TEST

static void
check_starts(int starts, int goodbye, int cut)
{
	json_t *status = status_new(c);
	int has[3] = {0};

	(void)json_unpack(status, "{s:[{s:i, s:{s:i, s:i}}]}", "nodes",
	    "starts", &has[0], "goodbye", "start", &has[1], "cut", &has[2]);
	ck_assert_int_eq(has[0], starts);
	ck_assert_int_eq(has[1], goodbye);
	ck_assert_int_eq(has[2], cut);
	json_decref(status);
}

START_TEST(status_says_which_process_of_a_node_took_its_leave)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	check_starts(1, 0, 0);
	fake_forget_commands();
	fake_ready(c, &a); /* another session of the same */
	check_starts(1, 0, 0);
	m.u.node_beat.n_figures = FIGURE_WIRE_COUNT;
	m.u.node_beat.figures[FIGURE_PAIRS_ENDED + REASON_DRAINED] = 3;
	fake_send(c, &a, m);
	fake_bye(c, &a);
	check_starts(1, 1, 3);
	fake_forget_commands();
	a.epoch++;
	fake_ready(c, &a);
	check_starts(2, 1, 3);
	fake_bye(c, &a);
	check_starts(2, 2, 0);
}
END_TEST

START_TEST(text_from_a_node_is_escaped_in_status)
{
	json_t *status, *back;
	char *text;

	strcpy(c->nodes.first->build, "\"},{\x01");
	status = status_new(c);
	ck_assert_ptr_nonnull(status);
	text = json_dumps(status, 0);
	ck_assert_ptr_nonnull(text);
	back = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(back);
	ck_assert(json_equal(status, back));
	json_decref(back);
	json_decref(status);
	free(text);
}
END_TEST

START_TEST(build_that_is_no_utf8_does_not_take_the_status_away)
{
	json_t *status;

	strcpy(c->nodes.first->build, "\xff\xfe");
	status = status_new(c);
	ck_assert_ptr_nonnull(status);
	ck_assert_uint_eq(json_array_size(json_object_get(status, "nodes")), 1);
	json_decref(status);
}
END_TEST

START_TEST(host_must_be_localhost_or_an_address)
{
	static const char *const GOOD[] = {"localhost", "LocalHost:7445",
	    "localhost.", "localhost.:7445", "127.0.0.1", "127.0.0.1:80",
	    "[::1]", "[::1]:7445", "192.0.2.7", "192.0.2.7:7445", "0.0.0.0:1",
	    "[2001:db8::1]:7445"};
	static const char *const BAD[] = {"", "evil.example", "localhost..",
	    "localhost.evil.example", "127.0.0.1.evil.example", "[::1", "::1",
	    "127.0.0.1:80x", "localhost:80:80", "localhost@evil",
	    "127.0.0.1:", ":80", "[::1]x", "127.0.0.1.", "2130706433",
	    "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc]"};

	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
		ck_assert_msg(admin_host_is_allowed(GOOD[i]), "%s", GOOD[i]);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		ck_assert_msg(!admin_host_is_allowed(BAD[i]), "%s", BAD[i]);
	ck_assert(!admin_host_is_allowed(NULL));
}
END_TEST

int
main(void)
{
	TCase *t = world_case("admin", set_up);

	tcase_add_test(t, every_metric_stands_behind_its_help_and_type);
	tcase_add_test(t, no_family_comes_twice);
	tcase_add_test(t, figures_of_nodes_carry_their_names);
	tcase_add_test(t, status_has_what_its_schema_says);
	tcase_add_test(t, status_says_which_process_of_a_node_took_its_leave);
	tcase_add_test(t, text_from_a_node_is_escaped_in_status);
	tcase_add_test(t, build_that_is_no_utf8_does_not_take_the_status_away);
	tcase_add_test(t, host_must_be_localhost_or_an_address);
	return suite_run("admin", (TCase *[]){t, NULL});
}
