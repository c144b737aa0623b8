/* The public listeners: who is let in, and who is turned away. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "tests/unit/dataplane/fixture.h"
#include "tests/unit/suite.h"

static int accept4_errno;

int __real_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);

int
__wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
	if (accept4_errno == 0)
		return __real_accept4(fd, sa, len, flags);
	errno = accept4_errno;
	return -1;
}

static char record[256]; /* the newest "source-limit" */
static unsigned n_records;

void __wrap_log_warn(const char *event, const char *fmt, ...) LOG_PRINTF;

void
__wrap_log_warn(const char *event, const char *fmt, ...)
{
	va_list ap;

	if (strcmp(event, "source-limit") != 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(record, sizeof record, fmt, ap);
	va_end(ap);
	n_records++;
}

static int
join_listener(void)
{
	struct sockaddr_storage ss;
	socklen_t len =
	    addr_to_sockaddr(&fixture.node->listeners[0].bound, &ss);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	fixture_rounds(3);
	return fd;
}

static void
listen_with(const char *const *settings)
{
	char why[CONF_WHY_CAP], path[] = "/tmp/carrick-XXXXXX";
	int fd;

	(void)fixture_session(settings);
	ck_assert_msg(listeners_bind(fixture.node, why) == 0, "%s", why);
	fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	(void)close(fd);
	(void)unlink(path);
	ck_assert_msg(
	    listeners_bind_local(fixture.node, path, why) == 0, "%s", why);
	ck_assert_int_eq(listeners_accept(fixture.node), 0);
}

START_TEST(who_is_one_too_many_is_closed_and_counted)
{
	const char *const all[] = {
	    "listen=[\"127.0.0.1:0\"]", "max_connections=1", NULL};
	const char *const one[] = {
	    "listen=[\"127.0.0.1:0\"]", "max_connections_per_source=1", NULL};
	int first, second;
	char c;

	listen_with(_i == 0 ? all : one);
	first = join_listener();
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 1);
	second = join_listener();
	ck_assert_int_eq(read(second, &c, 1), 0);
	ck_assert_uint_eq(fixture_ended(_i == 0 ? REASON_LIMIT_CONNECTIONS
						: REASON_LIMIT_SOURCE),
	    1);
	fd_close(&second);
	fd_close(&first);
	fixture_rounds(3);
	second = join_listener();
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 1);
	fd_close(&second);
	fixture_end();
}
END_TEST

START_TEST(a_full_source_is_told_with_the_keys_to_change_once_a_minute)
{
	const char *const settings[] = {
	    "listen=[\"127.0.0.1:0\"]", "max_connections_per_source=1", NULL};
	int first, second;

	listen_with(settings);
	n_records = 0;
	first = join_listener();
	for (int i = 0; i < 3; i++) {
		second = join_listener();
		fd_close(&second);
	}
	ck_assert_uint_eq(n_records, 1);
	ck_assert_ptr_nonnull(strstr(record, "remote=127.0.0.1:"));
	ck_assert_ptr_nonnull(
	    strstr(record, "reason=limit_source "
			   "key=max_connections_per_source,trusted_proxies"));
	fixture_advance(ACCOUNT_SOURCE_MS);
	fd_close(&first);
	first = join_listener();
	second = join_listener();
	ck_assert_uint_eq(n_records, 2);
	fd_close(&second);
	fd_close(&first);
	fixture_end();
}
END_TEST

START_TEST(a_balancer_is_exempt_from_the_limit_of_one_source)
{
	const char *const settings[] = {"listen=[\"127.0.0.1:0\"]",
	    "max_connections_per_source=1", "trusted_proxies=[127.0.0.1]",
	    NULL};
	int fds[3];

	listen_with(settings);
	for (size_t i = 0; i < 3; i++)
		fds[i] = join_listener();
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 3);
	for (size_t i = 0; i < 3; i++)
		fd_close(&fds[i]);
	fixture_end();
}
END_TEST

START_TEST(the_address_of_a_newcomer_is_told)
{
	const char *const settings[] = {"listen=[\"127.0.0.1:0\"]", NULL};
	const struct ipc_conn_open *b;
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	int fd;

	listen_with(settings);
	fd = join_listener();
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	sockets_put(fd, "x", 1);
	fixture_rounds(3);
	b = &fixture_event(IPC_CONN_OPEN, 0)->u.conn_open;
	ck_assert_int_eq(b->remote.port, ntohs(sin.sin_port));
	ck_assert(addr_is_loopback(&b->remote));
	ck_assert(addr_equal(&b->local, &fixture.node->listeners[0].bound));
	fd_close(&fd);
	fixture_end();
}
END_TEST

START_TEST(urgent_bytes_of_a_newcomer_stay_in_its_stream)
{
	const char *const settings[] = {"listen=[\"127.0.0.1:0\"]", NULL};
	const struct pending *p;
	int fd, on = 0;
	socklen_t len = sizeof on;

	listen_with(settings);
	fd = join_listener();
	sockets_put(fd, "x", 1);
	fixture_rounds(3);
	p = pending_find(
	    fixture.node, fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn);
	ck_assert_int_eq(
	    getsockopt(p->fd, SOL_SOCKET, SO_OOBINLINE, &on, &len), 0);
	ck_assert_int_eq(on, 1);
	fd_close(&fd);
	fixture_end();
}
END_TEST

