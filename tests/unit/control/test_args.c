#include "control/args.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static int
parse(struct daemon_args *args, const char *one, const char *two,
    const char *three)
{
	char *argv[] = {strdup("x"), one ? strdup(one) : NULL,
	    two ? strdup(two) : NULL, three ? strdup(three) : NULL, NULL};
	const char *what = NULL, *reason = NULL;
	int argc = 1, rc;

	while (argv[argc] != NULL)
		argc++;
	rc = args_parse(args, argc, argv, &what, &reason);
	if (rc != 0)
		ck_assert(what != NULL && reason != NULL);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return rc;
}

START_TEST(command_line_says_what_to_do)
{
	struct daemon_args args;

	ck_assert_int_eq(parse(&args, NULL, NULL, NULL), 0);
	ck_assert_int_eq(args.action, DAEMON_RUN);
	ck_assert_int_eq(parse(&args, "--init", "--config", "f"), 0);
	ck_assert_int_eq(args.action, ARGS_INIT);
	ck_assert_ptr_nonnull(args.config);
	ck_assert_int_eq(parse(&args, "--set", "a=b", "--check"), 0);
	ck_assert_int_eq(args.action, DAEMON_CHECK);
	ck_assert_uint_eq(args.n_settings, 1);
}
END_TEST

START_TEST(wrong_command_line_is_refused)
{
	struct daemon_args args;

	ck_assert_int_eq(parse(&args, "file", NULL, NULL), -1);
	ck_assert_int_eq(parse(&args, "--config", NULL, NULL), -1);
	ck_assert_int_eq(parse(&args, "--set", NULL, NULL), -1);
	ck_assert_int_eq(parse(&args, "--check", "--init", NULL), -1);
	ck_assert_int_eq(parse(&args, "--config", "a", "--config"), -1);
	ck_assert_int_eq(parse(&args, "--checks", NULL, NULL), -1);
	ck_assert_int_eq(parse(&args, "--init", "--set", "a=b"), -1);
}
END_TEST

START_TEST(command_line_names_the_file)
{
	static const struct {
		int rc;
		char *argv[6];
	} CASES[] = {
	    {0, {"x", "import", "f", NULL}},
	    {0, {"x", "import", "f", "--config", "c", NULL}},
	    {0, {"x", "--config", "c", "import", "f", NULL}},
	    {-1, {"x", "import", NULL}},
	    {-1, {"x", "import", "--config", "c", NULL}},
	    {-1, {"x", "import", "f", "g", NULL}},
	    {-1, {"x", "--init", "import", "f", NULL}},
	    {-1, {"x", "import", "f", "--check", NULL}},
	    {-1, {"x", "import", "f", "--set", "a=b", NULL}},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		const char *what, *reason;
		struct daemon_args args;
		int argc = 0;

		while (CASES[i].argv[argc] != NULL)
			argc++;
		ck_assert_int_eq(
		    args_parse(&args, argc, CASES[i].argv, &what, &reason),
		    CASES[i].rc);
		if (CASES[i].rc == 0) {
			ck_assert_int_eq(args.action, ARGS_IMPORT);
			ck_assert_str_eq(args.operand, "f");
			ck_assert_ptr_null(args.rest);
		}
	}
}
END_TEST

START_TEST(behind_strelaysrv_comes_its_own_command_line)
{
	char *argv[] = {"x", "--config", "c", "import", "strelaysrv", "-keys",
	    "--check", "import", NULL};
	struct daemon_args args;
	const char *what, *reason;

	ck_assert_int_eq(args_parse(&args, 8, argv, &what, &reason), 0);
	ck_assert_int_eq(args.action, ARGS_IMPORT);
	ck_assert_str_eq(args.config, "c");
	ck_assert_ptr_eq(args.rest, argv + 5);
	ck_assert_uint_eq(args.n_rest, 3);
	argv[5] = NULL;
	ck_assert_int_eq(args_parse(&args, 5, argv, &what, &reason), 0);
	ck_assert_ptr_nonnull(args.rest);
	ck_assert_uint_eq(args.n_rest, 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("args");

	tcase_add_test(t, command_line_says_what_to_do);
	tcase_add_test(t, wrong_command_line_is_refused);
	tcase_add_test(t, command_line_names_the_file);
	tcase_add_test(t, behind_strelaysrv_comes_its_own_command_line);
	return suite_run("args", (TCase *[]){t, NULL});
}
