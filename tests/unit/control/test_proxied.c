/* Connections behind a balancer: who is believed, and what counts then. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/arrival.h"
#include "control/call.h"
#include "proto/proxy2.h"
#include "tests/unit/control/fake.h"

#define BALANCER "10.0.0.1:50000"
#define LINE	 "PROXY TCP4 192.0.2.7 10.0.0.9 1234 7443\r\n"
#define LINE_LEN (sizeof LINE - 1)

static struct control *c;
static struct fake_node n;
static char record[512]; /* the newest "refused" */

void __wrap_log_info(const char *event, const char *fmt, ...) LOG_PRINTF;

void
__wrap_log_info(const char *event, const char *fmt, ...)
{
	va_list ap;

	if (strcmp(event, "refused") != 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(record, sizeof record, fmt, ap);
	va_end(ap);
}

static void
set_up(void)
{
	static char network[] = "10.0.0.0/24";
	void *items[] = {network};
	const struct conf_list texts = {.n = 1, .items = items};

	c = fake_new();
	networks_init(&c->trusted_proxies, &texts);
	n = (struct fake_node){.name = "n", .epoch = 0xa1};
	fake_ready(c, &n);
	record[0] = '\0';
}

static void
tear_down(void)
{
	fake_free(c);
}

/* A preamble as a test puts it together. */
struct bytes {
	uint8_t p[600];
	size_t len;
};

static struct bytes
bytes(const void *p, size_t len)
{
	struct bytes b = {.len = len};

	memcpy(b.p, p, len);
	return b;
}

static void
append(struct bytes *b, const void *p, size_t len)
{
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

/* The header of a client at that address. */
static struct bytes
header(const char *client)
{
	struct bytes b = {.len = 0};
	struct addr src, dst;

	ck_assert_int_eq(addr_parse(&src, client), 0);
	ck_assert_int_eq(addr_parse(&dst, "10.0.0.9:7443"), 0);
	b.len = proxy2_put(&src, &dst, b.p);
	return b;
}

static struct bytes
local_header(void)
{
	return header("0.0.0.0:0");
}

static void
show(uint64_t conn, const char *remote, uint8_t flags, const struct bytes *b)
{
	struct ipc_msg m = {.type = IPC_CONN_OPEN};

	m.u.conn_open.conn = conn;
	m.u.conn_open.flags = flags;
	ck_assert_int_eq(addr_parse(&m.u.conn_open.remote, remote), 0);
	m.u.conn_open.first = (struct ipc_bytes){.p = b->p, .len = b->len};
	fake_send(c, &n, m);
}

static void
show_more(uint64_t conn, uint8_t flags, const struct bytes *b)
{
	struct ipc_msg m = {.type = IPC_CONN_MORE};

	m.u.conn_more.conn = conn;
	m.u.conn_more.flags = flags;
	m.u.conn_more.bytes = (struct ipc_bytes){.p = b->p, .len = b->len};
	fake_send(c, &n, m);
}

/* Through the balancer, for the client there: these 32 bytes. */
static size_t
come(uint64_t conn, const char *client, const uint8_t first[32])
{
	struct bytes b = header(client);
	size_t len = b.len;

	append(&b, first, 32);
	show(conn, BALANCER, 0, &b);
	return len;
}

static void
expect_refused(uint64_t conn, size_t skip, enum refusal why)
{
	struct ipc_msg m = fake_command(IPC_CONN_DROP);

	ck_assert_uint_eq(m.u.conn_drop.conn, conn);
	ck_assert_uint_eq(m.u.conn_drop.skip, skip);
	ck_assert_uint_eq(c->counters.refused[why], 1);
}

static void
expect_wait(size_t want)
{
	struct ipc_msg m = fake_command(IPC_CONN_WAIT);

	ck_assert_uint_eq(m.u.conn_wait.n, want);
}

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

	fake_client(c, &n, 7);
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
	fake_open_local(c, &n, 2, fake_ticket);
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
take(struct control *control, struct arrival *a, const struct ipc_bytes *first)
{
	static const struct arrival_hold HOW = {.ttl_ms = 1000, .skip = 4};

	ck_assert_mem_eq(first->p, fake_digest(7), 32);
	taken[n_taken++] = a;
	arrival_hold(control, a, &HOW, NULL, NULL);
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
	struct fake_node other = {.name = "other", .epoch = 0x77};
	uint8_t token[TX3_TOKEN_LEN];
	struct ipc_conn_join join;
	struct node *node;
	size_t len;

	ck_assert_int_eq(addr_parse(&other.accept, "10.0.0.1:7444"), 0);
	fake_ready(c, &other);
	node = table_find(&c->nodes.by_session, &n.session);
	node->features = IPC_FEATURE_SIBLINGS;
	(void)fake_client(c, &n, 7);
	fake_open(c, &other, 1, 1, fake_digest(7));
	memcpy(token, fake_written, sizeof token);
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

	fake_client(c, &n, 7)->dialect = TX3_NOTICE50;
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
	ck_assert_uint_eq(c->counters.refused[REFUSAL_LIMIT_STREAMS_SOURCE], 2);
	ck_assert_ptr_nonnull(strstr(record, "source=192.0.2.8:1"));
	ck_assert_ptr_nonnull(strstr(
	    record, "key=max_control_streams_per_source,trusted_proxies"));
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
	ck_assert_ptr_nonnull(
	    strstr(record, "key=max_handshakes_per_source,trusted_proxies"));
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
	struct bytes b = bytes(LINE, LINE_LEN);
	struct ipc_msg m;

	c->config.connection_timeout_ms = 3000;
	b.len = 1;
	show(1, BALANCER, 0, &b);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.ttl_ms, 3000);
	fake_advance(c, 1000);
	b.len = 15;
	show_more(1, 0, &b);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.ttl_ms, 2000);
	fake_advance(c, 2000);
	b.len = 17;
	show_more(1, 0, &b);
	m = fake_command(IPC_CONN_WAIT);
	ck_assert_uint_eq(m.u.conn_wait.ttl_ms, IPC_TTL_MIN_MS);
}
END_TEST

