/* Hellos, who gets a WELCOME for them, and the names that they leave. */
#include <string.h>

#include "control/arrival.h"
#include "tests/unit/control/world.h"

START_TEST(hello_is_answered_with_a_welcome_and_nothing_else)
{
	fake_hello(c, &a);
	ck_assert_uint_ne(a.session, 0);
	ck_assert_uint_eq(c->nodes.by_session.n, 0);
	fake_no_command();
}
END_TEST

START_TEST(repeated_hello_gets_the_same_welcome_for_two_seconds)
{
	uint64_t first;

	fake_hello(c, &a);
	first = a.session;
	fake_advance(c, ATTEMPTS_KEY_MS - 1);
	fake_hello(c, &a);
	ck_assert_uint_eq(a.session, first);
	fake_advance(c, 1);
	fake_hello(c, &a);
	ck_assert_uint_ne(a.session, first);
}
END_TEST

START_TEST(hello_in_anothers_name_changes_nothing_for_its_owner)
{
	struct fake_node liar = {.name = "a", .epoch = 0xbad};

	fake_ready(c, &a);
	fake_open(c, &a, 7, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_hello(c, &liar); /* the WELCOME goes to the owner's socket */
	ck_assert_ptr_nonnull(node_of(&a));
	ck_assert_ptr_nonnull(arrival_find(node_of(&a), 7));
	fake_no_command();
	fake_advance(c, 1000);
	fake_gone(c, &a, 7);
	(void)fake_command(IPC_RELEASE_ACK);
	ck_assert_ptr_null(arrival_find(node_of(&a), 7));
}
END_TEST

static void
flood_name(void)
{
	struct fake_node liar = {.name = "a", .epoch = 0xbad};

	for (int i = 0; i < 1000; i++) {
		liar.epoch++;
		fake_hello(c, &liar);
	}
}

START_TEST(welcome_survives_a_flood_of_hellos_in_its_name)
{
	fake_hello(c, &a);
	flood_name();
	fake_say_ready(c, &a);
	ck_assert_ptr_nonnull(node_of(&a));
	ck_assert_str_eq(node_of(&a)->build, "fake");
	ck_assert_uint_eq(node_of(&a)->n_listeners, 1);
}
END_TEST

/* And nothing of what it has to say of itself is lost in that. */
START_TEST(node_says_hello_amid_a_flood_of_them_in_its_name)
{
	ck_assert_int_eq(addr_parse(&a.accept, "10.0.0.1:7444"), 0);
	a.features = IPC_FEATURE_SIBLINGS;
	flood_name();
	fake_hello(c, &a);
	flood_name();
	fake_say_ready(c, &a);
	ck_assert_ptr_nonnull(node_of(&a));
	ck_assert_str_eq(node_of(&a)->build, "fake");
	ck_assert(addr_equal(&node_of(&a)->accept, &a.accept));
	ck_assert_uint_eq(node_of(&a)->features, IPC_FEATURE_SIBLINGS);
	ck_assert_uint_eq(node_of(&a)->n_listeners, 1);
}
END_TEST

START_TEST(welcome_makes_one_session)
{
	struct fake_node was;

	fake_ready(c, &a);
	was = a;
	fake_say_ready(c, &a); /* once more */
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 1);
	fake_hello(c, &a);
	ck_assert_uint_ne(a.session, was.session);
	fake_say_ready(c, &a);
	ck_assert_uint_eq(counted(COUNT_SESSIONS), 2);
	fake_say_ready(c, &was);
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 2);
	ck_assert_ptr_nonnull(node_of(&a));
}
END_TEST

/* Hellos crossed the first WELCOME, and the node got two of them. */
START_TEST(newer_welcome_of_two_is_good_after_the_older)
{
	struct fake_node older;

	fake_hello(c, &a);
	older = a;
	fake_advance(c, ATTEMPTS_KEY_MS);
	fake_hello(c, &a);
	ck_assert_uint_ne(a.session, older.session);
	fake_say_ready(c, &older);
	ck_assert_ptr_nonnull(node_of(&older));
	fake_say_ready(c, &a);
	ck_assert_ptr_nonnull(node_of(&a));
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 0);
}
END_TEST

START_TEST(welcome_is_good_for_five_seconds)
{
	fake_hello(c, &a);
	fake_advance(c, IPC_LOST_MS + 1);
	fake_say_ready(c, &a);
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 1);
	fake_hello(c, &a);
	fake_advance(c, IPC_LOST_MS);
	fake_say_ready(c, &a);
	ck_assert_ptr_nonnull(node_of(&a));
}
END_TEST

