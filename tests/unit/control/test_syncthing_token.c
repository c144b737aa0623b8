#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "control/config.h"
#include "control/syncthing.h"
#include "tests/unit/suite.h"

static size_t wiped_len; /* of what began like the token */
static char path[32];
static char why[CONFIG_WHY_CAP];
static struct config config;
static struct syncthing s;

void __real_secret_wipe(void *p, size_t len);
void __wrap_secret_wipe(void *p, size_t len);

void
__wrap_secret_wipe(void *p, size_t len)
{
	if (len >= 6 && memcmp(p, "secret", 6) == 0)
		wiped_len = len;
	__real_secret_wipe(p, len);
}

static void
set_up(void)
{
	char setting[128];
	const char *settings[] = {"frontends=[tx3, syncthing]", setting};
	int fd;

	strcpy(path, "/tmp/test_token.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	fd_close(&fd);
	(void)snprintf(
	    setting, sizeof setting, "syncthing_token_file=%s", path);
	ck_assert_int_eq(config_load(&config, NULL, settings, 2, why), 0);
	memset(&s, 0, sizeof s);
}

static void
tear_down(void)
{
	syncthing_free(&s);
	config_free(&config);
	(void)unlink(path);
}

static int
load(const char *text, size_t len)
{
	(void)unlink(path);
	ck_assert_int_eq(fd_write_file(path, text, len, 0600), 0);
	return syncthing_load(&s, &config, why);
}

static bool
may_join(const char *token, size_t len)
{
	const struct syncthing_bytes b = {(const uint8_t *)token, len};

	return syncthing_may_join(&s, &b);
}

START_TEST(token_is_the_files_line)
{
	static const char *const LINES[] = {"secret", "secret\n", "secret\r\n"};

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(load(LINES[i], strlen(LINES[i])), 0);
		ck_assert(may_join("secret", 6));
		ck_assert(!may_join("secre", 5));
		ck_assert(!may_join("secret\0", 7));
		ck_assert(!may_join("Secret", 6));
		ck_assert(!may_join("secreT", 6));
		ck_assert(!may_join("", 0));
	}
}
END_TEST

START_TEST(token_may_fill_a_message)
{
	char longest[SYNCTHING_TEXT_MAX + 2];

	memset(longest, 'x', sizeof longest);
	memcpy(longest + SYNCTHING_TEXT_MAX, "\r\n", 2);
	ck_assert_int_eq(load(longest, sizeof longest), 0);
	longest[SYNCTHING_TEXT_MAX] = 'x';
	ck_assert(may_join(longest, SYNCTHING_TEXT_MAX));
	ck_assert_int_eq(load(longest, SYNCTHING_TEXT_MAX), 0);
	ck_assert(may_join(longest, SYNCTHING_TEXT_MAX));
	ck_assert(!may_join(longest, SYNCTHING_TEXT_MAX - 1));
	ck_assert_int_eq(load(longest, SYNCTHING_TEXT_MAX + 1), -1);
	ck_assert_ptr_nonnull(strstr(why, path));
}
END_TEST

START_TEST(nothing_is_left_of_it)
{
	static const uint8_t ZEROS[SYNCTHING_TEXT_MAX];

	ck_assert_int_eq(load("secret", 6), 0);
	wiped_len = 0;
	ck_assert(may_join("secret", 6));
	ck_assert_uint_ge(wiped_len, 6);
	syncthing_free(&s);
	ck_assert_mem_eq(s.token, ZEROS, sizeof ZEROS);
	ck_assert(!s.has_token);
}
END_TEST

START_TEST(file_without_a_token_is_refused)
{
	ck_assert_int_eq(load("", 0), -1);
	ck_assert_ptr_nonnull(strstr(why, "one line"));
	ck_assert_int_eq(load("\n", 1), -1);
	ck_assert_ptr_nonnull(strstr(why, path));
}
END_TEST

START_TEST(file_that_others_may_read_is_refused)
{
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(syncthing_load(&s, &config, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "chmod 600"));
}
END_TEST

START_TEST(without_the_frontend_the_file_is_not_read)
{
	const char *settings[] = {"syncthing_token_file=/nowhere"};

	config_free(&config);
	ck_assert_int_eq(config_load(&config, NULL, settings, 1, why), 0);
	ck_assert_int_eq(syncthing_load(&s, &config, why), 0);
	ck_assert(may_join("", 0));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("syncthing_token");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, token_is_the_files_line);
	tcase_add_test(t, token_may_fill_a_message);
	tcase_add_test(t, nothing_is_left_of_it);
	tcase_add_test(t, file_without_a_token_is_refused);
	tcase_add_test(t, file_that_others_may_read_is_refused);
	tcase_add_test(t, without_the_frontend_the_file_is_not_read);
	return suite_run("syncthing_token", (TCase *[]){t, NULL});
}
