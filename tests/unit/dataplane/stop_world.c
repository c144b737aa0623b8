#include "tests/unit/dataplane/stop_world.h"

#include <check.h>

#include "common/fd.h"

struct node *n;

void
world_begin(void)
{
	n = fixture_session(NULL);
}

void
world_acknowledge(void)
{
	fixture_acknowledge(n->releases.next_seq - 1);
}

void
world_answer_goodbye(void)
{
	struct ipc_msg m = {.type = IPC_BYE_ACK};

	m.from = n->link.session;
	fixture_command(&m);
}

void
world_drain(uint32_t timeout_ms)
{
	struct ipc_msg m = {.type = IPC_DRAIN};

	m.u.drain.timeout_ms = timeout_ms;
	fixture_command(&m);
}

void
world_make_pair(int peers[2], enum ipc_on_drain on_drain)
{
	struct ipc_msg m = fixture_pair(fixture_open(&peers[0], false, "a"),
	    fixture_open(&peers[1], false, "b"));

	m.u.conn_pair.limits.on_drain = (uint8_t)on_drain;
	fixture_command(&m);
	fixture_rounds(3);
	ck_assert_uint_ge(n->pairs.n, 1);
}

void
world_outgrow(int peers[2])
{
	static uint8_t bytes[WORKER_YOUNG_LEN];
	size_t n_came = 0;

	sockets_put(peers[0], bytes, sizeof bytes);
	while (n_came < sizeof bytes) {
		long len;

		fixture_rounds(1);
		len = sockets_get(peers[1], bytes, sizeof bytes);
		if (len > 0)
			n_came += (size_t)len;
	}
}

void
world_part(int peers[2])
{
	fd_close(&peers[0]);
	fd_close(&peers[1]);
	fixture_rounds(5);
}

int
world_how_pair_ended(void)
{
	return fixture_event(IPC_PAIR_ENDED, 0)->u.pair_ended.reason;
}

bool
world_said_goodbye(void)
{
	return fixture_count(IPC_NODE_BYE) > 0;
}

void
world_expect_end(void)
{
	ck_assert_int_eq(loop_run(n->loop), 0);
	fixture_end();
}