START_TEST(a_header_that_ends_too_soon_is_refused)
{
	struct bytes b = bytes(LINE, LINE_LEN - 1);

	show(1, BALANCER, IPC_CONN_FINISHED, &b);
	expect_refused(1, LINE_LEN - 1, REFUSAL_SHORT);
}
END_TEST

START_TEST(a_trusted_source_without_a_header_is_refused)
{
	struct bytes b = bytes(fake_relay(c), 32);

	show(1, BALANCER, 0, &b);
	expect_refused(1, 32, REFUSAL_PROXY_HEADER);
	ck_assert_ptr_nonnull(strstr(record, "source=" BALANCER));
	ck_assert_ptr_nonnull(
	    strstr(record, "reason=proxy_header key=trusted_proxies"));
}
END_TEST

START_TEST(a_header_from_another_source_is_refused)
{
	struct bytes b = _i == 0   ? bytes(LINE, LINE_LEN)
			 : _i == 1 ? header("192.0.2.7:1")
				   : local_header();
	size_t len = b.len;

	show(1, "192.0.2.66:1", 0, &b);
	expect_refused(1, len, REFUSAL_PROXY_UNTRUSTED);
	ck_assert_ptr_nonnull(strstr(record, "source=192.0.2.66:1"));
	ck_assert_ptr_nonnull(
	    strstr(record, "reason=proxy_untrusted key=trusted_proxies"));
}
END_TEST

START_TEST(a_header_from_another_source_is_known_once_it_is_there)
{
	struct bytes b = bytes(LINE, 5);

	show(1, "192.0.2.66:1", 0, &b);
	expect_wait(32);
	b = bytes(LINE, 32);
	show_more(1, 0, &b);
	expect_refused(1, 32, REFUSAL_PROXY_UNTRUSTED);
}
END_TEST

START_TEST(who_is_not_listed_comes_without_a_header)
{
	fake_open(c, &n, 1, 66, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
}
END_TEST

START_TEST(a_balancers_own_connection_counts_as_its_own)
{
	struct bytes b =
	    _i == 0 ? local_header() : bytes("PROXY UNKNOWN\r\n", 15);
	struct addr balancer;
	size_t len = b.len;
	struct ipc_msg m;

	append(&b, fake_relay(c), 32);
	show(1, BALANCER, 0, &b);
	(void)fake_command(IPC_CONN_HOLD);
	ck_assert_int_eq(addr_parse(&balancer, BALANCER), 0);
	ck_assert(addr_equal(&c->streams.live->remote, &balancer));
	fake_open_local(c, &n, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	ck_assert_uint_eq(m.u.conn_pair.skip_a, len + 32);
}
END_TEST

/* At once, or after the node was told to wait for more. */
START_TEST(a_header_and_then_an_end_makes_no_noise)
{
	struct bytes b = local_header();
	struct ipc_msg m;

	if (_i == 0) {
		show(1, BALANCER, IPC_CONN_FINISHED, &b);
	} else {
		show(1, BALANCER, 0, &b);
		expect_wait(b.len + 32);
		show_more(1, IPC_CONN_FINISHED, &b);
	}
	m = fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(m.u.conn_drop.skip, b.len);
	ck_assert_str_eq(record, "");
	ck_assert_uint_eq(c->counters.counts[COUNT_PROXIED_EMPTY], 1);
	ck_assert_uint_eq(c->counters.refused[REFUSAL_SHORT], 0);
}
END_TEST

START_TEST(an_end_in_the_preamble_behind_a_header_is_short)
{
	struct bytes b = local_header();

	append(&b, "x", 1);
	show(1, BALANCER, IPC_CONN_FINISHED, &b);
	expect_refused(1, b.len, REFUSAL_SHORT);
}
END_TEST

START_TEST(a_node_that_shows_less_than_the_header_is_refused)
{
	struct bytes b = bytes(LINE, LINE_LEN);

	show(1, BALANCER, 0, &b);
	expect_wait(LINE_LEN + 32);
	b.len = LINE_LEN - 1;
	show_more(1, IPC_CONN_FINISHED, &b);
	expect_refused(1, LINE_LEN - 1, REFUSAL_SHORT);
}
END_TEST

START_TEST(a_second_header_is_nobodys_preamble)
{
	struct bytes b = bytes(LINE, LINE_LEN);

	append(&b, LINE, LINE_LEN);
	show(1, BALANCER, 0, &b);
	expect_refused(1, 2 * LINE_LEN, REFUSAL_NOBODY);
}
END_TEST

START_TEST(controls_own_connection_needs_no_header)
{
	static char v4[] = "0.0.0.0/0", v6[] = "::/0";
	void *items[] = {v4, v6};
	const struct conf_list everybody = {.n = 2, .items = items};

	networks_init(&c->trusted_proxies, &everybody);
	fake_open_local(c, &n, 2, fake_digest(1));
	expect_refused(2, 32, REFUSAL_TICKET);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("proxied");
	TCase *t = tcase_create("proxied");
	SRunner *r;
	int failures;

	tcase_add_checked_fixture(t, set_up, tear_down);
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
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
