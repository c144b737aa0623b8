/* A node whose control is on another host: what is not sealed as it must be is
 * counted, and changes nothing else. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/dataplane/far_node.h"
#include "tests/unit/proto/ipc_samples.h"
#include "tests/unit/suite.h"

#define SESSION 0x5e5510u
#define NEXT	0x5e5511u

static uint8_t env[SEAL_MSG_CAP];
static size_t env_len;

static void
set_up(void)
{
	far_begin("tcp://127.0.0.1:7447");
	far_rounds(1);
}

static uint64_t
count(enum figure f)
{
	return far.node->account.counters[f];
}

static uint64_t
refused(void)
{
	return count(FIGURE_IPC_BAD) + count(FIGURE_IPC_STALE) +
	       count(FIGURE_SEAL_FORGED) + count(FIGURE_SEAL_REPEATED);
}

/* All that a command could change. */
struct state {
	uint64_t session, lost, heard_ms, n_received;
	struct replay replay;
	unsigned n_sent;
	bool has_phase, losing;
};

static struct state
state_now(void)
{
	const struct node *n = far.node;
	struct state s;

	memset(&s, 0, sizeof s);
	s.session = n->link.session;
	s.lost = n->link.lost;
	s.heard_ms = n->link.heard_ms;
	s.n_received = count(FIGURE_IPC_RECEIVED);
	s.replay = n->sealed.session.replay;
	s.n_sent = far.n_sent;
	s.has_phase = n->sealed.has_phase;
	s.losing = n->link.losing;
	return s;
}

static void
check_refused(void)
{
	struct state before = state_now(), after;
	uint64_t n = refused();

	far_receive(env, env_len);
	after = state_now();
	ck_assert_uint_eq(refused(), n + 1);
	ck_assert_mem_eq(&after, &before, sizeof before);
}

