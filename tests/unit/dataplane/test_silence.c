/* What the log says of a control that a node hears nothing of. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "tests/unit/dataplane/fixture.h"
#include "tests/unit/suite.h"

static struct records {
	const char *event;
	unsigned n;
	char newest[512];
} unreached, unanswered;

void __wrap_log_warn(const char *event, const char *fmt, ...) LOG_PRINTF;

void
__wrap_log_warn(const char *event, const char *fmt, ...)
{
	struct records *r =
	    strcmp(event, "control-silent") == 0 ? &unanswered : &unreached;
	va_list ap;

	if (strcmp(event, "control-lost") == 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(r->newest, sizeof r->newest, fmt, ap);
	va_end(ap);
	r->event = event;
	r->n++;
}

static void
set_up(void)
{
	unreached = unanswered = (struct records){0};
	(void)fixture_begin(NULL);
}

/* So many of the link's. */
static void
ticks(unsigned n)
{
	while (n-- > 0)
		fixture_advance(LINK_TICK_MS);
}

START_TEST(nobody_reached_is_said_after_five_seconds_and_each_minute)
{
	fake_links.connected = false;
	ticks(SILENCE_FIRST - 1);
	ck_assert_uint_eq(unreached.n, 0);
	ticks(1);
	ck_assert_uint_eq(unreached.n, 1);
	ck_assert_str_eq(unreached.event, "control-unreached");
	ck_assert_ptr_nonnull(
	    strstr(unreached.newest, " way=\"faked\" error=\"none\" "));
	ticks(SILENCE_AGAIN - 1);
	ck_assert_uint_eq(unreached.n, 1);
	ticks(1);
	ck_assert_uint_eq(unreached.n, 2);
	ck_assert_uint_eq(unanswered.n, 0);
	fixture_end();
}
END_TEST

START_TEST(hellos_unanswered_are_said_after_five_seconds_and_each_minute)
{
	ticks(SILENCE_FIRST - 1);
	ck_assert_uint_eq(unanswered.n, 0);
	ticks(1);
	ck_assert_uint_eq(unanswered.n, 1);
	ck_assert_ptr_nonnull(
	    strstr(unanswered.newest, "no hello was answered"));
	ticks(SILENCE_AGAIN - 1);
	ck_assert_uint_eq(unanswered.n, 1);
	ticks(1);
	ck_assert_uint_eq(unanswered.n, 2);
	ck_assert_uint_eq(unreached.n, 0);
	fixture_end();
}
END_TEST

START_TEST(a_way_that_is_made_anew_is_not_one_that_leads_nowhere)
{
	for (unsigned i = 0; i < 30 * SILENCE_FIRST; i++) {
		fake_links.connected = i % 12 != 0;
		ticks(1);
	}
	ck_assert_uint_gt(unanswered.n, 0);
	ck_assert_uint_eq(unreached.n, 0);
	fixture_end();
}
END_TEST

START_TEST(a_session_ends_a_silence_and_its_loss_begins_one)
{
	ticks(SILENCE_FIRST - 1);
	fixture_welcome(SESSION);
	ticks(SILENCE_AGAIN);
	fixture_lose(); /* one is due at once */
	ticks(SILENCE_FIRST - 2);
	ck_assert_uint_eq(unanswered.n, 0);
	ticks(1);
	ck_assert_uint_eq(unanswered.n, 1);
	fixture_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("silence");

	tcase_set_timeout(t, 20);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(
	    t, nobody_reached_is_said_after_five_seconds_and_each_minute);
	tcase_add_test(
	    t, hellos_unanswered_are_said_after_five_seconds_and_each_minute);
	tcase_add_test(
	    t, a_way_that_is_made_anew_is_not_one_that_leads_nowhere);
	tcase_add_test(t, a_session_ends_a_silence_and_its_loss_begins_one);
	return suite_run("silence", (TCase *[]){t, NULL});
}
