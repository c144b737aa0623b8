/* How many may come in, and what the listeners do with those who may not. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "dataplane/admission.h"
#include "tests/unit/dataplane/fixture.h"

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

static const struct addr LOCAL; /* zeros */
static const struct conf_list NO_TEXTS;

static struct addr
v4(uint8_t last)
{
	return (struct addr){
	    .ip = {[10] = 0xff, 0xff, 192, 0, 2, last}, .port = last};
}

static struct addr
v6(uint8_t in_network, uint8_t host)
{
	return (struct addr){
	    .ip = {0x20, 0x01, 0xd, 0xb8, [7] = in_network, [15] = host}};
}

START_TEST(places_are_limited_in_all_and_come_back)
{
	struct admissions as;
	struct admission a[3];
	struct addr from;

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){2, 1, 1, 1}, 2, &NO_TEXTS),
	    0);
	from = v4(1);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &from, ADMISSION_PUBLIC), REASON_NONE);
	from = v4(2);
	ck_assert_int_eq(
	    admission_take(&as, &a[1], &from, ADMISSION_PUBLIC), REASON_NONE);
	from = v4(3);
	ck_assert_int_eq(admission_take(&as, &a[2], &from, ADMISSION_PUBLIC),
	    REASON_LIMIT_CONNECTIONS);
	admission_give(&as, &a[0]);
	admission_give(&as, &a[0]); /* the second time nothing */
	ck_assert_uint_eq(as.n[ADMISSION_PUBLIC], 1);
	ck_assert_int_eq(
	    admission_take(&as, &a[2], &from, ADMISSION_PUBLIC), REASON_NONE);
	admission_give(&as, &a[1]);
	admission_give(&as, &a[2]);
	admissions_fini(&as);
}
END_TEST

START_TEST(a_source_is_an_ipv4_address_or_an_ipv6_64)
{
	struct admissions as;
	struct admission a[3];
	struct addr first = _i == 0 ? v4(1) : v6(1, 1);
	struct addr same = first, other = _i == 0 ? v4(2) : v6(2, 1);

	same.port++;
	if (_i == 1)
		same.ip[15]++;
	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){9, 1, 1, 1}, 1, &NO_TEXTS),
	    0);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &first, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[1], &same, ADMISSION_PUBLIC),
	    REASON_LIMIT_SOURCE);
	ck_assert_int_eq(
	    admission_take(&as, &a[2], &other, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_uint_eq(as.n[ADMISSION_PUBLIC], 2);
	admissions_fini(&as);
}
END_TEST

START_TEST(strangers_do_not_take_controls_own_places)
{
	struct admissions as;
	struct admission a[4];
	struct addr from = v4(1);

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){1, 1, 1, 1}, 1, &NO_TEXTS),
	    0);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &from, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_int_eq(
	    admission_take(&as, &a[1], &LOCAL, ADMISSION_LOCAL), REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[2], &LOCAL, ADMISSION_LOCAL),
	    REASON_LIMIT_CONNECTIONS);
	ck_assert_int_eq(
	    admission_take(&as, &a[3], &from, ADMISSION_ACCEPT), REASON_NONE);
	admission_give(&as, &a[1]);
	ck_assert_uint_eq(as.n[ADMISSION_LOCAL], 0);
	ck_assert_uint_eq(as.n[ADMISSION_ACCEPT], 1);
	admissions_fini(&as);
}
END_TEST

START_TEST(an_exempt_network_has_the_limit_of_all_alone)
{
	char network[] = "192.0.2.0/25";
	void *items[] = {network};
	const struct conf_list exempt = {.n = 1, .items = items};
	struct addr inside = v4(1), outside = v4(200);
	struct admissions as;
	struct admission a[4];

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){4, 1, 1, 1}, 1, &exempt),
	    0);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    admission_take(&as, &a[i], &inside, ADMISSION_PUBLIC),
		    REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[3], &outside, ADMISSION_PUBLIC),
	    REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[3], &inside, ADMISSION_PUBLIC),
	    REASON_LIMIT_CONNECTIONS);
	ck_assert_uint_eq(as.sources.counts.n, 1);
	for (size_t i = 0; i < 4; i++)
		admission_give(&as, &a[i]);
	ck_assert_uint_eq(as.n[ADMISSION_PUBLIC], 0);
	ck_assert_uint_eq(as.sources.counts.n, 0);
	admissions_fini(&as);
}
END_TEST

/* Else the one would stand in the other's line, with the other's limits. */
START_TEST(an_exempt_address_is_no_source_with_its_neighbours)
{
	char balancer[] = "2001:db8:0:1::1";
	void *items[] = {balancer};
	const struct conf_list exempt = {.n = 1, .items = items};
	struct addr inside = v6(1, 1), beside = v6(1, 2);
	struct admissions as;
	struct admission a[2];

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){4, 1, 1, 1}, 1, &exempt),
	    0);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &inside, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_int_eq(
	    admission_take(&as, &a[1], &beside, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert(!a[0].is_counted && a[1].is_counted);
	ck_assert_mem_ne(a[0].source.ip, a[1].source.ip, sizeof inside.ip);
	admissions_fini(&as);
}
END_TEST

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

	fixture_session(settings);
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

static Suite *
admission_suite(void)
{
	Suite *s = suite_create("admission");
	TCase *t = tcase_create("admission");

	suite_add_tcase(s, t);
	tcase_add_test(t, places_are_limited_in_all_and_come_back);
	tcase_add_loop_test(t, a_source_is_an_ipv4_address_or_an_ipv6_64, 0, 2);
	tcase_add_test(t, strangers_do_not_take_controls_own_places);
	tcase_add_loop_test(t, who_is_one_too_many_is_closed_and_counted, 0, 2);
	tcase_add_test(t, an_exempt_network_has_the_limit_of_all_alone);
	tcase_add_test(t, an_exempt_address_is_no_source_with_its_neighbours);
	tcase_add_test(
	    t, a_full_source_is_told_with_the_keys_to_change_once_a_minute);
	tcase_add_test(t, a_balancer_is_exempt_from_the_limit_of_one_source);
	tcase_add_test(t, the_address_of_a_newcomer_is_told);
	tcase_add_test(t, urgent_bytes_of_a_newcomer_stay_in_its_stream);
	tcase_add_test(t, accepting_rests_when_descriptors_run_out);
	tcase_add_test(t, a_busy_address_stops_the_start_with_a_sentence);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(admission_suite());
	int failures;

	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
