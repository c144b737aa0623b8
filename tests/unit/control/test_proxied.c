/* Connections behind a balancer: whom a believed header makes them. */
#include <string.h>

#include "control/arrival.h"
#include "control/call.h"
#include "tests/unit/control/balancer.h"

START_TEST(a_believed_source_takes_the_balancers_place)
{
	const struct stream *s;
	struct addr client;

	(void)come(1, "192.0.2.7:1234", fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	s = c->streams.live;
	ck_assert_int_eq(addr_parse(&client, "192.0.2.7:1234"), 0);
	ck_assert(addr_equal(&s->remote, &client));
	client.port = 0;
	ck_assert(addr_equal(&s->payer.source, &client));
}
END_TEST

START_TEST(an_ipv6_source_counts_as_its_network)
{
	struct addr network;

	(void)come(1, "[2001:db8:1:2:3::7]:1234", fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	ck_assert_int_eq(addr_parse(&network, "[2001:db8:1:2::]:0"), 0);
	ck_assert(addr_equal(&c->streams.live->payer.source, &network));
}
END_TEST

START_TEST(each_pair_skips_the_headers_of_both_its_sides)
{
	size_t len_a, len_b;
	uint8_t token[TX3_TOKEN_LEN];
	struct ipc_msg m;

	fake_client(c, &a, 7);
	len_a = come(1, "192.0.2.7:1", fake_digest(7));
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.skip, 0);
	memcpy(token, fake_written, sizeof token);
	len_b = come(2, "[2001:db8::7]:1", token);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.a, 1);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, len_a + 32);
	ck_assert_uint_eq(m.u.conn_pair.skip_b, len_b + 32);
	ck_assert_uint_eq(len_a + 24, len_b);
}
END_TEST

START_TEST(a_control_stream_skips_its_header_and_controls_own_end_has_none)
{
	size_t len = come(1, "192.0.2.7:1", fake_relay(c));
	struct ipc_msg m;

	(void)fake_command(IPC_CONN_HOLD);
	fake_open_local(c, &a, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, len + 32);
	ck_assert_uint_eq(m.u.conn_pair.skip_b, TICKET_LEN);
}
END_TEST

/* A frontend that takes whatever comes, and consumes 4 bytes of it. */
static struct arrival *taken[2];

static size_t n_taken;

static enum sniff
take_all(const struct frontends *fs, const uint8_t *p, size_t len, size_t *want)
{
	(void)fs;
	(void)p;
	(void)len;
	(void)want;
	return SNIFF_YES;
}

static void
take(struct control *control, struct arrival *arrival,
    const struct ipc_bytes *first)
{
	static const struct arrival_hold HOW = {.ttl_ms = 1000, .skip = 4};

	ck_assert_mem_eq(first->p, fake_digest(7), 32);
	taken[n_taken++] = arrival;
	arrival_hold(control, arrival, &HOW, NULL, NULL);
}

START_TEST(a_hold_that_consumes_takes_the_header_too)
{
	static const struct frontend TAKER = {
	    .name = "taker", .number = 9, .sniff = take_all, .arrive = take};
	static const struct ipc_limits HOW;
	static const uint8_t TAG[IPC_TAG_LEN];
	struct arrival_side sides[2];
	struct ipc_msg m;
	size_t len;

	n_taken = 0;
	c->frontends.on[0] = &TAKER;
	(void)come(1, "192.0.2.7:1", fake_digest(7));
	(void)fake_command(IPC_CONN_HOLD);
	len = come(2, "[2001:db8::7]:1", fake_digest(7));
	m = fake_command(IPC_CONN_HOLD);
	ck_assert_uint_eq(m.u.conn_hold.skip, len + 4);
	ck_assert_uint_eq(taken[1]->n_shown, 28);
	sides[0] = (struct arrival_side){.arrival = taken[0], .skip = 28};
	sides[1] = (struct arrival_side){.arrival = taken[1]};
	arrival_pair(c, sides, TAG, &HOW);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, 28);
	ck_assert_uint_eq(m.u.conn_pair.skip_b, 0);
}
END_TEST

