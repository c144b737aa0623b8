#include "tests/unit/dataplane/hop_world.h"

#include <check.h>
#include <errno.h>
#include <string.h>

#include "common/fd.h"
#include "common/listen.h"

uint64_t conn;
int peer = -1, sibling = -1, listener = -1;
struct addr there;
int connect_errno;
bool connect_is_late, no_socket;
static struct addr connect_as; /* port not 0: connect goes there instead */

int __real_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);

int
__wrap_socket(int domain, int type, int protocol)
{
	if (!no_socket)
		return __real_socket(domain, type, protocol);
	errno = EMFILE;
	return -1;
}

/* A socket that never was told to listen or connect is writable at once, with
 * POLLHUP; one whose backlog is full stays quiet. */
static int
never_connect(int fd)
{
	static int full[2] = {-1, -1};
	struct sockaddr_storage ss;
	struct addr any, bound;
	socklen_t len;

	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0"), 0);
	full[0] = listen_tcp(&any, &bound);
	ck_assert_int_eq(listen(full[0], 0), 0);
	len = addr_to_sockaddr(&bound, &ss);
	full[1] = __real_socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(
	    __real_connect(full[1], (struct sockaddr *)&ss, len), 0);
	return __real_connect(fd, (struct sockaddr *)&ss, len);
}

int
__wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_storage ss;

	if (connect_errno != 0) {
		errno = connect_errno;
		return -1;
	}
	if (connect_is_late)
		return never_connect(fd);
	if (connect_as.port == 0)
		return __real_connect(fd, sa, len);
	len = addr_to_sockaddr(&connect_as, &ss);
	return __real_connect(fd, (struct sockaddr *)&ss, len);
}

void
world_set_up(void)
{
	struct addr any;
	char setting[64], text[ADDR_TEXT_CAP];
	const char *settings[] = {setting, NULL};

	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0"), 0);
	listener = listen_tcp(&any, &there);
	(void)snprintf(setting, sizeof setting, "siblings=[\"%s\"]",
	    addr_format(&there, text));
	(void)fixture_session(settings);
	conn = fixture_open(&peer, false, "token and more");
}

void
world_tear_down(void)
{
	fd_close(&peer);
	fd_close(&sibling);
	fd_close(&listener);
	pending_close_all(fixture.node, REASON_SHUTDOWN);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_JOINING], 0);
	ck_assert(LIST_EMPTY(&fixture.node->hops));
	fixture_end();
}

struct ipc_msg
world_join_to(const struct addr *a)
{
	struct ipc_msg m = {.type = IPC_CONN_JOIN};

	m.u.conn_join = (struct ipc_conn_join){.conn = conn,
	    .skip = 5,
	    .ttl_ms = TTL_MS,
	    .addr = *a,
	    .say = {(const uint8_t *)"joined", 6}};
	memset(m.u.conn_join.ticket, 'T', IPC_TICKET_LEN);
	memset(m.u.conn_join.tag, 't', IPC_TAG_LEN);
	return m;
}

void
world_join(void)
{
	struct ipc_msg m = world_join_to(&there);

	fixture_command(&m);
}

struct ipc_msg
world_join_in_network(void)
{
	struct addr other;

	ck_assert_int_eq(
	    sibling_parse(&fixture.node->siblings.list[0], "192.0.2.0/24:7444"),
	    0);
	ck_assert_int_eq(addr_parse(&other, "192.0.2.7:7444"), 0);
	connect_as = there;
	return world_join_to(&other);
}

void
world_expect_refused(enum reason why, uint8_t gone)
{
	const struct ipc_pair_refused *u;

	fixture_rounds(5);
	ck_assert_uint_eq(fixture_count(IPC_PAIR_REFUSED), 1);
	u = &fixture_event(IPC_PAIR_REFUSED, 0)->u.pair_refused;
	ck_assert_int_eq(u->reason, why);
	ck_assert_int_eq(u->gone, gone);
	ck_assert_int_eq(u->tag[31], 't');
	ck_assert_uint_eq(fixture_count(IPC_CONN_GONE), 0);
	ck_assert_int_eq(fixture_state(conn), PENDING_CLOSED);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_PUBLIC], 0);
	ck_assert_uint_eq(fixture.node->admissions.n[ADMISSION_SIBLING], 0);
	ck_assert_uint_eq(pairs_n(fixture.node), 0);
}
