/* Reading values: one key, one value, one sentence when it is refused. */
#include "common/conf.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/common/conf_sample.h"
#include "tests/unit/suite.h"

static char path[] = "/tmp/test_conf.XXXXXX";
static struct sample sample;
static char why[CONF_WHY_CAP];

static void
set_up(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ne(fd, -1);
	(void)close(fd);
}

static void
tear_down(void)
{
	conf_free(SAMPLE_KEYS, &sample);
	(void)unlink(path);
}

static int
load_bytes(const void *text, size_t len)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	(void)fclose(f);
	conf_free(SAMPLE_KEYS, &sample);
	return conf_load(SAMPLE_KEYS, &sample, path, why);
}

static void
load(const char *text)
{
	int rc = load_bytes(text, strlen(text));

	ck_assert_msg(rc == 0, "%s", why);
}

/* The text is refused with "PATH" and then exactly this. */
static void
refuse(const char *text, const char *expected)
{
	ck_assert_int_eq(load_bytes(text, strlen(text)), -1);
	ck_assert_msg(strncmp(why, path, strlen(path)) == 0, "%s", why);
	ck_assert_str_eq(why + strlen(path), expected);
	ck_assert_ptr_null(sample.text);
	ck_assert_uint_eq(sample.list.n, 0);
	ck_assert_ptr_null(sample.items.items);
}

START_TEST(an_empty_file_is_all_defaults)
{
	load("");
	ck_assert(sample.flag);
	ck_assert_uint_eq(sample.wait_ms, 20000);
	ck_assert_uint_eq(sample.big, 0);
	ck_assert_str_eq(sample.text, "some");
	ck_assert_str_eq(sample.level, "info");
	ck_assert_uint_eq(sample.list.n, 2);
	ck_assert_str_eq(sample.list.items[1], "[::]:7443");
	ck_assert_uint_eq(sample.items.n, 0);
	load("# only a comment\n");
	load("---\n");
}
END_TEST

START_TEST(each_type_is_read)
{
	load("flag: false\n"
	     "wait_ms: 100\n"
	     "big: 18446744073709551615\n"
	     "text: \"quoted: text\"\n"
	     "level: debug\n"
	     "list: [a]\n"
	     "items:\n"
	     "  - file: /a\n"
	     "  - file: /b\n"
	     "    on: false\n");
	ck_assert(!sample.flag);
	ck_assert_uint_eq(sample.wait_ms, 100);
	ck_assert_uint_eq(sample.big, UINT64_MAX);
	ck_assert_str_eq(sample.text, "quoted: text");
	ck_assert_str_eq(sample.level, "debug");
	ck_assert_uint_eq(sample.list.n, 1);
	ck_assert_uint_eq(sample.items.n, 2);
	ck_assert_str_eq(((struct item *)sample.items.items[0])->file, "/a");
	ck_assert(((struct item *)sample.items.items[0])->on);
	ck_assert(!((struct item *)sample.items.items[1])->on);
}
END_TEST

START_TEST(a_number_takes_its_range_and_nothing_else)
{
	load("wait_ms: 100\n");
	load("wait_ms: 600000\n");
	refuse("wait_ms: 99\n",
	    ":1: wait_ms: value '99': a whole decimal number, "
	    "100..600000 ms");
	refuse("\nwait_ms: 600001\n",
	    ":2: wait_ms: value '600001': a whole decimal number, "
	    "100..600000 ms");
}
END_TEST

START_TEST(numbers_are_plain_decimal)
{
	static const char *const bad[] = {"0x10", "010", "1e3", "1_000", "+5",
	    "-1", "1.5", "'100'", "\"100\"", "", "~", "ten", "100 ms",
	    "18446744073709551616", "99999999999999999999999", "[1]"};
	char text[64];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		(void)snprintf(text, sizeof text, "big: %s\n", bad[i]);
		ck_assert_msg(
		    load_bytes(text, strlen(text)) == -1, "%s", bad[i]);
		ck_assert_msg(strstr(why, "a whole decimal number, "
					  "0..18446744073709551615") != NULL,
		    "%s", why);
	}
}
END_TEST

START_TEST(a_flag_is_true_or_false)
{
	refuse("flag: yes\n",
	    ":1: flag: value 'yes': true or false, without quotes");
	refuse("flag: 'true'\n",
	    ":1: flag: value 'true': true or false, without quotes");
	refuse("flag: [true]\n", ":1: flag: one plain value is wanted here: "
				 "true or false, without quotes");
}
END_TEST

