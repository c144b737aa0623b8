#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/profile.h"
#include "tests/unit/suite.h"

static char folder[] = "/tmp/carrick-test.XXXXXX";
static char path[PROFILE_PATH_CAP];
static struct fault fault;

/* Each test runs in a process of its own: folder is a template again. */
static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/a/b/identity.pem", folder);
}

static void
teardown(void)
{
	static const char *const parts[] = {
	    "/a/b/identity.pem", "/a/b", "/a", ""};
	char name[PROFILE_PATH_CAP];

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		(void)snprintf(name, sizeof name, "%s%s", folder, parts[i]);
		(void)remove(name);
	}
}

START_TEST(the_default_place_is_in_the_users_configuration)
{
	char buf[PROFILE_PATH_CAP];

	(void)setenv("HOME", "/home/x", 1);
	(void)unsetenv("XDG_CONFIG_HOME");
	ck_assert_int_eq(profile_default_path(buf, &fault), 0);
	ck_assert_str_eq(buf, "/home/x/.config/carrick/identity.pem");
	(void)setenv("XDG_CONFIG_HOME", "/c", 1);
	ck_assert_int_eq(profile_default_path(buf, &fault), 0);
	ck_assert_str_eq(buf, "/c/carrick/identity.pem");
	(void)setenv("XDG_CONFIG_HOME", "relative", 1);
	ck_assert_int_eq(profile_default_path(buf, &fault), 0);
	ck_assert_str_eq(buf, "/home/x/.config/carrick/identity.pem");
}
END_TEST

START_TEST(without_a_home_there_is_no_default_place)
{
	char buf[PROFILE_PATH_CAP], longest[PROFILE_PATH_CAP];

	(void)unsetenv("HOME");
	(void)unsetenv("XDG_CONFIG_HOME");
	ck_assert_int_eq(profile_default_path(buf, &fault), -1);
	ck_assert_int_eq(fault.code, EXITCODE_CONFIG);
	ck_assert_ptr_nonnull(strstr(fault.text, "--identity"));
	memset(longest, '/', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	(void)setenv("HOME", longest, 1);
	ck_assert_int_eq(profile_default_path(buf, &fault), -1);
}
END_TEST

START_TEST(what_was_made_is_loaded_again)
{
	struct identity *made = profile_make(path, &fault), *loaded;
	struct stat st;

	ck_assert_ptr_nonnull(made);
	loaded = profile_load(path, &fault);
	ck_assert_ptr_nonnull(loaded);
	ck_assert_mem_eq(loaded->digest, made->digest, DIGEST_LEN);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	identity_free(made);
	identity_free(loaded);
}
END_TEST

START_TEST(what_exists_is_not_made_again)
{
	struct identity *made = profile_make(path, &fault);

	ck_assert_ptr_nonnull(made);
	identity_free(made);
	ck_assert_ptr_null(profile_make(path, &fault));
	ck_assert_int_eq(fault.code, EXITCODE_CONFIG);
	ck_assert_ptr_nonnull(strstr(fault.text, "exists"));
}
END_TEST

START_TEST(an_identity_that_is_missing_can_be_made)
{
	ck_assert_ptr_null(profile_load(path, &fault));
	ck_assert_int_eq(fault.code, EXITCODE_CONFIG);
	ck_assert_ptr_nonnull(strstr(fault.text, path));
	ck_assert_ptr_nonnull(strstr(fault.text, "carrick id --new"));
}
END_TEST

START_TEST(a_folder_that_can_not_be_made_is_named)
{
	ck_assert_ptr_null(profile_make("/proc/carrick/identity", &fault));
	ck_assert_int_eq(fault.code, EXITCODE_CONFIG);
	ck_assert_ptr_nonnull(strstr(fault.text, "/proc/carrick"));
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
	char longest[PROFILE_PATH_CAP + 1];

	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	ck_assert_ptr_null(profile_make(longest, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "too long"));
}
END_TEST

START_TEST(a_caller_without_a_file_is_somebody_new_each_time)
{
	struct identity *a = profile_caller(NULL, &fault);
	struct identity *b = profile_caller(NULL, &fault);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_mem_ne(a->digest, b->digest, DIGEST_LEN);
	identity_free(a);
	identity_free(b);
	ck_assert_ptr_null(profile_caller(path, &fault));
}
END_TEST

START_TEST(both_roles_have_a_context)
{
	struct identity *id = profile_caller(NULL, &fault);
	SSL_CTX *client = profile_context(TLS_ROLE_CLIENT, id, &fault);
	SSL_CTX *server = profile_context(TLS_ROLE_SERVER, id, &fault);

	ck_assert_ptr_nonnull(client);
	ck_assert_ptr_nonnull(server);
	SSL_CTX_free(client);
	SSL_CTX_free(server);
	identity_free(id);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("profile");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_default_place_is_in_the_users_configuration);
	tcase_add_test(t, without_a_home_there_is_no_default_place);
	tcase_add_test(t, what_was_made_is_loaded_again);
	tcase_add_test(t, what_exists_is_not_made_again);
	tcase_add_test(t, an_identity_that_is_missing_can_be_made);
	tcase_add_test(t, a_folder_that_can_not_be_made_is_named);
	tcase_add_test(t, a_path_that_is_too_long_is_refused);
	tcase_add_test(t, a_caller_without_a_file_is_somebody_new_each_time);
	tcase_add_test(t, both_roles_have_a_context);
	return suite_run("profile", (TCase *[]){t, NULL});
}