/* Or whoever has a hello to say again fills the queue, and ends the session. */
START_TEST(hellos_take_no_room_from_what_waits_for_a_session)
{
	struct fake_node liar = {.name = "a", .epoch = 0xbad};

	fake_ready(c, &a);
	fake_waiting = true;
	fake_hello(c, &liar);
	ck_assert_uint_eq(liar.session, 0);
	fake_waiting = false;
	fake_hello(c, &liar);
	ck_assert_uint_ne(liar.session, 0);
}
END_TEST

START_TEST(hellos_are_answered_behind_others_without_a_session)
{
	fake_waiting = true;
	fake_hello(c, &a);
	ck_assert_uint_ne(a.session, 0);
}
END_TEST

START_TEST(name_without_a_session_is_forgotten)
{
	fake_hello(c, &a);
	fake_advance(c, NODES_FORGET_MS - NODES_TICK_MS);
	ck_assert_uint_eq(c->nodes.n, 1);
	fake_advance(c, 2 * NODES_TICK_MS);
	ck_assert_uint_eq(c->nodes.n, 0);
}
END_TEST

static void
say_hellos(unsigned n)
{
	char name[] = "n00";

	for (unsigned i = 0; i < n; i++) {
		struct fake_node node = {.name = name, .epoch = 0x100 + i};

		name[1] = (char)('0' + i / 10);
		name[2] = (char)('0' + i % 10);
		fake_hello(c, &node);
	}
}

START_TEST(nodes_up_to_the_limit_and_no_further)
{
	c->config.max_splice_nodes = 3;
	say_hellos(2);
	ck_assert_uint_eq(c->nodes.n, 2);
	say_hellos(3);
	ck_assert_uint_eq(c->nodes.n, 3);
	ck_assert_uint_eq(dropped(EVENT_DROP_NODE_LIMIT), 0);
	say_hellos(4); /* all sockets have a peer: none can be given up */
	ck_assert_uint_eq(c->nodes.n, 3);
	ck_assert_uint_eq(dropped(EVENT_DROP_NODE_LIMIT), 1);
}
END_TEST

START_TEST(names_that_nobody_stands_behind_make_room)
{
	c->config.max_splice_nodes = 3;
	say_hellos(3);
	fake_disconnected = true;
	fake_hello(c, &a);
	ck_assert_uint_ne(a.session, 0);
	ck_assert_uint_eq(c->nodes.n, 3);
}
END_TEST

START_TEST(name_that_makes_too_long_a_path_is_refused)
{
	memset(c->nodes.dir, 'x', 60);
	c->nodes.dir[0] = '/';
	c->nodes.dir[60] = '\0';
	a.name = "a2345678901234567890123456789012345678901234567";
	fake_hello(c, &a);
	ck_assert_uint_eq(a.session, 0);
	ck_assert_uint_eq(dropped(EVENT_DROP_NODE_NAME), 1);
}
END_TEST

static TCase *
hellos(void)
{
	TCase *t = world_case("hellos", no_node);

	tcase_add_test(t, hello_is_answered_with_a_welcome_and_nothing_else);
	tcase_add_test(t, repeated_hello_gets_the_same_welcome_for_two_seconds);
	tcase_add_test(t, hello_in_anothers_name_changes_nothing_for_its_owner);
	tcase_add_test(t, welcome_survives_a_flood_of_hellos_in_its_name);
	tcase_add_test(t, node_says_hello_amid_a_flood_of_them_in_its_name);
	tcase_add_test(t, welcome_makes_one_session);
	tcase_add_test(t, newer_welcome_of_two_is_good_after_the_older);
	tcase_add_test(t, welcome_is_good_for_five_seconds);
	tcase_add_test(t, hellos_take_no_room_from_what_waits_for_a_session);
	tcase_add_test(t, hellos_are_answered_behind_others_without_a_session);
	return t;
}

static TCase *
names(void)
{
	TCase *t = world_case("names", no_node);

	tcase_add_test(t, name_without_a_session_is_forgotten);
	tcase_add_test(t, nodes_up_to_the_limit_and_no_further);
	tcase_add_test(t, names_that_nobody_stands_behind_make_room);
	tcase_add_test(t, name_that_makes_too_long_a_path_is_refused);
	return t;
}

int
main(void)
{
	TCase *const CASES[] = {hellos(), names(), NULL};

	return suite_run("nodes", CASES);
}
