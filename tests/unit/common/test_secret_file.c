/* Files that hold a key: who may read them, and which file that is. */
#include "common/secret_file.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char dir[] = "/tmp/test_secret_file.XXXXXX";
static char path[64], other[64], why[192];
static bool is_replaced; /* just before it is opened */

int __real_open(const char *name, int flags, ...);
int __wrap_open(const char *name, int flags, ...);

int
__wrap_open(const char *name, int flags, ...)
{
	va_list args;
	unsigned mode = 0;

	va_start(args, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(args, unsigned);
	va_end(args);
	if (is_replaced)
		ck_assert_int_eq(rename(other, path), 0);
	is_replaced = false;
	return __real_open(name, flags, mode);
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(name, "we");

	ck_assert_ptr_nonnull(f);
	(void)fputs(text, f);
	(void)fclose(f);
	ck_assert_int_eq(chmod(name, mode), 0);
}

static char *
read_it(size_t max, size_t *len)
{
	errno = 0;
	return secret_file_read(path, max, len, why, sizeof why);
}

static void
set_up(void)
{
	is_replaced = false;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/key", dir);
	(void)snprintf(other, sizeof other, "%s/other", dir);
}

static void
tear_down(void)
{
	(void)unlink(path);
	(void)unlink(other);
	(void)rmdir(dir);
}

START_TEST(its_owners_file_is_read_whole)
{
	char *text;
	size_t len;

	write_file(path, "key", 0600);
	text = read_it(3, &len);
	ck_assert_str_eq(text, "key");
	ck_assert_uint_eq(len, 3);
	secret_file_free(text, len);
}
END_TEST

static const mode_t OPEN_TO_OTHERS[] = {0640, 0620, 0610, 0604, 0602, 0601};

START_TEST(file_that_others_may_use_is_refused)
{
	size_t len;

	write_file(path, "key", OPEN_TO_OTHERS[_i]);
	ck_assert_ptr_null(read_it(3, &len));
	ck_assert_int_eq(errno, EACCES);
	ck_assert_ptr_nonnull(strstr(why, "/key: others may read it (mode 06"));
}
END_TEST

START_TEST(file_that_took_its_place_meanwhile_is_the_one_that_counts)
{
	size_t len;

	write_file(path, "key", 0600);
	write_file(other, "open", 0644);
	is_replaced = true;
	ck_assert_ptr_null(read_it(4, &len));
	ck_assert_int_eq(errno, EACCES);
	ck_assert_ptr_nonnull(strstr(why, "/key: others may read it"));
}
END_TEST

START_TEST(folder_or_device_is_no_file_whatever_its_mode)
{
	static const mode_t MODES[] = {0700, 0755};
	size_t len;

	for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
		ck_assert_int_eq(chmod(dir, MODES[i]), 0);
		ck_assert_ptr_null(
		    secret_file_read(dir, 3, &len, why, sizeof why));
		ck_assert_int_eq(errno, EINVAL);
		ck_assert_ptr_nonnull(strstr(why, ": a file is wanted here"));
	}
	ck_assert_ptr_null(
	    secret_file_read("/dev/null", 3, &len, why, sizeof why));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(pipe_is_read_like_a_file)
{
	int fds[2];
	size_t len;
	char *text;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "key", 3), 3);
	(void)close(fds[1]);
	(void)snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
	text = read_it(3, &len);
	ck_assert_str_eq(text, "key");
	secret_file_free(text, len);
	(void)close(fds[0]);
}
END_TEST

START_TEST(file_that_can_not_be_read_is_named_with_the_reason)
{
	size_t len;

	ck_assert_ptr_null(read_it(3, &len));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_nonnull(strstr(why, "/key: No such file"));
	write_file(path, "long", 0600);
	ck_assert_ptr_null(read_it(3, &len));
	ck_assert_int_eq(errno, EFBIG);
	ck_assert_ptr_nonnull(strstr(why, "/key: File too large"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("secret file");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, its_owners_file_is_read_whole);
	tcase_add_loop_test(tc, file_that_others_may_use_is_refused, 0,
	    (int)(sizeof OPEN_TO_OTHERS / sizeof *OPEN_TO_OTHERS));
	tcase_add_test(
	    tc, file_that_took_its_place_meanwhile_is_the_one_that_counts);
	tcase_add_test(tc, folder_or_device_is_no_file_whatever_its_mode);
	tcase_add_test(tc, pipe_is_read_like_a_file);
	tcase_add_test(tc, file_that_can_not_be_read_is_named_with_the_reason);
	return suite_run("secret file", (TCase *[]){tc, NULL});
}
