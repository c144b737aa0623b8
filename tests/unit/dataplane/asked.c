#include "tests/unit/dataplane/asked.h"

#include <check.h>

#include "common/fd.h"

uint64_t conn;
int peer = -1, other = -1;

void
asked_begin(void)
{
	(void)fixture_session(NULL);
	conn = fixture_open(&peer, false, "hello world");
}

void
asked_end(void)
{
	fd_close(&peer);
	fd_close(&other);
	fixture_end();
}

void
asked_expect_gone(enum reason why)
{
	const struct ipc_msg *m;

	fixture_rounds(2);
	m = fixture_event(IPC_CONN_GONE, 0);
	ck_assert_uint_eq(m->u.conn_gone.conn, conn);
	ck_assert_int_eq(m->u.conn_gone.reason, why);
	ck_assert_uint_eq(fixture_ended(why), 1);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_PUBLIC], 0);
}