static void
check_refused_unless_whole(void)
{
	const size_t len = env_len;

	for (env_len = 0; env_len < len; env_len++)
		check_refused();
	for (size_t bit = 0; bit < 8 * len; bit++) {
		env[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_refused();
		env[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
seal_beat(void)
{
	env_len = far_command((struct ipc_msg){.type = IPC_CONTROL_BEAT}, env);
}

START_TEST(a_session_is_begun_and_led_sealed)
{
	struct ipc_msg m = far_hello();

	ck_assert_str_eq(m.u.node_hello.name, "n1");
	far_session(SESSION);
	for (size_t i = 0; i < 2; i++) {
		m = far_event(i);
		ck_assert_int_eq(
		    m.type, i == 0 ? IPC_NODE_BEAT : IPC_NODE_READY);
		ck_assert_uint_eq(m.from, far.node->link.epoch);
		ck_assert_uint_eq(m.to, SESSION);
	}
	seal_beat();
	far_receive(env, env_len);
	ck_assert_uint_eq(count(FIGURE_IPC_RECEIVED), 2);
	ck_assert_uint_eq(refused(), 0);
	far_end();
}
END_TEST

/* The route to a loopback address is from itself. */
START_TEST(an_unspecified_address_is_told_as_control_can_reach_it)
{
	struct ipc_msg m = far_hello();
	char text[ADDR_TEXT_CAP];

	ck_assert_str_eq(
	    addr_format(&m.u.node_hello.commands, text), "127.0.0.1:7448");
	far_end();
}
END_TEST

static void
set(char **value, const char *text)
{
	free(*value);
	*value = strdup(text);
	ck_assert_ptr_nonnull(*value);
}

START_TEST(what_is_advertised_is_told_in_place_of_what_is_bound)
{
	struct config *config = &far.node->config;
	char text[ADDR_TEXT_CAP];
	struct ipc_msg m;

	set(&config->commands_advertise, "192.0.2.7:1448");
	set(&config->accept_advertise, "[2001:db8::7]:1449");
	far_advance(IPC_HELLO_MS);
	m = far_hello();
	ck_assert_str_eq(
	    addr_format(&m.u.node_hello.commands, text), "192.0.2.7:1448");
	far_session(SESSION);
	m = far_event(1);
	ck_assert_int_eq(m.type, IPC_NODE_READY);
	ck_assert_str_eq(
	    addr_format(&m.u.node_ready.accept, text), "[2001:db8::7]:1449");
	far_end();
}
END_TEST

START_TEST(a_welcome_that_is_not_whole_changes_nothing)
{
	(void)far_hello();
	env_len = far_welcome(SESSION, env);
	check_refused_unless_whole();
	far_receive(env, env_len);
	ck_assert_uint_eq(far.node->link.session, SESSION);
	far_end();
}
END_TEST

/* One command of each type. */
START_TEST(a_command_that_is_not_whole_changes_nothing)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint64_t newest;

	if (ipc_type_direction(s->type) == IPC_COMMAND &&
	    s->type != IPC_WELCOME) {
		far_session(SESSION);
		newest = far.node->sealed.session.replay.newest;
		env_len = far_command(ipc_sample_msg(s), env);
		check_refused_unless_whole();
		far_receive(env, env_len);
		ck_assert_uint_eq(count(FIGURE_IPC_RECEIVED), 2);
		ck_assert_uint_eq(
		    far.node->sealed.session.replay.newest, newest + 1);
	}
	far_end();
}
END_TEST

START_TEST(what_is_not_sealed_changes_nothing)
{
	far_session(SESSION);
	env_len = ipc_sample_bytes(ipc_sample(_i), env);
	check_refused();
	far_end();
}
END_TEST

START_TEST(a_welcome_for_another_phase_key_or_start_changes_nothing)
{
	(void)far_hello();
	if (_i == 0)
		far.phase[3] ^= 1;
	if (_i == 1)
		far.link.key[3] ^= 1;
	if (_i == 2)
		far.link.name[0] = 'm';
	env_len = far_welcome(SESSION, env);
	check_refused();
	ck_assert_uint_eq(count(FIGURE_SEAL_FORGED), 1);
	far_end();
}
END_TEST

START_TEST(all_hellos_until_a_session_are_of_one_phase)
{
	uint8_t phase[SEAL_PHASE_LEN];

	(void)far_hello();
	memcpy(phase, far.phase, sizeof phase);
	far_advance(IPC_HELLO_MS * 2);
	(void)far_hello();
	ck_assert_mem_eq(far.phase, phase, sizeof phase);
	far_session(SESSION);
	link_give_up(far.node, "the test says so");
	far_advance(IPC_HELLO_MS);
	(void)far_hello();
	ck_assert_mem_ne(far.phase, phase, sizeof phase);
	far_end();
}
END_TEST

START_TEST(a_welcome_of_an_earlier_phase_changes_nothing)
{
	(void)far_hello();
	env_len = far_welcome(SESSION, env);
	far_receive(env, env_len);
	env_len = far_welcome(NEXT, env);
	check_refused(); /* another answer to the same hello */
	ck_assert_uint_eq(count(FIGURE_IPC_STALE), 1);
	link_give_up(far.node, "the test says so");
	far_advance(IPC_HELLO_MS);
	check_refused();
	ck_assert_uint_eq(count(FIGURE_SEAL_FORGED), 1);
	far_end();
}
END_TEST

START_TEST(a_command_of_an_earlier_session_changes_nothing)
{
	far_session(SESSION);
	seal_beat();
	link_give_up(far.node, "the test says so");
	far_advance(IPC_HELLO_MS);
	check_refused();
	far_session(NEXT);
	check_refused();
	ck_assert_uint_eq(count(FIGURE_IPC_STALE), 2);
	far_end();
}
END_TEST

START_TEST(a_command_of_an_earlier_key_changes_nothing)
{
	far_session(SESSION);
	ck_assert_int_eq(seal_session_begin(&far.control, &far.link,
			     SEAL_AT_CONTROL, far.node->link.epoch, NEXT),
	    0);
	far.control.ours = SESSION;
	seal_beat();
	check_refused();
	ck_assert_uint_eq(count(FIGURE_SEAL_FORGED), 1);
	far_end();
}
END_TEST

START_TEST(a_repeat_changes_nothing)
{
	far_session(SESSION);
	seal_beat();
	far_receive(env, env_len);
	check_refused();
	ck_assert_uint_eq(count(FIGURE_SEAL_REPEATED), 1);
	far_end();
}
END_TEST

START_TEST(what_comes_late_is_taken_while_the_window_reaches)
{
	uint8_t late[SEAL_MSG_CAP];
	size_t late_len;

	far_session(SESSION);
	seal_beat();
	memcpy(late, env, env_len);
	late_len = env_len;
	far.control.counter += REPLAY_WINDOW - 2 + (uint64_t)_i;
	seal_beat();
	far_receive(env, env_len);
	far_receive(late, late_len);
	ck_assert_uint_eq(refused(), (uint64_t)_i);
	ck_assert_uint_eq(count(FIGURE_SEAL_REPEATED), (uint64_t)_i);
	far_end();
}
END_TEST

START_TEST(a_nodes_own_events_come_back_to_it_as_nothing)
{
	far_session(SESSION);
	memcpy(env, far.sent[0].env, far.sent[0].len);
	env_len = far.sent[0].len;
	check_refused();
	ck_assert_uint_eq(count(FIGURE_IPC_BAD), 1);
	far_end();
}
END_TEST

START_TEST(the_way_is_made_anew_while_there_is_no_session)
{
	far_advance(UPLINK_RENEW_MS - 50);
	ck_assert_uint_eq(fake_links.n_opened, 1);
	far_advance(IPC_HELLO_MS + 50);
	ck_assert_uint_eq(fake_links.n_opened, 2);
	ck_assert_str_eq(fake_links.url, "tcp://127.0.0.1:7447");
	far_session(SESSION);
	far_advance(IPC_LOST_MS - IPC_HELLO_MS);
	ck_assert_uint_eq(fake_links.n_opened, 2);
	far_end();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sealed");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_session_is_begun_and_led_sealed);
	tcase_add_test(
	    tc, an_unspecified_address_is_told_as_control_can_reach_it);
	tcase_add_test(
	    tc, what_is_advertised_is_told_in_place_of_what_is_bound);
	tcase_add_test(tc, a_welcome_that_is_not_whole_changes_nothing);
	tcase_add_loop_test(
	    tc, a_command_that_is_not_whole_changes_nothing, 0, IPC_N_SAMPLES);
	tcase_add_loop_test(
	    tc, what_is_not_sealed_changes_nothing, 0, IPC_N_SAMPLES);
	tcase_add_loop_test(
	    tc, a_welcome_for_another_phase_key_or_start_changes_nothing, 0, 3);
	tcase_add_test(tc, all_hellos_until_a_session_are_of_one_phase);
	tcase_add_test(tc, a_welcome_of_an_earlier_phase_changes_nothing);
	tcase_add_test(tc, a_command_of_an_earlier_session_changes_nothing);
	tcase_add_test(tc, a_command_of_an_earlier_key_changes_nothing);
	tcase_add_test(tc, a_repeat_changes_nothing);
	tcase_add_loop_test(
	    tc, what_comes_late_is_taken_while_the_window_reaches, 0, 2);
	tcase_add_test(tc, a_nodes_own_events_come_back_to_it_as_nothing);
	tcase_add_test(tc, the_way_is_made_anew_while_there_is_no_session);
	return suite_run("sealed", (TCase *[]){tc, NULL});
}
