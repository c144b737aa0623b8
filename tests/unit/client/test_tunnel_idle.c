#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/tunnel.h"
#include "tests/unit/client/far.h"
#include "tests/unit/suite.h"

#define DAY_MS (24 * 3600 * 1000)

static struct loop *loop;
static struct tunnel *tunnel; /* NULL once it has ended */
static struct tunnel_result result;
static int far[2];
static uint64_t now_ms;

uint64_t __wrap_clock_boot_ms(void);

uint64_t
__wrap_clock_boot_ms(void)
{
	return now_ms;
}

static void
on_end(void *arg, const struct tunnel_result *r)
{
	(void)arg;
	result = *r;
	tunnel = NULL;
}

/* Let so much time go by, and the loop do what there is to do. */
static void
pass(uint64_t ms)
{
	now_ms += ms;
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(loop_turn(loop), 0);
}

static void
setup(void)
{
	struct stream legs[2];
	int near[2];

	now_ms = 1000;
	loop = loop_new_boot();
	for (int i = 0; i < 2; i++) {
		far_pair(&near[i], &far[i]);
		stream_from_socket(&legs[i], near[i]);
	}
	memset(&result, 0, sizeof result);
	tunnel = tunnel_start(loop, legs, on_end, NULL);
	ck_assert_ptr_nonnull(tunnel);
	pass(0);
}

static void
teardown(void)
{
	tunnel_cancel(tunnel);
	loop_free(loop);
	(void)close(far[0]);
	(void)close(far[1]);
}

START_TEST(while_no_side_has_ended_silence_has_no_limit)
{
	pass(DAY_MS);
	ck_assert_ptr_nonnull(tunnel);
}
END_TEST

START_TEST(an_hour_of_silence_after_one_sides_end_is_the_end)
{
	char c = 'x';

	ck_assert_int_eq(shutdown(far[_i], SHUT_WR), 0);
	pass(0);
	pass(TUNNEL_HALF_MS - 1);
	ck_assert_ptr_nonnull(tunnel);
	pass(1);
	ck_assert_ptr_null(tunnel);
	ck_assert(!result.finished);
	ck_assert_uint_eq(result.leg, 1 - (unsigned)_i);
	ck_assert_int_eq(result.how, STREAM_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "silent for 60 min"));
	ck_assert_int_eq(recv(far[1 - _i], &c, 1, MSG_DONTWAIT), 0);
	/* the reset: what is said now is heard by nobody */
	ck_assert_int_eq(send(far[1 - _i], &c, 1, MSG_NOSIGNAL), -1);
}
END_TEST

START_TEST(every_byte_of_the_answer_begins_the_hour_anew)
{
	char c;

	ck_assert_int_eq(shutdown(far[0], SHUT_WR), 0);
	pass(0);
	for (int i = 0; i < 3; i++) {
		pass(TUNNEL_HALF_MS - 1);
		far_write(far[1], "x", 1);
		pass(0);
		ck_assert_int_eq(recv(far[0], &c, 1, MSG_DONTWAIT), 1);
	}
	(void)shutdown(far[1], SHUT_WR);
	pass(0);
	ck_assert_ptr_null(tunnel);
	ck_assert(result.finished);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("tunnel_idle");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, while_no_side_has_ended_silence_has_no_limit);
	tcase_add_loop_test(
	    t, an_hour_of_silence_after_one_sides_end_is_the_end, 0, 2);
	tcase_add_test(t, every_byte_of_the_answer_begins_the_hour_anew);
	return suite_run("tunnel_idle", (TCase *[]){t, NULL});
}