START_TEST(a_join_to_a_sibling_takes_the_header_too)
{
	const uint8_t *token;
	struct ipc_conn_join join;
	size_t len;

	ck_assert_int_eq(addr_parse(&b.accept, "10.0.0.1:7444"), 0);
	fake_ready(c, &b);
	node_of(&a)->features = IPC_FEATURE_SIBLINGS;
	(void)fake_client(c, &a, 7);
	token = call(&b, 1, 1, 7);
	fake_forget_commands();
	len = come(2, "192.0.2.7:1", token);
	join = fake_command(IPC_CONN_JOIN).u.conn_join;
	ck_assert_uint_eq(join.skip, len + TX3_TOKEN_LEN);
}
END_TEST

START_TEST(a_client_is_told_the_believed_origin)
{
	struct addr told, client;
	struct wire_reader r;

	fake_client(c, &a, 7)->dialect = TX3_NOTICE50;
	(void)come(1, "192.0.2.7:1234", fake_digest(7));
	ck_assert_uint_eq(fake_written_len, TX3_NOTICE50_LEN);
	wire_reader_init(&r, fake_written, fake_written_len);
	addr_get(&r, &told);
	ck_assert_int_eq(addr_parse(&client, "192.0.2.7:1234"), 0);
	ck_assert(addr_equal(&told, &client));
}
END_TEST

START_TEST(each_source_behind_one_balancer_has_its_own_limits)
{
	static const char *const CLIENTS[] = {"192.0.2.7:1", "192.0.2.8:1"};
	uint64_t conn = 1;

	c->config.max_handshakes_per_source = 64;
	for (size_t i = 0; i < 2; i++)
		for (int k = 0; k < TX3_MAX_CONTROL_STREAMS_PER_IP; k++) {
			(void)come(conn++, CLIENTS[i], fake_relay(c));
			(void)fake_command(IPC_CONN_HOLD);
		}
	for (size_t i = 0; i < 2; i++) {
		(void)come(conn++, CLIENTS[i], fake_relay(c));
		(void)fake_command(IPC_CONN_DROP);
	}
	ck_assert_uint_eq(refused(REFUSAL_LIMIT_STREAMS_SOURCE), 2);
	ck_assert_ptr_nonnull(
	    strstr(fake_log_newest("refused"), "source=192.0.2.8:1"));
	ck_assert_ptr_nonnull(strstr(fake_log_newest("refused"),
	    "key=max_control_streams_per_source,trusted_proxies"));
}
END_TEST

START_TEST(each_source_behind_one_balancer_has_its_own_handshakes)
{
	c->config.max_handshakes_per_source = 1;
	(void)come(1, "192.0.2.7:1", fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	(void)come(2, "192.0.2.8:1", fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	(void)come(3, "192.0.2.8:2", fake_relay(c));
	expect_refused(3, 28 + 32, REFUSAL_LIMIT_HANDSHAKES_SOURCE);
	ck_assert_ptr_nonnull(strstr(fake_log_newest("refused"),
	    "key=max_handshakes_per_source,trusted_proxies"));
}
END_TEST

START_TEST(refusals_are_limited_by_the_believed_source)
{
	struct ipc_msg m;

	for (uint64_t conn = 1; conn <= REFUSALS_BURST; conn++) {
		(void)come(conn, "192.0.2.7:1", fake_digest(99));
		(void)fake_command(IPC_CONN_DROP);
	}
	(void)come(100, "192.0.2.7:1", fake_digest(99));
	m = fake_command(IPC_CONN_DROP);
	ck_assert_int_eq(m.u.conn_drop.how, IPC_DROP_RESET);
	(void)come(101, "192.0.2.8:1", fake_digest(99));
	m = fake_command(IPC_CONN_DROP);
	ck_assert_int_eq(m.u.conn_drop.how, IPC_DROP_ORDERLY);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("proxied", balancer_set_up);

	tcase_add_test(t, a_believed_source_takes_the_balancers_place);
	tcase_add_test(t, an_ipv6_source_counts_as_its_network);
	tcase_add_test(t, each_pair_skips_the_headers_of_both_its_sides);
	tcase_add_test(
	    t, a_control_stream_skips_its_header_and_controls_own_end_has_none);
	tcase_add_test(t, a_hold_that_consumes_takes_the_header_too);
	tcase_add_test(t, a_join_to_a_sibling_takes_the_header_too);
	tcase_add_test(t, a_client_is_told_the_believed_origin);
	tcase_add_test(t, each_source_behind_one_balancer_has_its_own_limits);
	tcase_add_test(
	    t, each_source_behind_one_balancer_has_its_own_handshakes);
	tcase_add_test(t, refusals_are_limited_by_the_believed_source);
	return suite_run("proxied", (TCase *[]){t, NULL});
}
