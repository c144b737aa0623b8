#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "control/arrival.h"
#include "control/link.h"
#include "tests/unit/control/fake.h"

static struct control *c;
static struct fake_node a, b;

static void
set_up(void)
{
	c = fake_new();
	a = (struct fake_node){.name = "a", .epoch = 0xa1};
	b = (struct fake_node){.name = "b", .epoch = 0xb1};
}

static void
tear_down(void)
{
	fake_free(c);
}

static uint64_t
dropped(enum event_drop why)
{
	return c->counters.events_dropped[why];
}

static const struct node *
node_of(const struct fake_node *n)
{
	return table_find(&c->nodes.by_session, &n->session);
}

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

START_TEST(ready_begins_a_session_and_asks_for_pairs)
{
	fake_ready(c, &a);
	ck_assert_ptr_nonnull(node_of(&a));
	ck_assert_uint_eq(node_of(&a)->epoch, a.epoch);
	ck_assert_uint_eq(c->counters.counts[COUNT_SESSIONS], 1);
}
END_TEST

START_TEST(ready_that_names_no_welcome_is_stale)
{
	struct ipc_msg m = {.type = IPC_NODE_READY};

	m.u.node_ready.first_seq = 1;
	fake_hello(c, &a);
	a.session++;
	fake_send(c, &a, m);
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 1);
	ck_assert_uint_eq(c->nodes.by_session.n, 0);
	a.session--;
	a.epoch++;
	fake_send(c, &a, m);
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 2);
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
	ck_assert_uint_eq(c->counters.counts[COUNT_SESSIONS], 2);
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

START_TEST(event_of_another_epoch_is_stale)
{
	struct fake_node was;

	fake_ready(c, &a);
	was = a;
	was.epoch++;
	fake_open(c, &was, 1, 1, fake_relay(c));
	was = a;
	was.session++;
	fake_open(c, &was, 1, 1, fake_relay(c));
	ck_assert_uint_eq(dropped(EVENT_DROP_STALE), 2);
	ck_assert_uint_eq(c->counters.counts[COUNT_ARRIVALS], 0);
}
END_TEST

START_TEST(restarted_node_replaces_its_session_and_voids_what_was_pending)
{
	uint64_t before;

	fake_ready(c, &a);
	before = a.session;
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	a.epoch = 0xa2;
	a.seq = 0;
	fake_ready(c, &a);
	ck_assert_uint_ne(a.session, before);
	ck_assert_uint_eq(node_of(&a)->arrivals.n, 0);
	ck_assert_uint_eq(c->counters.streams_ended[STREAM_END_NODE_LOST], 1);
	ck_assert_uint_eq(c->nodes.n, 1);
}
END_TEST

START_TEST(silence_of_five_seconds_ends_a_session)
{
	fake_ready(c, &a);
	fake_advance(c, IPC_LOST_MS - 1);
	ck_assert_ptr_nonnull(node_of(&a));
	fake_advance(c, 1);
	ck_assert_ptr_null(node_of(&a));
}
END_TEST

START_TEST(beats_keep_a_session)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	fake_ready(c, &a);
	for (int i = 0; i < 10; i++) {
		fake_advance(c, IPC_BEAT_MS);
		fake_send(c, &a, m);
	}
	ck_assert_ptr_nonnull(node_of(&a));
}
END_TEST

START_TEST(session_without_a_connection_ends_at_the_next_tick)
{
	fake_ready(c, &a);
	fake_disconnected = true;
	fake_advance(c, NODES_TICK_MS);
	ck_assert_ptr_null(node_of(&a));
}
END_TEST

