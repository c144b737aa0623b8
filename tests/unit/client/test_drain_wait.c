/* What a sequence of statuses says of a node that was told to drain. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/drain_wait.h"
#include "tests/unit/suite.h"

enum { BEGAN_MS = 1000, TIME_S = 30, UP_S = 100 };

static struct drain_wait w;
static char *told;

static json_t *status_with(int up_s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* nodes' text, of a control that is up for so long. */
static json_t *
status_with(int up_s, const char *fmt, ...)
{
	char nodes[512], text[640];
	json_t *status;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(nodes, sizeof nodes, fmt, ap);
	va_end(ap);
	(void)snprintf(text, sizeof text,
	    "{\"uptime_s\": %d, \"nodes\": [{\"name\": \"other\"}%s]}", up_s,
	    nodes);
	status = json_loads(text, 0, NULL);
	ck_assert_msg(status != NULL, "%s", text);
	return status;
}

static json_t *
status_of(const char *state, int start, const char *more)
{
	return status_with(UP_S,
	    ", {\"name\": \"n1\", \"state\": \"%s\", \"starts\": %d%s}", state,
	    start, more);
}

static enum drain_answer
look(json_t *status, uint64_t now_ms)
{
	enum drain_answer answer = drain_wait_look(&w, status, now_ms);

	json_decref(status);
	return answer;
}

static void
set_up(void)
{
	json_t *status = status_of("ready", 3, "");

	drain_wait_begin(&w, "n1", status, TIME_S, BEGAN_MS);
	json_decref(status);
}

static void
tear_down(void)
{
	free(told);
	told = NULL;
}

static const char *
tell(uint64_t now_ms)
{
	size_t len;
	FILE *f;

	free(told);
	f = open_memstream(&told, &len);
	ck_assert_ptr_nonnull(f);
	drain_wait_tell(&w, now_ms, f);
	ck_assert_int_eq(fclose(f), 0);
	return told;
}

START_TEST(a_goodbye_of_its_process_is_its_end)
{
	ck_assert_int_eq(
	    look(status_of("ready", 3, ""), BEGAN_MS), DRAIN_GOES_ON);
	ck_assert_int_eq(
	    look(status_of("draining", 3, ", \"drain_left_s\": 30"), BEGAN_MS),
	    DRAIN_GOES_ON);
	ck_assert_int_eq(look(status_of("away", 3,
				  ", \"goodbye\": {\"start\": 3, \"cut\": 7}"),
			     BEGAN_MS + 1),
	    DRAIN_ENDED);
	ck_assert_int_eq(w.n_cut, 7);
}
END_TEST

START_TEST(the_next_process_of_its_name_hides_no_goodbye)
{
	ck_assert_int_eq(look(status_of("ready", 4,
				  ", \"goodbye\": {\"start\": 3, \"cut\": 0}"),
			     BEGAN_MS + 1),
	    DRAIN_ENDED);
	ck_assert_int_eq(w.n_cut, 0);
}
END_TEST

START_TEST(a_goodbye_of_an_earlier_process_is_none)
{
	ck_assert_int_eq(look(status_of("ready", 3,
				  ", \"goodbye\": {\"start\": 2, \"cut\": 7}"),
			     BEGAN_MS + 1),
	    DRAIN_GOES_ON);
}
END_TEST

START_TEST(the_next_process_without_a_goodbye_tells_of_a_loss)
{
	ck_assert_int_eq(look(status_of("ready", 4,
				  ", \"goodbye\": {\"start\": 2, \"cut\": 7}"),
			     BEGAN_MS + 1),
	    DRAIN_LOST);
}
END_TEST

START_TEST(one_that_is_forgotten_is_lost)
{
	ck_assert_int_eq(
	    look(status_with(UP_S, "%s", ""), BEGAN_MS + 1), DRAIN_LOST);
}
END_TEST

/* A control that has just begun numbers anew, and knows nobody at first. */
START_TEST(a_control_that_was_restarted_is_given_time)
{
	ck_assert_int_eq(
	    look(status_with(DRAIN_WAIT_SETTLED_S - 1, "%s", ""), BEGAN_MS),
	    DRAIN_GOES_ON);
	ck_assert_int_eq(
	    look(status_of("draining", 1, ", \"drain_left_s\": 5"), BEGAN_MS),
	    DRAIN_GOES_ON);
	ck_assert_int_eq(look(status_of("away", 1,
				  ", \"goodbye\": {\"start\": 1, \"cut\": 0}"),
			     BEGAN_MS),
	    DRAIN_ENDED);
	ck_assert_int_eq(
	    look(status_with(DRAIN_WAIT_SETTLED_S, "%s", ""), BEGAN_MS),
	    DRAIN_LOST);
}
END_TEST

