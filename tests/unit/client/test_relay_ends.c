/* What is said of a control stream that the relay ends. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "tests/unit/client/far.h"
#include "tests/unit/client/relay_world.h"
#include "tests/unit/suite.h"

static char record[512]; /* the newest "relay-lost" */

void __wrap_log_warn(const char *event, const char *fmt, ...) LOG_PRINTF;

void
__wrap_log_warn(const char *event, const char *fmt, ...)
{
	va_list ap;

	if (strcmp(event, "relay-lost") != 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(record, sizeof record, fmt, ap);
	va_end(ap);
}

static void
setup(void)
{
	relay_world_setup();
	record[0] = '\0';
}

/* The one registration more is there to stop the loop. */
static void
end_streams(unsigned n, bool orderly)
{
	SSL *ssl;
	char c;
	int error;

	while (n-- > 0) {
		ssl = relay_world_clear();
		if (orderly)
			(void)SSL_shutdown(ssl);
		far_hang_up(ssl);
	}
	ssl = relay_world_clear();
	(void)far_ssl_read(ssl, &c, 1, &error); /* until its goodbye */
	far_hang_up(ssl);
}

static void *
ends_one(void *arg)
{
	end_streams(1, true);
	return arg;
}

static void *
cuts_one(void *arg)
{
	end_streams(1, false);
	return arg;
}

static void *
ends_so_many(void *arg)
{
	end_streams(RELAY_EARLY_ENDS, true);
	return arg;
}

static void *
ends_one_less(void *arg)
{
	end_streams(RELAY_EARLY_ENDS - 1, true);
	return arg;
}

static void
play(unsigned n, void *(*script)(void *))
{
	w.stop_at = n + 1;
	relay_world_play(script);
	ck_assert_uint_eq(w.n_registered, n + 1);
}

START_TEST(one_that_is_ended_may_have_several_reasons)
{
	play(1, ends_one);
	ck_assert_ptr_nonnull(strstr(record, "its node drains"));
	ck_assert_ptr_nonnull(strstr(record, "restarted"));
	ck_assert_ptr_null(strstr(record, "?"));
}
END_TEST

START_TEST(one_that_is_cut_was_not_drained)
{
	play(1, cuts_one);
	ck_assert_ptr_nonnull(strstr(record, "was killed"));
	ck_assert_ptr_null(strstr(record, "drains"));
}
END_TEST

START_TEST(early_ends_in_a_row_hint_at_another_process)
{
	play(RELAY_EARLY_ENDS, ends_so_many);
	ck_assert_ptr_nonnull(
	    strstr(record, "does another process use the same identity?"));
}
END_TEST

START_TEST(one_end_less_does_not)
{
	play(RELAY_EARLY_ENDS - 1, ends_one_less);
	ck_assert_ptr_null(strstr(record, "?"));
	ck_assert_ptr_nonnull(strstr(record, "its node drains"));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("relay_ends");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, relay_world_teardown);
	tcase_add_test(t, one_that_is_ended_may_have_several_reasons);
	tcase_add_test(t, one_that_is_cut_was_not_drained);
	tcase_add_test(t, early_ends_in_a_row_hint_at_another_process);
	tcase_add_test(t, one_end_less_does_not);
	return suite_run("relay_ends", (TCase *[]){t, NULL});
}
