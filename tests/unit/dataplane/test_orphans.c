/* Control streams of a control that is no more, whose end nobody heard. */
#include <check.h>

#include "common/fd.h"
#include "tests/unit/dataplane/fixture.h"
#include "tests/unit/suite.h"

#define START	   0x57a47u
#define NEXT_START 0x57a48u

static struct node *n;
static uint64_t session;

/* Another session, with this start of control. */
static void
welcome(uint64_t start)
{
	struct ipc_msg m = {.type = IPC_WELCOME, .from = ++session};

	m.u.welcome.start = start;
	fixture_command(&m);
}

static void
begin(void)
{
	n = fixture_begin(NULL);
	fixture_rounds(1);
	session = SESSION;
	welcome(START);
}

/* A pair; only control's own are not waited for by a drain. */
static void
command_pair(int peers[2], enum ipc_on_drain on_drain)
{
	struct ipc_msg m = fixture_pair(fixture_open(&peers[0], false, "a"),
	    fixture_open(&peers[1], false, "b"));

	m.from = session;
	m.u.conn_pair.limits.on_drain = (uint8_t)on_drain;
	fixture_command(&m);
}

static void
part(int peers[2])
{
	fd_close(&peers[0]);
	fd_close(&peers[1]);
}

static void
check_ended(size_t n_ended)
{
	ck_assert_uint_eq(fixture_count(IPC_PAIR_ENDED), n_ended);
	if (n_ended > 0)
		ck_assert_int_eq(
		    fixture_event(IPC_PAIR_ENDED, 0)->u.pair_ended.reason,
		    REASON_CONTROL_LOST);
}

START_TEST(a_new_start_of_control_ends_the_streams_of_the_old_and_no_call)
{
	int stream[2], call[2];
	char said[2];

	command_pair(stream, IPC_DRAIN_ENDS);
	command_pair(call, IPC_DRAIN_WAITS);
	fixture_rounds(3);
	welcome(NEXT_START);
	fixture_rounds(3);
	check_ended(1);
	ck_assert_uint_eq(n->pairs.n, 1);
	sockets_put(call[0], "x", 1);
	fixture_rounds(3);
	ck_assert_int_eq(sockets_get(call[1], said, 2), 2);
	ck_assert_int_eq(said[1], 'x'); /* behind the first bytes of call[0] */
	part(stream);
	part(call);
}
END_TEST

START_TEST(another_session_of_the_same_start_ends_nothing)
{
	int stream[2];

	command_pair(stream, IPC_DRAIN_ENDS);
	fixture_rounds(3);
	welcome(START);
	fixture_rounds(3);
	check_ended(0);
	ck_assert_uint_eq(n->pairs.n, 1);
	part(stream);
}
END_TEST

START_TEST(a_stream_of_the_new_start_lives_however_late_the_worker_is)
{
	int old[2], fresh[2];

	command_pair(old, IPC_DRAIN_ENDS);
	fixture_rounds(3);
	welcome(NEXT_START);
	command_pair(fresh, IPC_DRAIN_ENDS);
	fixture_rounds(3);
	check_ended(1);
	ck_assert_uint_eq(n->pairs.n, 1);
	part(old);
	part(fresh);
}
END_TEST

START_TEST(a_stream_that_no_worker_has_yet_is_an_orphan_too)
{
	int stream[2];

	command_pair(stream, IPC_DRAIN_ENDS);
	welcome(NEXT_START);
	fixture_rounds(3);
	check_ended(1);
	ck_assert_uint_eq(n->pairs.n, 0);
	part(stream);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("orphans");

	tcase_add_checked_fixture(t, begin, fixture_end);
	tcase_add_test(
	    t, a_new_start_of_control_ends_the_streams_of_the_old_and_no_call);
	tcase_add_test(t, another_session_of_the_same_start_ends_nothing);
	tcase_add_test(
	    t, a_stream_of_the_new_start_lives_however_late_the_worker_is);
	tcase_add_test(t, a_stream_that_no_worker_has_yet_is_an_orphan_too);
	return suite_run("orphans", (TCase *[]){t, NULL});
}
