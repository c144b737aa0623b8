/* The key files: made, read, and refused with a sentence. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/keyfile.h"
#include "tests/unit/suite.h"

#define KEY_TEXT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" /* 0, 1, 2 ... */

static char dir[] = "/tmp/test_keyfile.XXXXXX";
static char path[64], why[KEYFILE_WHY_CAP];

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/key", dir);
}

static void
tear_down(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

static void
write_file(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	(void)fputs(text, f);
	(void)fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(a_cluster_key_is_made_once_and_read)
{
	uint8_t one[SEAL_KEY_LEN], two[SEAL_KEY_LEN];
	struct stat st;

	ck_assert_int_eq(keyfile_save_cluster(path), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(keyfile_load_cluster(one, path, why), 0);
	ck_assert_int_eq(keyfile_save_cluster(path), -1);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(keyfile_save_cluster(path), 0);
	ck_assert_int_eq(keyfile_load_cluster(two, path, why), 0);
	ck_assert_mem_ne(one, two, SEAL_KEY_LEN);
}
END_TEST

START_TEST(a_link_key_is_read_as_it_was_printed)
{
	struct seal_link l = {.name = "edge-1", .key = {1, 2, 3}}, again;
	char text[KEYFILE_TEXT_CAP];

	write_file(keyfile_format_link(&l, text), 0600);
	ck_assert_int_eq(keyfile_load_link(&again, path, "edge-1", why), 0);
	ck_assert_str_eq(again.name, "edge-1");
	ck_assert_mem_eq(again.key, l.key, SEAL_KEY_LEN);
}
END_TEST

START_TEST(what_stands_around_the_line_does_not_matter)
{
	struct seal_link l;

	write_file("\n# a word\n\r\n carrick-link-key\tn1  " KEY_TEXT
		   " \r\n\n#carrick-link-key n2 x\n",
	    0400);
	ck_assert_int_eq(keyfile_load_link(&l, path, "n1", why), 0);
	ck_assert_uint_eq(l.key[31], 31);
}
END_TEST

START_TEST(a_file_that_others_may_read_is_refused)
{
	uint8_t key[SEAL_KEY_LEN];

	write_file("carrick-cluster-key " KEY_TEXT "\n", 0640);
	ck_assert_int_eq(keyfile_load_cluster(key, path, why), -1);
	ck_assert_ptr_nonnull(
	    strstr(why, "/key: others may read it (mode 0640): chmod 600 it"));
	ck_assert_int_eq(chmod(path, 0604), 0);
	ck_assert_int_eq(keyfile_load_cluster(key, path, why), -1);
}
END_TEST

START_TEST(what_was_missing_before_is_not_said_of_this_file)
{
	uint8_t key[SEAL_KEY_LEN];
	struct seal_link l;

	write_file("carrick-cluster-key " KEY_TEXT "\n", 0640);
	errno = ENOENT;
	ck_assert_int_eq(keyfile_load_cluster(key, path, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "/key: others may read it"));
	errno = ENOENT;
	ck_assert_int_eq(keyfile_load_link(&l, path, "n1", why), -1);
	ck_assert_ptr_nonnull(strstr(why, "/key: others may read it"));
}
END_TEST

START_TEST(a_missing_file_is_named_and_who_makes_it)
{
	uint8_t key[SEAL_KEY_LEN];
	struct seal_link l;

	ck_assert_int_eq(keyfile_load_cluster(key, path, why), -1);
	ck_assert_ptr_nonnull(strstr(
	    why, "/key: it is not there: carrick-control --init makes one"));
	ck_assert_int_eq(keyfile_load_link(&l, path, "n1", why), -1);
	ck_assert_ptr_nonnull(strstr(why, "/key: it is not there: put into it "
					  "what carrick-control node-key n1"));
}
END_TEST

static const struct {
	const char *text;
	const char *why;
} LINKS[] = {
    {"carrick-link-key n2 " KEY_TEXT, "it is the link key of node 'n2', and "
				      "this node's name is 'n1'"},
    {"carrick-cluster-key " KEY_TEXT,
	"it holds a cluster-key, and a link-key is wanted here"},
    {"", "one line is wanted in it, 'carrick-link-key NAME KEY'"},
    {"carrick-link-key n1", "one line is wanted"},
    {"carrick-link-key " KEY_TEXT, "one line is wanted"},
    {"carrick-link-key n1 " KEY_TEXT " x", "one line is wanted"},
    {"carrick-link-key n1 " KEY_TEXT "\ncarrick-link-key n1 " KEY_TEXT,
	"one line is wanted"},
    {"carrick-link-key n1 " KEY_TEXT "A", "one line is wanted"},
    {"other-key n1 " KEY_TEXT, "one line is wanted"},
};

START_TEST(another_text_is_refused_with_a_sentence)
{
	struct seal_link l;

	write_file(LINKS[_i].text, 0600);
	ck_assert_int_eq(keyfile_load_link(&l, path, "n1", why), -1);
	ck_assert_msg(strstr(why, LINKS[_i].why) != NULL, "%s", why);
	ck_assert_ptr_nonnull(strstr(why, path));
}
END_TEST

START_TEST(a_link_key_is_no_cluster_key)
{
	uint8_t key[SEAL_KEY_LEN];

	write_file("carrick-link-key n1 " KEY_TEXT, 0600);
	ck_assert_int_eq(keyfile_load_cluster(key, path, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "it holds a link-key"));
	write_file("carrick-cluster-key", 0600);
	ck_assert_int_eq(keyfile_load_cluster(key, path, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "carrick-control --init makes it"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("keyfile");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_cluster_key_is_made_once_and_read);
	tcase_add_test(tc, a_link_key_is_read_as_it_was_printed);
	tcase_add_test(tc, what_stands_around_the_line_does_not_matter);
	tcase_add_test(tc, a_file_that_others_may_read_is_refused);
	tcase_add_test(tc, what_was_missing_before_is_not_said_of_this_file);
	tcase_add_test(tc, a_missing_file_is_named_and_who_makes_it);
	tcase_add_loop_test(tc, another_text_is_refused_with_a_sentence, 0,
	    sizeof LINKS / sizeof *LINKS);
	tcase_add_test(tc, a_link_key_is_no_cluster_key);
	return suite_run("keyfile", (TCase *[]){tc, NULL});
}
