#include "tests/unit/control/hop_world.h"

struct ipc_conn_join join;

void
hop_world_set_up(void)
{
	no_node();
	b.features = IPC_FEATURE_SIBLINGS;
	ck_assert_int_eq(addr_parse(&a.accept, "10.0.0.1:7444"), 0);
	fake_ready(c, &a);
	fake_ready(c, &b);
	(void)fake_client(c, &b, 7);
}

void
call_and_answer(void)
{
	const uint8_t *token = call(&a, PEER, 1, 7);

	fake_forget_commands();
	fake_open(c, &b, COMER, 2, token);
}

void
begin_hop(void)
{
	struct ipc_msg m;

	call_and_answer();
	m = fake_command(IPC_CONN_JOIN);
	ck_assert_uint_eq(m.to, b.epoch);
	join = m.u.conn_join;
}

struct ipc_msg
arrive(void)
{
	fake_open_local(c, &a, TICKET, join.ticket);
	return fake_command(IPC_CONN_PAIR);
}

void
expect_failed(enum call_end why)
{
	struct ipc_msg m = fake_command(IPC_CONN_DROP);

	ck_assert_uint_eq(m.to, a.epoch);
	ck_assert_uint_eq(m.u.conn_drop.conn, PEER);
	ck_assert_uint_eq(calls_ended(why), 1);
	ck_assert_uint_eq(client_of(7)->quota.callers.n_pending, 0);
	ck_assert_uint_eq(client_of(7)->quota.n_paired, 0);
	ck_assert_uint_eq(c->hops.calls.n, 0);
}

void
expect_dead_ticket(void)
{
	uint64_t before = refused(REFUSAL_TICKET);

	fake_forget_commands();
	fake_open_local(c, &a, TICKET + 1, join.ticket);
	ck_assert_uint_eq(refused(REFUSAL_TICKET), before + 1);
	ck_assert_uint_eq(
	    fake_command(IPC_CONN_DROP).u.conn_drop.conn, TICKET + 1);
}
