/* Nodes' events that are not as they must be. */
#include <stdlib.h>
#include <string.h>

#include "control/arrival.h"
#include "control/link.h"
#include "tests/unit/control/world.h"

START_TEST(connection_of_another_node_is_unknown)
{
	fake_ready(c, &a);
	fake_ready(c, &b);
	fake_open(c, &a, 5, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_show_more(c, &b, 5, NULL, 0, 0);
	fake_fin(c, &b, 5);
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
	fake_ready(c, &a);
	fake_open(c, &a, 5, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_show_more(c, &a, 5, NULL, 0, 0);
	fake_fin(c, &a, 5);
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_STATE), 2);
}
END_TEST

START_TEST(one_node_has_a_bounded_number_of_connections)
{
	fake_ready(c, &a);
	node_of(&a)->arrivals.max = 3;
	for (uint64_t conn = 1; conn <= 3; conn++) {
		/* No byte yet: it waits. */
		fake_show(c, &a, conn, 1, NULL, 0, 0);
		(void)fake_command(IPC_CONN_WAIT);
	}
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_LIMIT), 0);
	fake_show(c, &a, 4, 1, NULL, 0, 0);
	ck_assert_uint_eq(fake_command(IPC_CONN_DROP).u.conn_drop.conn, 4);
	ck_assert_uint_eq(dropped(EVENT_DROP_CONN_LIMIT), 1);
}
END_TEST

START_TEST(wait_that_the_node_never_ends_is_ended_by_control)
{
	fake_ready(c, &a);
	fake_show(c, &a, 1, 1, NULL, 0, 0);
	(void)fake_command(IPC_CONN_WAIT);
	for (int i = 0; i < 25; i++) {
		fake_no_command();
		fake_beat(c, &a);
		fake_advance(c, 1000);
	}
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(refused(REFUSAL_TIMEOUT), 1);
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

int
main(void)
{
	TCase *t = world_case("node_events", no_node);

	tcase_add_test(t, connection_of_another_node_is_unknown);
	tcase_add_test(t, connection_that_is_open_is_not_opened_again);
	tcase_add_test(t, more_and_fin_that_were_not_asked_for_are_dropped);
	tcase_add_test(t, one_node_has_a_bounded_number_of_connections);
	tcase_add_test(t, wait_that_the_node_never_ends_is_ended_by_control);
	tcase_add_test(t, every_event_at_every_truncation_is_dropped);
	tcase_add_test(t, command_from_a_node_is_malformed);
	return suite_run("node_events", (TCase *[]){t, NULL});
}
