/* The example file says what there is, and is what it says. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conf.h"
#include "tests/unit/common/conf_sample.h"
#include "tests/unit/suite.h"

static char *
example(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(f);
	conf_example(SAMPLE_KEYS, "sample.yml - for a test.\nTwo lines.", f);
	(void)fclose(f);
	return text;
}

START_TEST(every_key_has_its_help_range_and_default)
{
	char *text = example();

	ck_assert_ptr_nonnull(strstr(text, "# sample.yml - for a test.\n"
					   "# Two lines.\n"));
	ck_assert_ptr_nonnull(strstr(text,
	    "\n# How long to wait.\n# A second line.\n"
	    "# Allowed: 100..600000 ms. Default: 20000\n#wait_ms: 20000\n"));
	ck_assert_ptr_nonnull(strstr(text, "# Allowed: true or false. "
					   "Default: true\n#flag: true\n"));
	ck_assert_ptr_nonnull(strstr(text, "# Allowed: a list of 1..4 "
					   "entries. Default: "));
	ck_assert_ptr_nonnull(strstr(text,
	    "# Each entry has these keys:\n#   file (1..100 bytes long; "
	    "default x):\n#     Where it lies.\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n#items: []\n"));
	free(text);
}
END_TEST

START_TEST(as_it_stands_it_is_all_comments)
{
	char *text = example();

	ck_assert_int_eq(text[0], '#');
	for (const char *p = strchr(text, '\n'); p[1] != '\0';
	     p = strchr(p + 1, '\n'))
		ck_assert_msg(p[1] == '#' || p[1] == '\n', "%s", p + 1);
	free(text);
}
END_TEST

/* "#key: value" has no space behind its #, unlike any comment. */
START_TEST(with_every_key_taken_in_it_says_the_defaults)
{
	char path[] = "/tmp/test_conf.XXXXXX", *text = example(), *rest = text;
	char why[CONF_WHY_CAP], *line;
	struct sample read = {0}, defaults = {0};
	FILE *f = fdopen(mkstemp(path), "w");
	int rc;

	ck_assert_ptr_nonnull(f);
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] == '#' && line[1] != ' ' && line[1] != '\0')
			(void)fprintf(f, "%s\n", line + 1);
	(void)fclose(f);
	rc = conf_load(SAMPLE_KEYS, &read, path, why);
	ck_assert_msg(rc == 0, "%s", why);
	conf_defaults(SAMPLE_KEYS, &defaults);
	ck_assert_uint_eq(read.wait_ms, defaults.wait_ms);
	ck_assert_str_eq(read.text, defaults.text);
	ck_assert_uint_eq(read.list.n, defaults.list.n);
	conf_free(SAMPLE_KEYS, &read);
	conf_free(SAMPLE_KEYS, &defaults);
	(void)unlink(path);
	free(text);
}
END_TEST

START_TEST(a_key_without_default_is_shown_empty)
{
	static const struct conf_key keys[] = {
	    {.name = "user", .type = CONF_STRING, .max = 32, .help = "Who."},
	    {.name = "max_bytes_per_s",
		.type = CONF_U64,
		.max = 10,
		.def = "1",
		.help = "A rate."},
	    {.name = NULL},
	};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	conf_example(keys, "t", f);
	(void)fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "\n#user: \"\"\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "# Allowed: 0..10 bytes a second. Default: 1\n"));
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("conf example");

	tcase_add_test(tc, every_key_has_its_help_range_and_default);
	tcase_add_test(tc, as_it_stands_it_is_all_comments);
	tcase_add_test(tc, with_every_key_taken_in_it_says_the_defaults);
	tcase_add_test(tc, a_key_without_default_is_shown_empty);
	return suite_run("conf example", (TCase *[]){tc, NULL});
}