START_TEST(text_has_its_length)
{
	load("text: ''\n");
	load("text: exactly-20-bytes-ok!\n");
	refuse("text: but-21-bytes-are-not!!\n",
	    ":1: text: value 'but-21-bytes-are-not!!': 0..20 bytes long");
}
END_TEST

START_TEST(text_is_one_line_without_control_bytes)
{
	refuse("text: \"a\\nb\"\n", ":1: text: value 'a?b': text on one line");
	refuse("text: \"a\\0b\"\n",
	    ":1: text: one plain value is wanted here: text on one line");
	refuse(
	    "text: \"\\e[0m\"\n", ":1: text: value '?[0m': text on one line");
}
END_TEST

START_TEST(a_check_says_what_is_allowed)
{
	refuse("level: loud\n", ":1: level: value 'loud': one of debug, info");
	refuse("list: [a, b,\n  bad]\n",
	    ":2: list: value 'bad': anything but bad");
}
END_TEST

START_TEST(a_list_of_one_is_a_list)
{
	refuse("list: 127.0.0.1:7443\n",
	    ":1: list: value '127.0.0.1:7443': a list is wanted: "
	    "write [127.0.0.1:7443]");
	refuse("list:\n  a: b\n",
	    ":2: list: a list is wanted: put \"- \" before each entry");
	refuse(
	    "items: x\n", ":1: items: value 'x': a list is wanted: write [x]");
}
END_TEST

START_TEST(a_list_has_its_length)
{
	load("list: [a]\n");
	load("list: [a, b, c, d]\n");
	refuse("list: []\n", ":1: list: 0 entries: what is allowed is "
			     "1..4 entries");
	refuse("list: [a, b, c, d, e]\n",
	    ":1: list: 5 entries: what is allowed is 1..4 entries");
}
END_TEST

START_TEST(an_entry_of_sections_is_checked_like_the_rest)
{
	refuse("items:\n  - file: /a\n  - fil: /b\n",
	    ":3: 'fil': there is no such key (--example prints all)");
	refuse("items:\n  - on: 1\n",
	    ":2: on: value '1': true or false, without quotes");
	refuse("items: [a]\n",
	    ":1: keys and values are wanted here, as in \"key: value\"");
}
END_TEST

START_TEST(an_unknown_key_is_refused)
{
	refuse("flag: true\nwait: 5\n",
	    ":2: 'wait': there is no such key (--example prints all)");
	refuse("[a]: 5\n", ":1: a key must be a plain word");
	refuse("? {a: b}\n: 5\n", ":1: a key must be a plain word");
}
END_TEST

START_TEST(a_key_given_twice_is_refused)
{
	refuse("flag: true\n\nflag: true\n",
	    ":3: flag: given twice, before in line 1: remove one of them");
	refuse("items:\n  - file: /a\n    file: /b\n",
	    ":3: file: given twice, before in line 2: remove one of them");
}
END_TEST

START_TEST(what_is_not_yaml_is_refused_with_its_line)
{
	refuse("flag: true\nlist: [a\n",
	    ":3: not YAML: did not find expected ',' or ']'");
	refuse("flag: true\n\twait_ms: 5\n",
	    ":2: not YAML: found a tab character that violates indentation");
	ck_assert_int_eq(load_bytes("text: \xff\n", 8), -1);
	ck_assert_ptr_nonnull(strstr(why, "not YAML: byte 6: "));
	ck_assert_int_eq(load_bytes("flag: true\n\0", 12), -1);
}
END_TEST

START_TEST(a_file_is_one_mapping)
{
	refuse("just text\n",
	    ":1: keys and values are wanted here, as in \"key: value\"");
	refuse("- flag: true\n",
	    ":1: keys and values are wanted here, as in \"key: value\"");
	refuse("flag: true\n---\nflag: true\n",
	    ":3: a second document begins here: write one alone");
}
END_TEST

START_TEST(a_file_that_can_not_be_read_is_named)
{
	ck_assert_int_eq(
	    conf_load(SAMPLE_KEYS, &sample, "/none/x.yml", why), -1);
	ck_assert_str_eq(why, "/none/x.yml: No such file or directory");
}
END_TEST

