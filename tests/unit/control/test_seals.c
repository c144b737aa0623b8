/* Nodes on other hosts: what is not sealed as it must be is counted, and
 * changes nothing else. */
#include <string.h>

#include "tests/unit/control/sealed_world.h"
#include "tests/unit/proto/ipc_samples.h"

START_TEST(a_node_is_welcomed_and_commanded_sealed)
{
	get_ready(&edge);
	ck_assert_str_eq(c->nodes.first->name, "edge-1");
	ck_assert_str_eq(fake_url, "tcp://" AT);
	seal_event(&edge, beat_msg());
	receive();
	ck_assert_uint_eq(c->nodes.first->n_pending, 7);
	ck_assert_uint_eq(n_dropped(), 0);
}
END_TEST

START_TEST(a_hello_that_is_not_whole_changes_nothing)
{
	seal_hello(&edge, edge.name);
	check_refused_unless_whole();
	receive();
	ck_assert(take_welcome(&edge));
}
END_TEST

START_TEST(a_ready_that_is_not_whole_changes_nothing)
{
	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	seal_event(&edge, ready_msg());
	check_refused_unless_whole();
	receive();
	ck_assert_uint_eq(c->nodes.first->session, edge.session_epoch);
}
END_TEST

/* One event of each type. */
START_TEST(an_event_that_is_not_whole_changes_nothing)
{
	const struct ipc_sample *s = ipc_sample(_i);
	uint64_t newest;

	if (ipc_type_direction(s->type) != IPC_EVENT ||
	    s->type == IPC_NODE_HELLO)
		return;
	get_ready(&edge);
	newest = c->nodes.first->seal.session.replay.newest;
	seal_event(&edge, ipc_sample_msg(s));
	check_refused_unless_whole();
	receive();
	ck_assert(s->type == IPC_NODE_BYE ||
		  c->nodes.first->seal.session.replay.newest == newest + 1);
	if (s->type == IPC_NODE_BYE)
		ck_assert_uint_eq(c->nodes.first->session, 0);
}
END_TEST

START_TEST(what_is_not_sealed_changes_nothing)
{
	const struct ipc_sample *s = ipc_sample(_i);

	get_ready(&edge);
	env_len = ipc_sample_bytes(s, env);
	check_refused();
}
END_TEST

START_TEST(a_hello_under_another_key_changes_nothing)
{
	edge.link.key[0] ^= 1;
	seal_hello(&edge, edge.name);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
}
END_TEST

START_TEST(a_hello_in_anothers_name_changes_nothing)
{
	struct far other;

	far_init(&other, "edge-2", AT);
	memcpy(other.link.key, edge.link.key, SEAL_KEY_LEN);
	seal_hello(&other, other.name);
	check_refused();
	check_dropped(EVENT_DROP_SEAL_FORGED);
}
END_TEST

START_TEST(a_hello_that_names_another_within_changes_nothing)
{
	seal_hello(&edge, "edge-2");
	check_refused();
	check_dropped(EVENT_DROP_MALFORMED);
}
END_TEST

START_TEST(a_name_that_is_not_listed_changes_nothing)
{
	struct far stranger;

	far_init(&stranger, "stranger", AT);
	seal_hello(&stranger, stranger.name);
	check_refused();
	check_dropped(EVENT_DROP_NODE_UNLISTED);
}
END_TEST

START_TEST(strangers_hide_no_node_that_has_the_wrong_key)
{
	struct far stranger;

	far_init(&stranger, "stranger", AT);
	seal_hello(&stranger, stranger.name);
	for (int i = 0; i < 1000; i++)
		receive();
	ck_assert_uint_eq(fake_log_count("node-refused"), 1);
	edge.link.key[0] ^= 1;
	say_hello(&edge);
	ck_assert_uint_eq(fake_log_count("node-refused"), 2);
	ck_assert_ptr_nonnull(
	    strstr(fake_log_newest("node-refused"), "node=edge-1 "));
}
END_TEST

START_TEST(an_address_outside_the_names_networks_changes_nothing)
{
	ck_assert_int_eq(addr_parse(&edge.commands, "192.0.3.7:7448"), 0);
	seal_hello(&edge, edge.name);
	check_refused();
	check_dropped(EVENT_DROP_NODE_NETWORK);
}
END_TEST

/* Where control's own connections are to go is said by who has the session. */
START_TEST(a_session_that_would_be_accepted_elsewhere_is_not_begun)
{
	struct ipc_msg m = ready_msg();

	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	ck_assert_int_eq(
	    addr_parse(&m.u.node_ready.accept, "192.0.3.7:7449"), 0);
	seal_event(&edge, m);
	check_refused();
	check_dropped(EVENT_DROP_NODE_NETWORK);
	ck_assert_uint_eq(c->nodes.first->session, 0);
}
END_TEST

START_TEST(a_session_is_begun_with_an_address_of_its_networks)
{
	struct ipc_msg m = ready_msg();

	say_hello(&edge);
	ck_assert(take_welcome(&edge));
	ck_assert_int_eq(
	    addr_parse(&m.u.node_ready.accept, "192.0.2.7:7449"), 0);
	seal_event(&edge, m);
	receive();
	ck_assert_uint_eq(c->nodes.first->session, edge.session_epoch);
	ck_assert(addr_equal(&c->nodes.first->accept, &m.u.node_ready.accept));
}
END_TEST

START_TEST(a_hello_without_an_address_changes_nothing)
{
	edge.commands.port = 0;
	seal_hello(&edge, edge.name);
	check_refused();
	check_dropped(EVENT_DROP_MALFORMED);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("seals");

	tcase_add_checked_fixture(
	    t, sealed_world_set_up, sealed_world_tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_node_is_welcomed_and_commanded_sealed);
	tcase_add_test(t, a_hello_that_is_not_whole_changes_nothing);
	tcase_add_test(t, a_ready_that_is_not_whole_changes_nothing);
	tcase_add_loop_test(
	    t, an_event_that_is_not_whole_changes_nothing, 0, IPC_N_SAMPLES);
	tcase_add_loop_test(
	    t, what_is_not_sealed_changes_nothing, 0, IPC_N_SAMPLES);
	tcase_add_test(t, a_hello_under_another_key_changes_nothing);
	tcase_add_test(t, a_hello_in_anothers_name_changes_nothing);
	tcase_add_test(t, a_hello_that_names_another_within_changes_nothing);
	tcase_add_test(t, a_name_that_is_not_listed_changes_nothing);
	tcase_add_test(t, strangers_hide_no_node_that_has_the_wrong_key);
	tcase_add_test(
	    t, an_address_outside_the_names_networks_changes_nothing);
	tcase_add_test(
	    t, a_session_that_would_be_accepted_elsewhere_is_not_begun);
	tcase_add_test(t, a_session_is_begun_with_an_address_of_its_networks);
	tcase_add_test(t, a_hello_without_an_address_changes_nothing);
	return suite_run("seals", (TCase *[]){t, NULL});
}
