#include "tests/unit/control/balancer.h"

#include <string.h>

#include "proto/proxy2.h"

void
balancer_set_up(void)
{
	static char network[] = "10.0.0.0/24";
	void *items[] = {network};
	const struct conf_list texts = {.n = 1, .items = items};

	one_node();
	networks_init(&c->trusted_proxies, &texts);
}

struct bytes
bytes(const void *p, size_t len)
{
	struct bytes of = {.len = len};

	memcpy(of.p, p, len);
	return of;
}

void
append(struct bytes *to, const void *p, size_t len)
{
	ck_assert_uint_le(to->len + len, sizeof to->p);
	memcpy(to->p + to->len, p, len);
	to->len += len;
}

struct bytes
header(const char *client)
{
	struct bytes of = {.len = 0};
	struct addr src, dst;

	ck_assert_int_eq(addr_parse(&src, client), 0);
	ck_assert_int_eq(addr_parse(&dst, "10.0.0.9:7443"), 0);
	of.len = proxy2_put(&src, &dst, of.p);
	return of;
}

struct bytes
local_header(void)
{
	return header("0.0.0.0:0");
}

void
show(
    uint64_t conn, const char *remote, uint8_t flags, const struct bytes *first)
{
	fake_show_from(c, &a, conn, remote, first->p, first->len, flags);
}

void
show_more(uint64_t conn, uint8_t flags, const struct bytes *all)
{
	fake_show_more(c, &a, conn, all->p, all->len, flags);
}

size_t
come(uint64_t conn, const char *client, const uint8_t first[32])
{
	struct bytes said = header(client);
	size_t len = said.len;

	append(&said, first, 32);
	show(conn, BALANCER, 0, &said);
	return len;
}

void
expect_refused(uint64_t conn, size_t skip, enum refusal why)
{
	struct ipc_msg m = fake_command(IPC_CONN_DROP);

	ck_assert_uint_eq(m.u.conn_drop.conn, conn);
	ck_assert_uint_eq(m.u.conn_drop.skip, skip);
	ck_assert_uint_eq(refused(why), 1);
}

void
expect_wait(size_t want)
{
	ck_assert_uint_eq(fake_command(IPC_CONN_WAIT).u.conn_wait.n, want);
}