START_TEST(a_file_has_at_most_1_mib)
{
	size_t len = CONF_FILE_MAX;
	char *text = malloc(len + 1);

	memset(text, '#', len + 1);
	ck_assert_int_eq(load_bytes(text, len), 0);
	ck_assert_int_eq(load_bytes(text, len + 1), -1);
	ck_assert_ptr_nonnull(strstr(why, ": longer than 1 MiB"));
	free(text);
}
END_TEST

START_TEST(a_long_value_is_shortened_in_the_sentence)
{
	char text[400] = "level: ";

	memset(text + 7, 'x', 300);
	ck_assert_int_eq(load_bytes(text, 307), -1);
	ck_assert_ptr_nonnull(strstr(why, "x...': one of debug, info"));
	ck_assert_uint_lt(strlen(why), 200);
}
END_TEST

static void
refuse_set(const char *setting, const char *expected)
{
	ck_assert_int_eq(conf_set(SAMPLE_KEYS, &sample, setting, why), -1);
	ck_assert_str_eq(why, expected);
}

START_TEST(a_setting_of_the_command_line_goes_over_the_file)
{
	load("wait_ms: 100\nlist: [a, b]\n");
	ck_assert_int_eq(conf_set(SAMPLE_KEYS, &sample, "wait_ms=200", why), 0);
	ck_assert_int_eq(conf_set(SAMPLE_KEYS, &sample, "list=[c]", why), 0);
	ck_assert_int_eq(conf_set(SAMPLE_KEYS, &sample, "text=a=b", why), 0);
	ck_assert_int_eq(
	    conf_set(SAMPLE_KEYS, &sample, "items=[{file: /a}]", why), 0);
	ck_assert_uint_eq(sample.wait_ms, 200);
	ck_assert_uint_eq(sample.list.n, 1);
	ck_assert_str_eq(sample.text, "a=b");
	ck_assert_uint_eq(sample.items.n, 1);
	ck_assert_int_eq(conf_set(SAMPLE_KEYS, &sample, "text=", why), 0);
	ck_assert_str_eq(sample.text, "");
}
END_TEST

START_TEST(a_setting_that_is_refused_changes_nothing)
{
	load("");
	refuse_set("wait_ms=5", "--set: wait_ms: value '5': a whole decimal "
				"number, 100..600000 ms");
	refuse_set("wait_ms", "--set: 'wait_ms': write KEY=VALUE, without "
			      "spaces around the =");
	refuse_set("wait=5",
	    "--set: 'wait': there is no such key (--example prints all)");
	refuse_set("list=[a", "--set: list: not YAML: did not find expected "
			      "',' or ']'");
	refuse_set("list=a", "--set: list: value 'a': a list is wanted: "
			     "write [a]");
	refuse_set(
	    "list=[a, bad]", "--set: list: value 'bad': anything but bad");
	ck_assert_uint_eq(sample.wait_ms, 20000);
	ck_assert_uint_eq(sample.list.n, 2);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("conf");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, an_empty_file_is_all_defaults);
	tcase_add_test(tc, each_type_is_read);
	tcase_add_test(tc, a_number_takes_its_range_and_nothing_else);
	tcase_add_test(tc, numbers_are_plain_decimal);
	tcase_add_test(tc, a_flag_is_true_or_false);
	tcase_add_test(tc, text_has_its_length);
	tcase_add_test(tc, text_is_one_line_without_control_bytes);
	tcase_add_test(tc, a_check_says_what_is_allowed);
	tcase_add_test(tc, a_list_of_one_is_a_list);
	tcase_add_test(tc, a_list_has_its_length);
	tcase_add_test(tc, an_entry_of_sections_is_checked_like_the_rest);
	tcase_add_test(tc, an_unknown_key_is_refused);
	tcase_add_test(tc, a_key_given_twice_is_refused);
	tcase_add_test(tc, what_is_not_yaml_is_refused_with_its_line);
	tcase_add_test(tc, a_file_is_one_mapping);
	tcase_add_test(tc, a_file_that_can_not_be_read_is_named);
	tcase_add_test(tc, a_file_has_at_most_1_mib);
	tcase_add_test(tc, a_long_value_is_shortened_in_the_sentence);
	tcase_add_test(tc, a_setting_of_the_command_line_goes_over_the_file);
	tcase_add_test(tc, a_setting_that_is_refused_changes_nothing);
	return suite_run("conf", (TCase *[]){tc, NULL});
}