START_TEST(command_without_room_ends_the_session)
{
	fake_ready(c, &a);
	fake_queue_full = true;
	fake_open(c, &a, 1, 1, fake_digest(9));
	ck_assert_ptr_null(node_of(&a));
	ck_assert_uint_gt(c->counters.counts[COUNT_COMMANDS_LOST], 0);
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

START_TEST(releases_are_taken_in_order_alone)
{
	struct ipc_msg ack;

	fake_ready(c, &a);
	a.seq = 2; /* 1 is missing */
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(dropped(EVENT_DROP_SEQ_GAP), 1);
	fake_no_command();
	a.seq = 1;
	fake_gone(c, &a, 99);
	ack = fake_command(IPC_RELEASE_ACK);
	ck_assert_uint_eq(ack.u.release_ack.seq, 1);
	fake_gone(c, &a, 99);
	ack = fake_command(IPC_RELEASE_ACK);
	ck_assert_uint_eq(ack.u.release_ack.seq, 2);
}
END_TEST

START_TEST(repeated_release_is_acknowledged_again_and_not_taken_again)
{
	struct ipc_msg ack;

	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	(void)fake_command(IPC_RELEASE_ACK);
	a.seq = 1;
	fake_gone(c, &a, 99);
	ack = fake_command(IPC_RELEASE_ACK);
	ck_assert_uint_eq(ack.u.release_ack.seq, 1);
	ck_assert_uint_eq(dropped(EVENT_DROP_SEQ_AGAIN), 1);
	ck_assert_uint_eq(c->counters.counts[COUNT_GONE_LATE], 1);
}
END_TEST

START_TEST(releases_go_on_in_a_new_session_of_the_same_node)
{
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	fake_gone(c, &a, 99);
	fake_forget_commands();
	a.seq = 1; /* it did not see the acks */
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	fake_gone(c, &a, 99);
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(dropped(EVENT_DROP_SEQ_AGAIN), 2);
	ck_assert_uint_eq(c->counters.counts[COUNT_GONE_LATE], 3);
}
END_TEST

START_TEST(new_control_begins_with_the_oldest_release_the_node_has)
{
	a.seq = 41;
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(fake_command(IPC_RELEASE_ACK).u.release_ack.seq, 41);
}
END_TEST

START_TEST(releases_that_the_node_gave_up_are_not_waited_for)
{
	fake_ready(c, &a);
	a.seq = 500;
	fake_ready(c, &a);
	fake_gone(c, &a, 99);
	ck_assert_uint_eq(fake_command(IPC_RELEASE_ACK).u.release_ack.seq, 500);
}
END_TEST

START_TEST(bye_is_acknowledged_and_ends_the_session)
{
	struct ipc_msg m = {.type = IPC_NODE_BYE};

	m.u.node_bye.reason = REASON_SHUTDOWN;
	fake_ready(c, &a);
	fake_send(c, &a, m);
	(void)fake_command(IPC_BYE_ACK);
	ck_assert_ptr_null(node_of(&a));
}
END_TEST

START_TEST(connection_of_another_node_is_unknown)
{
	struct ipc_msg m = {.type = IPC_CONN_MORE};

	fake_ready(c, &a);
	fake_ready(c, &b);
	fake_open(c, &a, 5, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	m.u.conn_more.conn = 5;
	fake_send(c, &b, m);
	m = (struct ipc_msg){.type = IPC_CONN_FIN};
	m.u.conn_fin.conn = 5;
	fake_send(c, &b, m);
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_UNKNOWN), 2);
	fake_gone(c, &b, 5);
	ck_assert_ptr_nonnull(arrival_find(node_of(&a), 5));
}
END_TEST

START_TEST(connection_that_is_open_is_not_opened_again)
{
	fake_ready(c, &a);
	fake_open(c, &a, 5, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_open(c, &a, 5, 1, fake_relay(c));
	fake_no_command();
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_TWICE), 1);
	ck_assert_uint_eq(node_of(&a)->arrivals.n, 1);
}
END_TEST

START_TEST(more_and_fin_that_were_not_asked_for_are_dropped)
{
	struct ipc_msg m = {.type = IPC_CONN_MORE};

	fake_ready(c, &a);
	fake_open(c, &a, 5, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	m.u.conn_more.conn = 5;
	fake_send(c, &a, m);
	m = (struct ipc_msg){.type = IPC_CONN_FIN};
	m.u.conn_fin.conn = 5;
	fake_send(c, &a, m);
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_STATE), 2);
}
END_TEST

