/* Control streams of tx3's clients: tickets, handshakes, ends. */
#include "control/frontend_tx3.h"
#include "tests/unit/control/world.h"

START_TEST(ticket_is_believed_from_a_local_connection_alone)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_forget_commands();
	fake_open(c, &a, 2, 1, fake_ticket);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(refused(REFUSAL_NOBODY), 1);
	fake_open_local(c, &a, 3, fake_ticket);
	(void)fake_command(IPC_CONN_PAIR);
}
END_TEST

START_TEST(ticket_is_good_once_and_at_its_node_alone)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open_local(c, &b, 2, fake_ticket);
	ck_assert_uint_eq(refused(REFUSAL_OTHER_NODE), 1);
	ck_assert_uint_eq(streams_ended(STREAM_END_REFUSED), 1);
	fake_open_local(c, &a, 3, fake_ticket);
	ck_assert_uint_eq(refused(REFUSAL_TICKET), 1);
}
END_TEST

START_TEST(digest_and_token_are_not_believed_from_a_local_connection)
{
	const uint8_t *token;

	fake_client(c, &a, 7);
	token = call(&a, 1, 1, 7);
	fake_open_local(c, &a, 2, token);
	fake_open_local(c, &a, 3, fake_digest(7));
	fake_open_local(c, &a, 4, fake_relay(c));
	ck_assert_uint_eq(refused(REFUSAL_TICKET), 3);
	fake_open(c, &a, 5, 1, token);
	ck_assert_uint_eq(calls_ended(CALL_END_PAIRED), 1);
}
END_TEST

START_TEST(accept_socket_that_is_not_there_ends_the_stream)
{
	fake_no_accept_socket = true;
	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	(void)fake_command(IPC_CONN_DROP);
	ck_assert_uint_eq(streams_ended(STREAM_END_ACCEPT_SOCKET), 1);
}
END_TEST

START_TEST(handshake_that_takes_too_long_is_ended)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_open_local(c, &a, 2, fake_ticket);
	fake_advance(c, c->config.handshake_timeout_ms);
	ck_assert_uint_eq(streams_ended(STREAM_END_TIMEOUT), 1);
}
END_TEST

START_TEST(connection_that_goes_before_its_pair_ends_the_stream)
{
	fake_open(c, &a, 1, 1, fake_relay(c));
	fake_gone(c, &a, 1);
	ck_assert_uint_eq(streams_ended(STREAM_END_GONE), 1);
	fake_open_local(c, &a, 2, fake_ticket);
	ck_assert_uint_eq(refused(REFUSAL_TICKET), 1);
}
END_TEST

START_TEST(pair_that_the_node_refuses_ends_the_stream)
{
	struct ipc_msg m;

	fake_open(c, &a, 1, 1, fake_relay(c));
	(void)fake_command(IPC_CONN_HOLD);
	fake_open_local(c, &a, 2, fake_ticket);
	m = fake_command(IPC_CONN_PAIR);
	fake_pair_refused(
	    c, &a, m.u.conn_pair.tag, REASON_PARTNER_GONE, IPC_GONE_A);
	ck_assert_uint_eq(streams_ended(STREAM_END_REFUSED), 1);
	ck_assert_uint_eq(c->pairs.n_streams, 0);
}
END_TEST

START_TEST(client_that_reads_no_notices_is_ended_with_its_calls)
{
	fake_client(c, &a, 7);
	(void)call(&a, 1, 1, 7);
	fake_forget_commands();
	fake_unread = stream_backlog_max(&c->config, &frontend_tx3) - 31;
	(void)call(&a, 2, 1, 7);
	ck_assert_uint_eq(streams_ended(STREAM_END_SLOW), 1);
	ck_assert_uint_eq(calls_ended(CALL_END_CLIENT_GONE), 2);
	ck_assert(!is_registered(7));
}
END_TEST

static int
select_alpn(const char *list, unsigned len)
{
	const unsigned char *out = NULL;
	unsigned char out_len = 0;

	return frontend_tx3_select_alpn(
	    NULL, &out, &out_len, (const unsigned char *)list, len, NULL);
}

START_TEST(alpn_of_ours_that_is_unknown_is_refused_and_no_other)
{
	ck_assert_int_eq(select_alpn("\x02h2", 3), SSL_TLSEXT_ERR_NOACK);
	ck_assert_int_eq(select_alpn("\x07"
				     "carrick",
			     8),
	    SSL_TLSEXT_ERR_NOACK);
	ck_assert_int_eq(select_alpn("\x09"
				     "carrick/1",
			     10),
	    SSL_TLSEXT_ERR_OK);
	ck_assert_int_eq(select_alpn("\x09"
				     "carrick/2"
				     "\x09"
				     "carrick/1",
			     20),
	    SSL_TLSEXT_ERR_OK);
	ck_assert_int_eq(select_alpn("\x0a"
				     "carrick/10",
			     11),
	    SSL_TLSEXT_ERR_ALERT_FATAL);
	ck_assert_int_eq(select_alpn("\x02h2\x09"
				     "carrick/2",
			     13),
	    SSL_TLSEXT_ERR_ALERT_FATAL);
}
END_TEST

int
main(void)
{
	TCase *t = world_case("tx3_streams", two_nodes);

	tcase_add_test(t, ticket_is_believed_from_a_local_connection_alone);
	tcase_add_test(t, ticket_is_good_once_and_at_its_node_alone);
	tcase_add_test(
	    t, digest_and_token_are_not_believed_from_a_local_connection);
	tcase_add_test(t, accept_socket_that_is_not_there_ends_the_stream);
	tcase_add_test(t, handshake_that_takes_too_long_is_ended);
	tcase_add_test(t, connection_that_goes_before_its_pair_ends_the_stream);
	tcase_add_test(t, pair_that_the_node_refuses_ends_the_stream);
	tcase_add_test(t, client_that_reads_no_notices_is_ended_with_its_calls);
	tcase_add_test(t, alpn_of_ours_that_is_unknown_is_refused_and_no_other);
	return suite_run("tx3_streams", (TCase *[]){t, NULL});
}
