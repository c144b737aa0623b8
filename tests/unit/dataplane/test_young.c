/* Pairs that the main thread pumps, until they outgrow it. */
#include <check.h>
#include <string.h>

#include "tests/unit/dataplane/stop_world.h"
#include "tests/unit/suite.h"

static const struct pair *
the_pair(void)
{
	return LIST_FIRST(&n->pairs.list);
}

static bool
is_young(void)
{
	return the_pair()->worker == &n->workers[0];
}

START_TEST(the_main_thread_alone_moves_what_a_young_pair_says)
{
	int peers[2];
	char said[4];

	world_make_pair(peers, IPC_DRAIN_WAITS);
	sockets_put(peers[1], "ping", 4);
	ck_assert_int_eq(loop_turn(n->loop), 0);
	ck_assert_int_eq(sockets_get(peers[0], said, 1), 1); /* said before */
	ck_assert_int_eq(sockets_get(peers[0], said, 4), 4);
	ck_assert_mem_eq(said, "ping", 4);
	ck_assert(is_young());
	fixture_expect(peers[1], "a");
	world_part(peers);
	ck_assert_uint_eq(n->workers[0].n_pairs, 0);
	ck_assert_int_eq(world_how_pair_ended(), REASON_FINISHED);
}
END_TEST

START_TEST(a_pair_is_young_up_to_the_last_byte)
{
	static uint8_t bytes[WORKER_YOUNG_LEN];
	int peers[2];

	world_make_pair(peers, IPC_DRAIN_WAITS);
	fixture_expect(peers[0], "b");
	fixture_expect(peers[1], "a");
	sockets_put(peers[0], bytes, sizeof bytes - 3); /* two were said */
	fixture_rounds(5);
	ck_assert_uint_eq(the_pair()->legs[0].bytes + the_pair()->legs[1].bytes,
	    WORKER_YOUNG_LEN - 1);
	ck_assert(is_young());
	sockets_put(peers[1], bytes, 1);
	fixture_rounds(5);
	ck_assert(!is_young());
	ck_assert_uint_eq(n->workers[0].n_pairs, 0);
	ck_assert_uint_eq(the_pair()->worker->n_pairs, 1);
	world_part(peers);
}
END_TEST

/* Byte i of the stream that tests send. */
static uint8_t
byte_at(size_t i)
{
	return (uint8_t)(i * 31 + i / 4093);
}

static void
send_from(int fd, size_t at, size_t len)
{
	uint8_t bytes[1024];

	ck_assert_uint_le(len, sizeof bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = byte_at(at + i);
	sockets_put(fd, bytes, len);
}

static size_t
check_from(int fd, size_t at)
{
	uint8_t bytes[4096];
	long len = sockets_get(fd, bytes, sizeof bytes);

	for (long i = 0; i < len; i++)
		ck_assert_uint_eq(bytes[i], byte_at(at + (size_t)i));
	return len > 0 ? (size_t)len : 0;
}

START_TEST(no_byte_is_lost_where_a_pair_is_passed_on)
{
	size_t sent = 0, came = 0;
	int peers[2];

	world_make_pair(peers, IPC_DRAIN_WAITS);
	fixture_expect(peers[0], "b");
	fixture_expect(peers[1], "a");
	for (; sent < 3 * WORKER_YOUNG_LEN; sent += 1024) {
		send_from(peers[0], sent, 1024);
		fixture_rounds(1);
		came += check_from(peers[1], came);
	}
	for (int i = 0; i < 50 && came < sent; i++) {
		fixture_rounds(1);
		came += check_from(peers[1], came);
	}
	ck_assert_uint_eq(came, sent);
	ck_assert(!is_young());
	world_part(peers);
	ck_assert_int_eq(world_how_pair_ended(), REASON_FINISHED);
}
END_TEST

/* Its sink takes nothing: it waits where it is, and goes on there. */
START_TEST(a_pair_whose_sink_is_full_is_passed_on_as_it_is)
{
	static uint8_t bytes[WORKER_YOUNG_LEN];
	size_t sent = 0, came = 0;
	int peers[2];

	world_make_pair(peers, IPC_DRAIN_WAITS);
	fixture_expect(peers[1], "a");
	for (int i = 0; i < 200; i++) {
		send_from(peers[0], sent, 1024);
		sent += 1024;
		fixture_rounds(1);
	}
	ck_assert(!is_young());
	for (int i = 0; i < 1000 && came < sent; i++) {
		fixture_rounds(1);
		came += check_from(peers[1], came);
	}
	ck_assert_uint_eq(came, sent);
	sockets_put(peers[1], bytes, sizeof bytes);
	fixture_rounds(20);
	ck_assert_int_gt(sockets_get(peers[0], bytes, sizeof bytes), 0);
	world_part(peers);
}
END_TEST

START_TEST(an_orphan_that_was_passed_on_late_ends_all_the_same)
{
	struct ipc_msg m = {.type = IPC_WELCOME, .from = NEXT_SESSION};
	static uint8_t bytes[WORKER_YOUNG_LEN];
	int peers[2];

	world_make_pair(peers, IPC_DRAIN_ENDS);
	ck_assert(is_young());
	sockets_put(peers[0], bytes, sizeof bytes);
	m.u.welcome.start = 7; /* another than before */
	fixture_command(&m);
	for (size_t i = 1; i < n->n_workers; i++) /* threads are done first */
		ck_assert_int_eq(loop_turn(n->workers[i].loop), 0);
	fixture_rounds(5);
	ck_assert_uint_eq(n->pairs.n, 0);
	ck_assert_int_eq(world_how_pair_ended(), REASON_CONTROL_LOST);
	world_part(peers);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("young");

	tcase_add_checked_fixture(t, world_begin, fixture_end);
	tcase_add_test(t, the_main_thread_alone_moves_what_a_young_pair_says);
	tcase_add_test(t, a_pair_is_young_up_to_the_last_byte);
	tcase_add_test(t, no_byte_is_lost_where_a_pair_is_passed_on);
	tcase_add_test(t, a_pair_whose_sink_is_full_is_passed_on_as_it_is);
	tcase_add_test(t, an_orphan_that_was_passed_on_late_ends_all_the_same);
	return suite_run("young", (TCase *[]){t, NULL});
}
