/* Headers of balancers: who is to say one, who may, and what is none. */
#include <string.h>

#include "tests/unit/control/balancer.h"

START_TEST(a_header_that_comes_in_parts_is_waited_for)
{
	struct bytes all = bytes(LINE, LINE_LEN), part = all;

	append(&all, fake_relay(c), 32);
	part.len = 1;
	show(1, BALANCER, 0, &part);
	expect_wait(15);
	part.len = 15;
	show_more(1, 0, &part);
	expect_wait(17);
	part.len = LINE_LEN - 1;
	show_more(1, 0, &part);
	expect_wait(LINE_LEN);
	part.len = LINE_LEN;
	show_more(1, 0, &part);
	expect_wait(LINE_LEN + 32);
	show_more(1, 0, &all);
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

START_TEST(parts_do_not_lengthen_the_time_there_is)
{
	struct bytes said = bytes(LINE, LINE_LEN);
	struct ipc_msg m;

	c->config.connection_timeout_ms = 3000;
	said.len = 1;
	show(1, BALANCER, 0, &said);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.ttl_ms, 3000);
	fake_advance(c, 1000);
	said.len = 15;
	show_more(1, 0, &said);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.ttl_ms, 2000);
	fake_advance(c, 2000);
	said.len = 17;
	show_more(1, 0, &said);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.ttl_ms, IPC_TTL_MIN_MS);
}
END_TEST

START_TEST(a_header_that_ends_too_soon_is_refused)
{
	struct bytes said = bytes(LINE, LINE_LEN - 1);

	show(1, BALANCER, IPC_CONN_FINISHED, &said);
	expect_refused(1, LINE_LEN - 1, REFUSAL_SHORT);
}
END_TEST

START_TEST(a_trusted_source_without_a_header_is_refused)
{
	struct bytes said = bytes(fake_relay(c), 32);

	show(1, BALANCER, 0, &said);
	expect_refused(1, 32, REFUSAL_PROXY_HEADER);
	ck_assert_ptr_nonnull(
	    strstr(fake_log_newest("refused"), "source=" BALANCER));
	ck_assert_ptr_nonnull(strstr(fake_log_newest("refused"),
	    "reason=proxy_header key=trusted_proxies"));
}
END_TEST

START_TEST(a_header_from_another_source_is_refused)
{
	struct bytes said = _i == 0   ? bytes(LINE, LINE_LEN)
			    : _i == 1 ? header("192.0.2.7:1")
				      : local_header();
	size_t len = said.len;

	show(1, "192.0.2.66:1", 0, &said);
	expect_refused(1, len, REFUSAL_PROXY_UNTRUSTED);
	ck_assert_ptr_nonnull(
	    strstr(fake_log_newest("refused"), "source=192.0.2.66:1"));
	ck_assert_ptr_nonnull(strstr(fake_log_newest("refused"),
	    "reason=proxy_untrusted key=trusted_proxies"));
}
END_TEST

START_TEST(a_header_from_another_source_is_known_once_it_is_there)
{
	struct bytes said = bytes(LINE, 5);

	show(1, "192.0.2.66:1", 0, &said);
	expect_wait(32);
	said = bytes(LINE, 32);
	show_more(1, 0, &said);
	expect_refused(1, 32, REFUSAL_PROXY_UNTRUSTED);
}
END_TEST

START_TEST(who_is_not_listed_comes_without_a_header)
{
	fake_open(c, &a, 1, 66, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

START_TEST(a_balancers_own_connection_counts_as_its_own)
{
	struct bytes said =
	    _i == 0 ? local_header() : bytes("PROXY UNKNOWN\r\n", 15);
	struct addr balancer;
	size_t len = said.len;
	struct ipc_msg m;

	append(&said, fake_relay(c), 32);
	show(1, BALANCER, 0, &said);
	(void)fake_command(IPC_CONN_HOLD);
	ck_assert_int_eq(addr_parse(&balancer, BALANCER), 0);
	ck_assert(addr_equal(&c->streams.live->remote, &balancer));
	fake_open_local(c, &a, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, len + 32);
}
END_TEST

/* At once, or after the node was told to wait for more. */
START_TEST(a_header_and_then_an_end_makes_no_noise)
{
	struct bytes said = local_header();
	struct ipc_msg m;

	if (_i == 0) {
		show(1, BALANCER, IPC_CONN_FINISHED, &said);
	} else {
		show(1, BALANCER, 0, &said);
		expect_wait(said.len + 32);
		show_more(1, IPC_CONN_FINISHED, &said);
	}
	m = fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(m.u.conn_drop.skip, said.len);
	ck_assert_str_eq(fake_log_newest("refused"), "");
	ck_assert_uint_eq(counted(COUNT_PROXIED_EMPTY), 1);
	ck_assert_uint_eq(refused(REFUSAL_SHORT), 0);
}
END_TEST

START_TEST(an_end_in_the_preamble_behind_a_header_is_short)
{
	struct bytes said = local_header();

	append(&said, "x", 1);
	show(1, BALANCER, IPC_CONN_FINISHED, &said);
	expect_refused(1, said.len, REFUSAL_SHORT);
}
END_TEST

START_TEST(a_node_that_shows_less_than_the_header_is_refused)
{
	struct bytes said = bytes(LINE, LINE_LEN);

	show(1, BALANCER, 0, &said);
	expect_wait(LINE_LEN + 32);
	said.len = LINE_LEN - 1;
	show_more(1, IPC_CONN_FINISHED, &said);
	expect_refused(1, LINE_LEN - 1, REFUSAL_SHORT);
}
END_TEST

START_TEST(a_second_header_is_nobodys_preamble)
{
	struct bytes said = bytes(LINE, LINE_LEN);

	append(&said, LINE, LINE_LEN);
	show(1, BALANCER, 0, &said);
	expect_refused(1, 2 * LINE_LEN, REFUSAL_NOBODY);
}
END_TEST

START_TEST(controls_own_connection_needs_no_header)
{
	static char v4[] = "0.0.0.0/0", v6[] = "::/0";
	void *items[] = {v4, v6};
	const struct conf_list everybody = {.n = 2, .items = items};

	networks_init(&c->trusted_proxies, &everybody);
	fake_open_local(c, &a, 2, fake_digest(1));
	expect_refused(2, 32, REFUSAL_TICKET);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("proxied_headers", balancer_set_up);

	tcase_add_test(t, a_header_that_comes_in_parts_is_waited_for);
	tcase_add_test(t, parts_do_not_lengthen_the_time_there_is);
	tcase_add_test(t, a_header_that_ends_too_soon_is_refused);
	tcase_add_test(t, a_trusted_source_without_a_header_is_refused);
	tcase_add_loop_test(t, a_header_from_another_source_is_refused, 0, 3);
	tcase_add_test(
	    t, a_header_from_another_source_is_known_once_it_is_there);
	tcase_add_test(t, who_is_not_listed_comes_without_a_header);
	tcase_add_loop_test(
	    t, a_balancers_own_connection_counts_as_its_own, 0, 2);
	tcase_add_loop_test(t, a_header_and_then_an_end_makes_no_noise, 0, 2);
	tcase_add_test(t, an_end_in_the_preamble_behind_a_header_is_short);
	tcase_add_test(t, a_node_that_shows_less_than_the_header_is_refused);
	tcase_add_test(t, a_second_header_is_nobodys_preamble);
	tcase_add_test(t, controls_own_connection_needs_no_header);
	return suite_run("proxied_headers", (TCase *[]){t, NULL});
}