static int
get_option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void
expect_keepalive(
    int fd, int idle_s, int interval_s, int count, int user_timeout_ms)
{
	ck_assert_int_eq(get_option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	ck_assert_int_eq(get_option(fd, IPPROTO_TCP, TCP_KEEPIDLE), idle_s);
	ck_assert_int_eq(
	    get_option(fd, IPPROTO_TCP, TCP_KEEPINTVL), interval_s);
	ck_assert_int_eq(get_option(fd, IPPROTO_TCP, TCP_KEEPCNT), count);
	ck_assert_int_eq(
	    get_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), user_timeout_ms);
}

/* Two come in, and say a byte; for a verdict on both. */
static struct ipc_msg
join_two(int peers[2])
{
	uint64_t conns[2];

	for (int i = 0; i < 2; i++) {
		peers[i] = join_listener();
		sockets_put(peers[i], "x", 1);
		fixture_rounds(3);
		conns[i] = fixture_event(IPC_CONN_OPEN, 0)->u.conn_open.conn;
	}
	return fixture_pair(conns[0], conns[1]);
}

START_TEST(keepalive_is_the_nodes_own_unless_a_verdict_gives_one)
{
	const char *const settings[] = {"listen=[\"127.0.0.1:0\"]",
	    "keepalive_idle_s=61", "keepalive_interval_s=11",
	    "keepalive_count=5", "user_timeout_ms=90000", NULL};
	int peers[2];
	struct ipc_msg m;
	const struct pair *pair;

	listen_with(settings);
	m = join_two(peers);
	expect_keepalive(
	    pending_find(fixture.node, m.u.conn_pair.a)->fd, 61, 11, 5, 90000);
	if (_i > 0)
		m.u.conn_pair.limits.keepalive_idle_s = 7;
	if (_i > 1) {
		m.u.conn_pair.limits.keepalive_interval_s = 8;
		m.u.conn_pair.limits.keepalive_count = 3;
	}
	fixture_command(&m);
	pair = LIST_FIRST(&fixture.node->pairs.list);
	for (int i = 0; i < 2; i++) {
		int fd = pair->ends[i].fd;

		if (_i == 0)
			expect_keepalive(fd, 61, 11, 5, 90000);
		else if (_i == 1)
			expect_keepalive(fd, 7, 11, 5, 1000 * (7 + 5 * 11));
		else
			expect_keepalive(fd, 7, 8, 3, 1000 * (7 + 3 * 8));
		fd_close(&peers[i]);
	}
	fixture_end();
}
END_TEST

START_TEST(accepting_rests_when_descriptors_run_out)
{
	const char *const settings[] = {"listen=[\"127.0.0.1:0\"]", NULL};
	int fd;

	listen_with(settings);
	accept4_errno = EMFILE;
	fd = join_listener();
	ck_assert_uint_eq(
	    fixture.node->account.counters[FIGURE_ACCEPT_BACKOFFS], 1);
	accept4_errno = 0;
	fixture_rounds(3);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 0);
	fixture_advance(LISTEN_BACKOFF_MS + 1);
	fixture_rounds(3);
	ck_assert_uint_eq(fixture.node->n_in[PENDING_PREAMBLE], 1);
	fd_close(&fd);
	fixture_end();
}
END_TEST

START_TEST(a_busy_address_stops_the_start_with_a_sentence)
{
	const char *const settings[] = {"listen=[\"127.0.0.1:0\"]", NULL};
	char why[CONF_WHY_CAP], text[ADDR_TEXT_CAP + 16], *copy;
	struct node other = {0};

	listen_with(settings);
	(void)snprintf(
	    text, sizeof text, "%s", fixture.node->listeners[0].text);
	copy = text;
	other.config.listen.n = 1;
	other.config.listen.items = (void **)&copy;
	ck_assert_int_eq(listeners_bind(&other, why), -1);
	ck_assert_ptr_nonnull(strstr(why, text));
	listeners_close(&other);
	fixture_end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("listener");

	tcase_add_loop_test(t, who_is_one_too_many_is_closed_and_counted, 0, 2);
	tcase_add_test(
	    t, a_full_source_is_told_with_the_keys_to_change_once_a_minute);
	tcase_add_test(t, a_balancer_is_exempt_from_the_limit_of_one_source);
	tcase_add_test(t, the_address_of_a_newcomer_is_told);
	tcase_add_test(t, urgent_bytes_of_a_newcomer_stay_in_its_stream);
	tcase_add_loop_test(
	    t, keepalive_is_the_nodes_own_unless_a_verdict_gives_one, 0, 3);
	tcase_add_test(t, accepting_rests_when_descriptors_run_out);
	tcase_add_test(t, a_busy_address_stops_the_start_with_a_sentence);
	return suite_run("listener", (TCase *[]){t, NULL});
}
