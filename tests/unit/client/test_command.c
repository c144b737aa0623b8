#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/command.h"
#include "tests/unit/suite.h"

struct sample {
	const char *must;
	const char *text;
	struct command_list many;
	bool flag;
	uint32_t number;
	const char *first;
	const char *second;
};

static int
run(const void *args)
{
	(void)args;
	return 0;
}

static const struct command_arg ARGS[] = {
    {"--must", "URL", COMMAND_TEXT, offsetof(struct sample, must), 1, 0, "m"},
    {"--text", "TEXT", COMMAND_TEXT, offsetof(struct sample, text), 0, 0, "t"},
    {"--many", "ONE", COMMAND_TEXTS, offsetof(struct sample, many), 0, 0, "n"},
    {"--flag", NULL, COMMAND_FLAG, offsetof(struct sample, flag), 0, 0, "f"},
    {"--number", "N", COMMAND_NUMBER, offsetof(struct sample, number), 2, 9,
	"2 to 9"},
    {NULL, "FIRST", COMMAND_OPERAND, offsetof(struct sample, first), 0, 0, "1"},
    {NULL, "SECOND", COMMAND_OPERAND, offsetof(struct sample, second), 0, 0,
	"2"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

static const struct command SAMPLE = {
    "sample", "A sample.", "More.\n", ARGS, sizeof(struct sample), run};

static struct sample out;
static char why[COMMAND_WHY_CAP];

#define PARSE(...)                                \
	parse((const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static enum command_answer
parse(const char *const *words, size_t n)
{
	char *argv[COMMAND_LIST_MAX * 2 + 8];

	memset(&out, 0, sizeof out);
	why[0] = '\0';
	for (size_t i = 0; i < n; i++)
		argv[i] = (char *)words[i];
	return command_parse(&SAMPLE, n, argv, &out, why);
}

START_TEST(options_and_operands_come_in_any_order)
{
	ck_assert_int_eq(PARSE("a", "--must", "u", "--flag", "b"), COMMAND_GO);
	ck_assert_str_eq(out.first, "a");
	ck_assert_str_eq(out.second, "b");
	ck_assert_str_eq(out.must, "u");
	ck_assert(out.flag);
	ck_assert_ptr_null(out.text);
}
END_TEST

START_TEST(an_equals_sign_joins_option_and_value)
{
	ck_assert_int_eq(PARSE("--must=u=v", "--text==", "a", "b"), COMMAND_GO);
	ck_assert_str_eq(out.must, "u=v");
	ck_assert_str_eq(out.text, "=");
}
END_TEST

START_TEST(two_dashes_end_the_options)
{
	ck_assert_int_eq(PARSE("--must=u", "--", "--flag", "-"), COMMAND_GO);
	ck_assert_str_eq(out.first, "--flag");
	ck_assert_str_eq(out.second, "-");
	ck_assert(!out.flag);
}
END_TEST

START_TEST(a_list_keeps_its_order)
{
	ck_assert_int_eq(
	    PARSE("--must=u", "--many", "x", "--many=y", "a", "b"), COMMAND_GO);
	ck_assert_uint_eq(out.many.n, 2);
	ck_assert_str_eq(out.many.items[0], "x");
	ck_assert_str_eq(out.many.items[1], "y");
}
END_TEST

START_TEST(a_list_has_an_end)
{
	const char *words[COMMAND_LIST_MAX + 4] = {"--must=u", "a", "b"};

	for (size_t i = 0; i < COMMAND_LIST_MAX + 1; i++)
		words[3 + i] = "--many=x";
	ck_assert_int_eq(parse(words, 3 + COMMAND_LIST_MAX), COMMAND_GO);
	ck_assert_uint_eq(out.many.n, COMMAND_LIST_MAX);
	ck_assert_int_eq(parse(words, 4 + COMMAND_LIST_MAX), COMMAND_BAD);
}
END_TEST

START_TEST(a_number_is_in_its_range)
{
	ck_assert_int_eq(
	    PARSE("--must=u", "a", "b", "--number=1"), COMMAND_BAD);
	ck_assert_int_eq(PARSE("--must=u", "a", "b", "--number=2"), COMMAND_GO);
	ck_assert_uint_eq(out.number, 2);
	ck_assert_int_eq(PARSE("--must=u", "a", "b", "--number=9"), COMMAND_GO);
	ck_assert_uint_eq(out.number, 9);
	ck_assert_int_eq(
	    PARSE("--must=u", "a", "b", "--number=10"), COMMAND_BAD);
	ck_assert_str_eq(why, "--number 10: it takes a number from 2 to 9");
}
END_TEST

START_TEST(a_number_is_plain_decimal)
{
	ck_assert_int_eq(PARSE("--must=u", "a", "b", "--number="), COMMAND_BAD);
	ck_assert_int_eq(
	    PARSE("--must=u", "a", "b", "--number=+3"), COMMAND_BAD);
	ck_assert_int_eq(
	    PARSE("--must=u", "a", "b", "--number=3x"), COMMAND_BAD);
	ck_assert_int_eq(
	    PARSE("--must=u", "a", "b", "--number=18446744073709551619"),
	    COMMAND_BAD);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
	ck_assert_int_eq(PARSE("--must=u", "a"), COMMAND_BAD);
	ck_assert_str_eq(why, "SECOND is missing");
	ck_assert_int_eq(PARSE("--must=u", "a", "b", "c"), COMMAND_BAD);
	ck_assert_str_eq(why, "c is one operand too many");
	ck_assert_int_eq(PARSE("a", "b"), COMMAND_BAD);
	ck_assert_str_eq(why, "--must URL is missing");
	ck_assert_int_eq(PARSE("a", "b", "--must"), COMMAND_BAD);
	ck_assert_str_eq(why, "--must: URL is missing");
	ck_assert_int_eq(PARSE("--must=u", "--must=u"), COMMAND_BAD);
	ck_assert_str_eq(why, "--must is given twice");
	ck_assert_int_eq(PARSE("--flag=yes"), COMMAND_BAD);
	ck_assert_str_eq(why, "--flag takes no value");
	ck_assert_int_eq(PARSE("--mus=u"), COMMAND_BAD);
	ck_assert_str_eq(why, "there is no option --mus");
	ck_assert_int_eq(PARSE("-x"), COMMAND_BAD);
}
END_TEST

START_TEST(an_empty_value_is_named)
{
	ck_assert_int_eq(PARSE("--must="), COMMAND_BAD);
	ck_assert_str_eq(why, "URL is empty");
	ck_assert_int_eq(PARSE("--must", ""), COMMAND_BAD);
	ck_assert_int_eq(PARSE("--must=u", "a", ""), COMMAND_BAD);
	ck_assert_str_eq(why, "SECOND is empty");
}
END_TEST

START_TEST(what_is_wrong_is_told_in_one_line)
{
	ck_assert_int_eq(PARSE("--a\nb"), COMMAND_BAD);
	ck_assert_str_eq(why, "there is no option --a?b");
}
END_TEST

START_TEST(help_comes_before_any_mistake_behind_it)
{
	ck_assert_int_eq(PARSE("--flag", "--help", "--nonsense"), COMMAND_HELP);
	ck_assert_int_eq(PARSE("-h"), COMMAND_HELP);
	ck_assert_int_eq(PARSE("--must=u", "--", "--help", "-h"), COMMAND_GO);
}
END_TEST

START_TEST(the_usage_line_shows_what_must_be_given)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	command_usage(&SAMPLE, f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_str_eq(text,
	    "carrick sample --must URL [--text TEXT] [--many ONE]... [--flag] "
	    "[--number N] FIRST SECOND\n");
	free(text);
}
END_TEST

START_TEST(every_command_has_a_whole_table)
{
	const struct command *const all[] = {&COMMAND_ID, &COMMAND_EXPOSE,
	    &COMMAND_CONNECT, &COMMAND_FORWARD, &COMMAND_PING, &COMMAND_STATUS};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const struct command_arg *a;

		ck_assert(all[i]->run != NULL);
		for (a = all[i]->args; a->help != NULL; a++)
			ck_assert_uint_lt(a->offset, all[i]->args_size);
		ck_assert_int_eq(a->type, COMMAND_OPERAND);
		ck_assert_ptr_null(a->value);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("command");

	tcase_add_test(t, options_and_operands_come_in_any_order);
	tcase_add_test(t, an_equals_sign_joins_option_and_value);
	tcase_add_test(t, two_dashes_end_the_options);
	tcase_add_test(t, a_list_keeps_its_order);
	tcase_add_test(t, a_list_has_an_end);
	tcase_add_test(t, a_number_is_in_its_range);
	tcase_add_test(t, a_number_is_plain_decimal);
	tcase_add_test(t, what_is_wrong_is_named);
	tcase_add_test(t, an_empty_value_is_named);
	tcase_add_test(t, what_is_wrong_is_told_in_one_line);
	tcase_add_test(t, help_comes_before_any_mistake_behind_it);
	tcase_add_test(t, the_usage_line_shows_what_must_be_given);
	tcase_add_test(t, every_command_has_a_whole_table);
	return suite_run("command", (TCase *[]){t, NULL});
}
