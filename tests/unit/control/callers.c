#include "tests/unit/control/callers.h"

#include <string.h>

static uint64_t newest_conn;

void
callers_set_up(void)
{
	two_nodes();
	newest_conn = 0;
}

uint64_t
next_conn(void)
{
	return ++newest_conn;
}

uint64_t
call_from(uint8_t source)
{
	uint64_t conn = next_conn();

	fake_open(c, &a, conn, source, fake_digest(7));
	return conn;
}

void
calls_from(unsigned n, uint8_t source)
{
	while (n-- > 0)
		(void)call_from(source);
}

void
answer(void)
{
	uint8_t token[TX3_TOKEN_LEN];

	memcpy(token, fake_written, sizeof token);
	fake_open(c, &a, next_conn(), 7, token);
}

void
check_calls(uint32_t n_waiting, uint32_t n_pending)
{
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], n_waiting);
	ck_assert_uint_eq(c->calls.n[CALL_PENDING], n_pending);
	ck_assert_uint_eq(c->tokens.issued.n, n_pending);
}
