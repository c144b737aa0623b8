/* Sealed sessions: what is of another, or comes twice, or late, and nodes that
 * say another address. */
#include <string.h>

#include "tests/unit/control/sealed_world.h"

START_TEST(a_node_can_speak_in_its_own_session_alone)
{
	struct far core;

	get_ready(&edge);
	far_init(&core, "core", "[2001:db8::7]:7448");
	core.epoch = 0xe2;
	get_ready(&core);
	ck_assert_str_eq(fake_url, "tcp://[2001:db8::7]:7448");
	/* It knows the other's epochs: they stand in clear. */
	core.session.ours = edge.epoch;
	core.session.theirs = edge.session_epoch;
	core.epoch = edge.epoch;
	core.session_epoch = edge.session_epoch;
	seal_event(&core, beat_msg());
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
	seal_session_end(&core.session);
}
END_TEST

START_TEST(an_event_of_an_earlier_session_changes_nothing)
{
	uint8_t old[128];
	size_t old_len;

	get_ready(&edge);
	seal_event(&edge, ready_msg());
	old_len = env_len;
	memcpy(old, env, old_len);
	fake_advance(c, 2500); /* the next WELCOME names another session */
	get_ready(&edge);
	memcpy(env, old, old_len);
	env_len = old_len;
	check_refused();
	check_dropped(EVENT_DROP_STALE);
}
END_TEST

START_TEST(the_counter_of_commands_goes_on_from_session_to_session)
{
	uint64_t before;

	get_ready(&edge);
	before = c->nodes.first->seal.session.counter;
	get_ready(&edge);
	ck_assert_uint_eq(c->counters.counts[COUNT_SESSIONS], 2);
	ck_assert_uint_gt(c->nodes.first->seal.session.counter, before);
}
END_TEST

START_TEST(an_event_of_an_earlier_key_changes_nothing)
{
	struct seal_session old = {0};

	get_ready(&edge);
	ck_assert_int_eq(seal_session_begin(&old, &edge.link, SEAL_AT_NODE,
			     edge.epoch, edge.session_epoch + 1),
	    0);
	old.theirs = edge.session_epoch;
	old.counter = 100;
	seal_session_end(&edge.session);
	edge.session = old;
	seal_event(&edge, beat_msg());
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
}
END_TEST

START_TEST(a_repeat_changes_nothing)
{
	get_ready(&edge);
	seal_event(&edge, beat_msg());
	receive();
	ck_assert_uint_eq(n_dropped(), 0);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_REPEATED);
}
END_TEST

START_TEST(a_ready_said_again_changes_nothing)
{
	get_ready(&edge);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_REPEATED);
}
END_TEST

START_TEST(a_ready_of_a_session_that_is_over_changes_nothing)
{
	get_ready(&edge);
	fake_advance(c, IPC_LOST_MS + 300);
	ck_assert_uint_eq(c->nodes.first->session, 0);
	check_refused();
	check_dropped(EVENT_DROP_STALE);
}
END_TEST

START_TEST(what_comes_late_is_taken_while_the_window_reaches)
{
	uint8_t late[2][2048];
	size_t len;

	get_ready(&edge);
	for (int i = 0; i < 2; i++) {
		seal_event(&edge, beat_msg());
		memcpy(late[i], env, env_len);
	}
	len = env_len;
	/* The newest is a window minus 1 ahead of late[1], so one more of
	 * late[0]. */
	edge.session.counter += REPLAY_WINDOW - 2;
	seal_event(&edge, beat_msg());
	receive();
	memcpy(env, late[1], len);
	env_len = len;
	receive();
	ck_assert_uint_eq(n_dropped(), 0);
	memcpy(env, late[0], len);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_REPEATED);
}
END_TEST

START_TEST(a_hello_said_again_ends_no_session)
{
	uint8_t old[512];
	size_t old_len;

	seal_hello(&edge, edge.name);
	old_len = env_len;
	memcpy(old, env, old_len);
	get_ready(&edge);
	memcpy(edge.phase, "the next phase.", SEAL_PHASE_LEN);
	memcpy(env, old, old_len);
	env_len = old_len;
	receive();
	ck_assert_uint_eq(c->nodes.first->session, edge.session_epoch);
	ck_assert(!take_welcome(&edge)); /* it is for the phase before */
	seal_event(&edge, beat_msg());
	receive();
	ck_assert_uint_eq(c->nodes.first->n_pending, 7);
	ck_assert_uint_eq(n_dropped(), 0);
}
END_TEST

START_TEST(another_address_moves_no_session)
{
	get_ready(&edge);
	fake_advance(c, 2000);
	fake_forget_commands();
	ck_assert_int_eq(addr_parse(&edge.commands, "192.0.2.8:7448"), 0);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 1);
	fake_no_command();
	check_dropped(EVENT_DROP_NODE_ELSEWHERE);
	fake_advance(c, IPC_LOST_MS);
	ck_assert_uint_eq(c->nodes.first->session, 0);
	fake_forget_commands();
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
	ck_assert_str_eq(fake_url, "tcp://192.0.2.8:7448");
	ck_assert(take_welcome(&edge));
}
END_TEST

START_TEST(two_addresses_take_turns_slowly)
{
	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	ck_assert_int_eq(addr_parse(&edge.commands, "192.0.2.8:7448"), 0);
	fake_advance(c, NODE_LINK_MOVE_MS - 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 1);
	fake_no_command();
	fake_advance(c, 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
	ck_assert(take_welcome(&edge));
}
END_TEST

START_TEST(a_link_that_brings_no_session_is_made_anew)
{
	say_hello(&edge);
	fake_advance(c, NODE_LINK_RENEW_MS - 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 1);
	fake_advance(c, 50);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
	fake_forget_commands();
	fake_advance(c, NODE_LINK_RENEW_MS - 50);
	get_ready(&edge);
	say_hello(&edge);
	fake_advance(c, NODE_LINK_RENEW_MS);
	say_hello(&edge);
	ck_assert_uint_eq(fake_n_links, 2);
}
END_TEST

static TCase *
sessions(void)
{
	TCase *t = tcase_create("sessions");

	tcase_add_checked_fixture(
	    t, sealed_world_set_up, sealed_world_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_node_can_speak_in_its_own_session_alone);
	tcase_add_test(t, an_event_of_an_earlier_session_changes_nothing);
	tcase_add_test(
	    t, the_counter_of_commands_goes_on_from_session_to_session);
	tcase_add_test(t, an_event_of_an_earlier_key_changes_nothing);
	tcase_add_test(t, a_repeat_changes_nothing);
	tcase_add_test(t, a_ready_said_again_changes_nothing);
	tcase_add_test(t, a_ready_of_a_session_that_is_over_changes_nothing);
	tcase_add_test(t, what_comes_late_is_taken_while_the_window_reaches);
	tcase_add_test(t, a_hello_said_again_ends_no_session);
	return t;
}

static TCase *
links(void)
{
	TCase *t = tcase_create("links");

	tcase_add_checked_fixture(
	    t, sealed_world_set_up, sealed_world_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, another_address_moves_no_session);
	tcase_add_test(t, two_addresses_take_turns_slowly);
	tcase_add_test(t, a_link_that_brings_no_session_is_made_anew);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {sessions(), links(), NULL};

	return suite_run("seal_sessions", CASES);
}