START_TEST(one_node_has_a_bounded_number_of_connections)
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};

	fake_ready(c, &a);
	((struct node *)node_of(&a))->arrivals.max = 3;
	for (uint64_t conn = 1; conn <= 3; conn++) {
		m.u.conn_open.conn = conn; /* no byte yet: it waits */
		fake_send(c, &a, m);
		(void)fake_command(IPC_CONN_WAIT);
	}
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_LIMIT), 0);
	m.u.conn_open.conn = 4;
	fake_send(c, &a, m);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 4);
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_LIMIT), 1);
}
END_TEST

START_TEST(wait_that_the_node_never_ends_is_ended_by_control)
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN},
		       beat = {.type = IPC_NODE_BEAT};

	fake_ready(c, &a);
	m.u.conn_open.conn = 1;
	fake_send(c, &a, m);
	(void)fake_command(IPC_CONN_WAIT);
	for (int i = 0; i < 25; i++) {
		fake_no_command();
		fake_send(c, &a, beat);
		fake_advance(c, 1000);
	}
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(c->counters.refused[REFUSAL_TIMEOUT], 1);
	ck_assert_uint_eq(node_of(&a)->arrivals.n, 0);
}
END_TEST

/* Every event there is, as n would send it. */
static struct ipc_msg
an_event(enum ipc_type type, const struct fake_node *n)
{
	static const uint8_t BYTES[IPC_TAG_LEN * 2] = {1, 1};
	struct ipc_msg m = {.type = type, .from = n->epoch};

	m.to = type == IPC_NODE_HELLO ? 0 : n->session;
	if (type == IPC_NODE_HELLO)
		strcpy(m.u.node_hello.name, "truncated");
	if (type == IPC_NODE_READY)
		strcpy(m.u.node_ready.build, "truncated");
	if (type == IPC_CONN_OPEN)
		m.u.conn_open.first = (struct ipc_bytes){BYTES, 32};
	if (type == IPC_CONN_MORE)
		m.u.conn_more.bytes = (struct ipc_bytes){BYTES, 32};
	if (type == IPC_NODE_BEAT)
		m.u.node_beat.n_figures = FIGURE_WIRE_COUNT;
	if (type == IPC_PAIR_REFUSED)
		m.u.pair_refused.gone = IPC_GONE_A;
	if (type == IPC_PAIR_LIST) {
		m.u.pair_list.n_tags = 2;
		m.u.pair_list.tags = BYTES;
	}
	return m;
}

START_TEST(every_event_at_every_truncation_is_dropped)
{
	uint64_t n = 0;

	fake_ready(c, &a);
	for (unsigned type = 0; type <= IPC_TYPE_MAX; type++) {
		uint8_t buf[IPC_MSG_CAP];
		struct ipc_msg m;
		size_t len;

		if (!ipc_type_is_known(type) ||
		    ipc_type_direction(type) != IPC_EVENT)
			continue;
		m = an_event((enum ipc_type)type, &a);
		len = ipc_encode(&m, buf, sizeof buf);
		ck_assert_uint_gt(len, 0);
		for (size_t cut = 0; cut < len; cut++, n++) {
			uint8_t *exact = malloc(cut + 1);

			ck_assert_ptr_nonnull(exact);
			memcpy(exact, buf, cut);
			link_receive(c, exact, cut);
			free(exact);
		}
	}
	ck_assert_uint_eq(dropped(EVENT_DROP_MALFORMED), n);
	ck_assert_uint_eq(c->nodes.n, 1);
	fake_no_command();
}
END_TEST

START_TEST(command_from_a_node_is_malformed)
{
	struct ipc_msg m = {.type = IPC_CONN_DROP};

	fake_ready(c, &a);
	m.u.conn_drop.conn = 1;
	fake_send(c, &a, m);
	ck_assert_uint_eq(dropped(EVENT_DROP_MALFORMED), 1);
}
END_TEST

START_TEST(loss_of_a_node_leaves_the_others)
{
	struct ipc_msg beat = {.type = IPC_NODE_BEAT};

	fake_ready(c, &a);
	fake_ready(c, &b);
	for (int i = 0; i < 6; i++) {
		fake_advance(c, 1000);
		fake_send(c, &b, beat);
	}
	ck_assert_ptr_null(node_of(&a));
	ck_assert_ptr_nonnull(node_of(&b));
}
END_TEST