/* A name that a hello said, and no session yet: that tells of no end. */
START_TEST(a_name_without_a_session_so_far_is_as_one_that_is_not_known)
{
	const char *said = ", {\"name\": \"n1\", \"state\": \"away\", "
			   "\"starts\": 0}";

	ck_assert_int_eq(
	    look(status_with(DRAIN_WAIT_SETTLED_S - 1, "%s", said), BEGAN_MS),
	    DRAIN_GOES_ON);
	ck_assert(!w.seen.is_heard);
	ck_assert_int_eq(
	    look(status_of("draining", 1, ", \"drain_left_s\": 5"), BEGAN_MS),
	    DRAIN_GOES_ON);
	ck_assert_int_eq(
	    look(status_with(DRAIN_WAIT_SETTLED_S, "%s", said), BEGAN_MS),
	    DRAIN_LOST);
}
END_TEST

START_TEST(it_has_its_time_and_a_grace)
{
	const uint64_t until_ms =
	    BEGAN_MS + 1000 * TIME_S + DRAIN_WAIT_GRACE_MS;

	ck_assert_int_eq(
	    look(status_of("away", 3, ""), until_ms - 1), DRAIN_GOES_ON);
	ck_assert_int_eq(
	    look(status_of("away", 3, ""), until_ms), DRAIN_OVERDUE);
	ck_assert(!w.seen.is_heard);
	ck_assert_int_eq(
	    look(status_with(1, "%s", ""), until_ms - 1), DRAIN_GOES_ON);
	ck_assert_int_eq(
	    look(status_with(1, "%s", ""), until_ms), DRAIN_OVERDUE);
}
END_TEST

START_TEST(the_time_is_what_the_node_has_left)
{
	const char *left = ", \"drain_left_s\": 100";
	const uint64_t until_ms = BEGAN_MS + 100000 + DRAIN_WAIT_GRACE_MS;

	ck_assert_int_eq(
	    look(status_of("draining", 3, left), BEGAN_MS), DRAIN_GOES_ON);
	ck_assert_int_eq(
	    look(status_of("away", 3, ""), until_ms - 1), DRAIN_GOES_ON);
	ck_assert_int_eq(
	    look(status_of("away", 3, ""), until_ms), DRAIN_OVERDUE);
}
END_TEST

START_TEST(progress_is_told_when_there_is_news_or_none_for_long)
{
	const char *many = ", \"drain_left_s\": 30, \"pairs\": 5, "
			   "\"pending\": 2",
		   *few =
		       ", \"drain_left_s\": 29, \"pairs\": 4, \"pending\": 2";

	(void)look(status_of("ready", 3, ", \"pairs\": 5"), BEGAN_MS);
	ck_assert_str_eq(tell(BEGAN_MS), "");
	(void)look(status_of("draining", 3, many), BEGAN_MS);
	ck_assert_str_eq(
	    tell(BEGAN_MS), "n1: pairs 5, pending connections 2, 30 s left\n");
	(void)look(status_of("draining", 3, few), BEGAN_MS + 500);
	ck_assert_str_eq(tell(BEGAN_MS + DRAIN_WAIT_NEWS_MS - 1), "");
	ck_assert_str_eq(tell(BEGAN_MS + DRAIN_WAIT_NEWS_MS),
	    "n1: pairs 4, pending connections 2, 29 s left\n");
	ck_assert_str_eq(
	    tell(BEGAN_MS + DRAIN_WAIT_NEWS_MS + DRAIN_WAIT_QUIET_MS - 1), "");
	ck_assert_str_ne(
	    tell(BEGAN_MS + DRAIN_WAIT_NEWS_MS + DRAIN_WAIT_QUIET_MS), "");
}
END_TEST

START_TEST(that_nothing_is_heard_is_told_too)
{
	(void)look(status_of("away", 3, ""), BEGAN_MS);
	ck_assert_str_eq(tell(BEGAN_MS), "n1: control hears nothing of it\n");
}
END_TEST

/* Whoever answers on that socket: nothing of it is believed to be there. */
START_TEST(a_status_that_is_none_is_no_node)
{
	static const char *const TEXTS[] = {"[]", "{}", "{\"nodes\": 7}",
	    "{\"nodes\": [7, {}, {\"name\": 7}]}"};

	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
		ck_assert_int_eq(look(json_loads(TEXTS[i], 0, NULL), BEGAN_MS),
		    DRAIN_GOES_ON);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("drain_wait");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_goodbye_of_its_process_is_its_end);
	tcase_add_test(t, the_next_process_of_its_name_hides_no_goodbye);
	tcase_add_test(t, a_goodbye_of_an_earlier_process_is_none);
	tcase_add_test(t, the_next_process_without_a_goodbye_tells_of_a_loss);
	tcase_add_test(t, one_that_is_forgotten_is_lost);
	tcase_add_test(t, a_control_that_was_restarted_is_given_time);
	tcase_add_test(
	    t, a_name_without_a_session_so_far_is_as_one_that_is_not_known);
	tcase_add_test(t, it_has_its_time_and_a_grace);
	tcase_add_test(t, the_time_is_what_the_node_has_left);
	tcase_add_test(t, progress_is_told_when_there_is_news_or_none_for_long);
	tcase_add_test(t, that_nothing_is_heard_is_told_too);
	tcase_add_test(t, a_status_that_is_none_is_no_node);
	return suite_run("drain_wait", (TCase *[]){t, NULL});
}
