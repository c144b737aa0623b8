/* Streams that stand still, and what must move or end them nevertheless. */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "dataplane/leg.h"
#include "common/fd.h"
#include "tests/unit/dataplane/pump_world.h"
#include "tests/unit/suite.h"

#define BULK_LEN 65536

static uint8_t bulk[BULK_LEN];

static void
keep_urgent_bytes(void)
{
	ck_assert_int_eq(fd_set_oobinline(a[THEIRS]), 0);
	ck_assert_int_eq(fd_set_oobinline(b[THEIRS]), 0);
}

static void
put_urgent(int fd, char c)
{
	ck_assert_int_eq(send(fd, &c, 1, MSG_OOB), 1);
}

/* Read what there is, as a string behind what is in text already. */
static void
gather(int fd, char *text, size_t cap)
{
	size_t len = strlen(text);
	long n = sockets_get(fd, text + len, cap - 1 - len);

	text[len + (size_t)(n > 0 ? n : 0)] = '\0';
}

static bool
is_quiet(void)
{
	world_rounds(ROUNDS);
	return event_base_get_num_events(
		   loop_base(worker.loop), EVENT_BASE_COUNT_ACTIVE) == 0;
}

/* Until nobody on the way takes any more. */
static void
fill_up(int from)
{
	ck_assert_int_eq(fd_set_nonblock(from), 0);
	for (int i = 0; i < 1000; i++) {
		(void)!send(from, bulk, sizeof bulk, MSG_NOSIGNAL);
		world_rounds(1);
	}
}

START_TEST(urgent_bytes_stay_in_the_stream)
{
	char text[64] = "";

	world_begin((_i & 1) != 0 ? 0 : 2);
	world_join_with(false, (_i & 2) != 0 ? 1000 : 0, 0);
	keep_urgent_bytes();
	sockets_put(a[OURS], "before ", 7);
	put_urgent(a[OURS], '!');
	sockets_put(a[OURS], " after", 6);
	world_rounds(ROUNDS);
	gather(b[OURS], text, sizeof text);
	put_urgent(a[OURS], '?');
	put_urgent(a[OURS], '#');
	world_rounds(ROUNDS);
	gather(b[OURS], text, sizeof text);
	ck_assert_int_eq(shutdown(a[OURS], SHUT_WR), 0);
	world_rounds(ROUNDS);
	gather(b[OURS], text, sizeof text);
	ck_assert_str_eq(text, "before ! after?#");
	ck_assert(is_quiet());
	world_end();
}
END_TEST

START_TEST(an_urgent_byte_waits_for_a_full_sink)
{
	size_t n_got = 0;
	char last = 0;
	long n;

	world_begin(2);
	world_join(false);
	keep_urgent_bytes();
	fill_up(a[OURS]);
	while (send(a[OURS], "!", 1, MSG_OOB | MSG_DONTWAIT) == -1) {
		n = sockets_get(b[OURS], bulk, sizeof bulk);
		n_got += n > 0 ? (size_t)n : 0;
		world_rounds(1);
	}
	ck_assert_int_eq(shutdown(a[OURS], SHUT_WR), 0);
	while ((n = sockets_get(b[OURS], bulk, sizeof bulk)) != 0) {
		n_got += n > 0 ? (size_t)n : 0;
		last = n > 0 ? (char)bulk[n - 1] : last;
		world_rounds(1);
	}
	ck_assert_int_eq(last, '!');
	ck_assert_uint_eq(n_got, LIST_FIRST(&worker.pumped)->legs[0].bytes);
	world_end();
}
END_TEST

/* Pumped with both directions open, b's or its own rate in the way. */
static void
stall(int variation)
{
	world_begin((variation & 1) != 0 ? 0 : 2);
	world_join_with(false, (variation & 4) != 0 ? 1000 : 0, 0);
	if ((variation & 2) != 0) {
		ck_assert_int_eq(shutdown(b[OURS], SHUT_WR), 0);
		world_expect_end(a[OURS]);
	}
	fill_up(a[OURS]);
	ck_assert_int_ne(
	    LIST_FIRST(&worker.pumped)->legs[0].state, LEG_READING);
}

START_TEST(a_reset_behind_a_sink_that_takes_nothing_is_seen)
{
	stall(_i);
	sockets_reset(&a[OURS]);
	world_rounds(ROUNDS);
	fake_now_ms += LEG_LINGER_MS;
	world_rounds(2);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_RESET);
	world_end();
}
END_TEST

START_TEST(a_sink_that_takes_nothing_wakes_nobody)
{
	stall(_i);
	ck_assert(is_quiet());
	ck_assert_int_eq(n_ended, 0);
	world_end();
}
END_TEST

/* Both directions of a's socket are over, which poll(2) calls a hang-up; what
 * a said before is still to be read and is delivered. */
START_TEST(a_stream_that_ended_behind_a_full_sink_is_delivered)
{
	long n;

	stall(2 | _i);
	ck_assert_int_eq(shutdown(a[OURS], SHUT_WR), 0);
	world_rounds(ROUNDS);
	fake_now_ms += 10 * LEG_LINGER_MS;
	world_rounds(ROUNDS);
	ck_assert_int_eq(n_ended, 0);
	while ((n = sockets_get(b[OURS], bulk, sizeof bulk)) != 0) {
		ck_assert(n > 0 || errno == EAGAIN);
		world_rounds(1);
	}
	world_rounds(ROUNDS);
	ck_assert_int_eq(n_ended, 1);
	ck_assert_int_eq(ended->reason, REASON_FINISHED);
	world_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("pump_stalls");

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, urgent_bytes_stay_in_the_stream, 0, 4);
	tcase_add_test(t, an_urgent_byte_waits_for_a_full_sink);
	tcase_add_loop_test(
	    t, a_reset_behind_a_sink_that_takes_nothing_is_seen, 0, 8);
	tcase_add_loop_test(t, a_sink_that_takes_nothing_wakes_nobody, 0, 8);
	tcase_add_loop_test(
	    t, a_stream_that_ended_behind_a_full_sink_is_delivered, 0, 2);
	return suite_run("pump_stalls", (TCase *[]){t, NULL});
}