START_TEST(figures_are_kept_per_node)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	fake_ready(c, &a);
	fake_ready(c, &b);
	m.u.node_beat.n_figures = FIGURE_COUNT;
	m.u.node_beat.figures[FIGURE_ACCEPTED] = 7;
	fake_send(c, &a, m);
	m.u.node_beat.figures[FIGURE_ACCEPTED] = 8;
	fake_send(c, &b, m);
	ck_assert_uint_eq(node_of(&a)->figures[FIGURE_ACCEPTED], 7);
	ck_assert_uint_eq(node_of(&b)->figures[FIGURE_ACCEPTED], 8);
}
END_TEST

static TCase *
sessions(void)
{
	TCase *t = tcase_create("sessions");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, hello_is_answered_with_a_welcome_and_nothing_else);
	tcase_add_test(t, repeated_hello_gets_the_same_welcome_for_two_seconds);
	tcase_add_test(t, ready_begins_a_session_and_asks_for_pairs);
	tcase_add_test(t, ready_that_names_no_welcome_is_stale);
	tcase_add_test(t, hello_in_anothers_name_changes_nothing_for_its_owner);
	tcase_add_test(t, welcome_survives_a_flood_of_hellos_in_its_name);
	tcase_add_test(t, node_says_hello_amid_a_flood_of_them_in_its_name);
	tcase_add_test(t, welcome_makes_one_session);
	tcase_add_test(t, newer_welcome_of_two_is_good_after_the_older);
	tcase_add_test(t, welcome_is_good_for_five_seconds);
	tcase_add_test(t, event_of_another_epoch_is_stale);
	tcase_add_test(
	    t, restarted_node_replaces_its_session_and_voids_what_was_pending);
	tcase_add_test(t, silence_of_five_seconds_ends_a_session);
	tcase_add_test(t, beats_keep_a_session);
	tcase_add_test(t, session_without_a_connection_ends_at_the_next_tick);
	tcase_add_test(t, command_without_room_ends_the_session);
	tcase_add_test(t, hellos_take_no_room_from_what_waits_for_a_session);
	tcase_add_test(t, hellos_are_answered_behind_others_without_a_session);
	tcase_add_test(t, name_without_a_session_is_forgotten);
	tcase_add_test(t, nodes_up_to_the_limit_and_no_further);
	tcase_add_test(t, names_that_nobody_stands_behind_make_room);
	tcase_add_test(t, name_that_makes_too_long_a_path_is_refused);
	tcase_add_test(t, bye_is_acknowledged_and_ends_the_session);
	tcase_add_test(t, loss_of_a_node_leaves_the_others);
	tcase_add_test(t, figures_are_kept_per_node);
	return t;
}

static TCase *
releases(void)
{
	TCase *t = tcase_create("releases");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, releases_are_taken_in_order_alone);
	tcase_add_test(
	    t, repeated_release_is_acknowledged_again_and_not_taken_again);
	tcase_add_test(t, releases_go_on_in_a_new_session_of_the_same_node);
	tcase_add_test(
	    t, new_control_begins_with_the_oldest_release_the_node_has);
	tcase_add_test(t, releases_that_the_node_gave_up_are_not_waited_for);
	return t;
}

static TCase *
events(void)
{
	TCase *t = tcase_create("events");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, connection_of_another_node_is_unknown);
	tcase_add_test(t, connection_that_is_open_is_not_opened_again);
	tcase_add_test(t, more_and_fin_that_were_not_asked_for_are_dropped);
	tcase_add_test(t, one_node_has_a_bounded_number_of_connections);
	tcase_add_test(t, wait_that_the_node_never_ends_is_ended_by_control);
	tcase_add_test(t, every_event_at_every_truncation_is_dropped);
	tcase_add_test(t, command_from_a_node_is_malformed);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("nodes");
	SRunner *runner;
	int failures;

	suite_add_tcase(s, sessions());
	suite_add_tcase(s, releases());
	suite_add_tcase(s, events());
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
