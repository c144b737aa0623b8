#include <check.h>
#include <errno.h>
#include <string.h>

#include "common/nnlink.h"

static void
on_any(void *arg, const void *p, size_t len)
{
	(void)arg;
	(void)p;
	(void)len;
}

static const struct {
	const char *url;
	const char *why; /* a part of it; NULL = fine */
} URLS[] = {
    {"ipc:///run/carrick/control.events.ipc", NULL},
    {"", "it must begin with ipc://"},
    {"ipc", "it must begin with ipc://"},
    {"inproc://x", "it must begin with ipc://"},
    {"tcp://127.0.0.1:7444", "tcp:// is not to be had yet"},
    {"ipc://", "an absolute path must follow"},
    {"ipc://run/x", "an absolute path must follow"},
    {"ipc:///", "it must end in the name of a socket"},
    {"ipc:///run/carrick/", "it must end in the name of a socket"},
};

START_TEST(a_url_that_would_harm_is_refused)
{
	const char *url = URLS[_i].url, *why = NULL;
	struct loop *loop = loop_new();

	if (URLS[_i].why == NULL) {
		ck_assert_int_eq(nnlink_check_url(url, &why), 0);
	} else {
		ck_assert_int_eq(nnlink_check_url(url, &why), -1);
		ck_assert_msg(strstr(why, URLS[_i].why) != NULL, "%s", why);
		ck_assert_ptr_null(nnlink_out_new(loop, url, 1));
		ck_assert_int_eq(errno, EINVAL);
		ck_assert_ptr_null(
		    nnlink_in_new(loop, url, 0600, 1, on_any, NULL, NULL));
		ck_assert_int_eq(errno, EINVAL);
	}
	loop_free(loop);
}
END_TEST

START_TEST(a_path_has_at_most_107_bytes)
{
	char long_url[6 + 109] = "ipc:///";
	const char *why;

	memset(long_url + 7, 'x', 107);
	long_url[6 + 107] = '\0';
	ck_assert_int_eq(nnlink_check_url(long_url, &why), 0);
	long_url[6 + 107] = 'x';
	long_url[6 + 108] = '\0';
	ck_assert_int_eq(nnlink_check_url(long_url, &why), -1);
	ck_assert_ptr_nonnull(strstr(why, "longer than 107 bytes"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nnlink url");
	TCase *tc = tcase_create("nnlink url");
	SRunner *runner = srunner_create(s);
	int failures;

	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, a_url_that_would_harm_is_refused, 0,
	    sizeof URLS / sizeof *URLS);
	tcase_add_test(tc, a_path_has_at_most_107_bytes);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
