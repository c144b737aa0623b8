/* What a tcp:// pipeline meets on its way; nanomsg must stand it. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/common/nnlink_ends.h"
#include "tests/unit/suite.h"

static unsigned n_came;

/* What the network says to nanomsg, which asks in threads of its own. */
static atomic_int send_error, receive_error, n_errors;

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	if (send_error == 0)
		return syscall(SYS_sendmsg, fd, m, flags);
	errno = send_error;
	n_errors++;
	return -1;
}

ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	if (receive_error == 0)
		return syscall(SYS_recvmsg, fd, m, flags);
	errno = receive_error;
	n_errors++;
	return -1;
}

static void
on_message(void *arg, const void *p, size_t len)
{
	(void)arg;
	(void)p;
	(void)len;
	n_came++;
}

/* Another process may have it already. */
static bool
open_at(unsigned port)
{
	(void)snprintf(url, sizeof url, "tcp://127.0.0.1:%u", port);
	in = nnlink_in_new(loop, url, 0, MAX_LEN, on_message, NULL, NULL);
	if (in == NULL)
		return false;
	out = nnlink_out_new(loop, url, 16);
	ck_assert_ptr_nonnull(out);
	ends_await(ends_are_connected);
	return true;
}

static void
open_somewhere(void)
{
	unsigned port = 20000 + (unsigned)getpid() % 10000;

	while (!open_at(port))
		port++;
}

/* What tcp(7) and ip(7) can say of a connection that was well. */
static const int ERRORS[] = {ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, ECONNRESET,
    EPIPE, ENETDOWN, EHOSTDOWN, ENONET, EPROTO, ENOPROTOOPT, EACCES, EPERM,
    ENOBUFS, ENOMEM, ECONNREFUSED};

static bool
has_met_it(void)
{
	(void)nnlink_send(out, "x", 1);
	return n_errors > 0;
}

static bool
is_through(void)
{
	(void)nnlink_send(out, "x", 1);
	return n_came > 0;
}

static void
get_over_it(void)
{
	ends_await(has_met_it);
	send_error = receive_error = 0;
	nnlink_out_flush(out);
	n_came = 0;
	ends_await(is_through);
}

START_TEST(connection_that_can_not_be_written_to_is_made_again)
{
	open_somewhere();
	send_error = ERRORS[_i];
	get_over_it();
}
END_TEST

START_TEST(connection_that_can_not_be_read_from_is_made_again)
{
	open_somewhere();
	receive_error = ERRORS[_i];
	get_over_it();
}
END_TEST

static const char *awaited_way;

static bool
has_that_way(void)
{
	return strcmp(nnlink_out_way(out), awaited_way) == 0;
}

static void
await_way(const char *way)
{
	awaited_way = way;
	ends_await(has_that_way);
}

/* Nobody accepts there: connections are made, and nothing is said. */
static int
listen_somewhere(void)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	(void)snprintf(
	    url, sizeof url, "tcp://127.0.0.1:%u", ntohs(sin.sin_port));
	return fd;
}

START_TEST(what_became_of_its_tries_is_told)
{
	int mute = listen_somewhere();

	ends_connect(16);
	await_way("who is there hangs up, or does not greet within 1 s");
	nnlink_out_free(out);
	(void)close(mute);
	ends_connect(16);
	await_way("each try to connect failed");
	nnlink_out_free(out);
	open_somewhere();
	await_way("connected");
}
END_TEST

enum { FIRST = 40000, N_PORTS = 4 }; /* all that this host gives */

static bool
write_text(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	bool done =
	    fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	(void)close(fd);
	return done;
}

/* A network namespace with a loopback device and few ports. false: this
 * machine lets nobody have one. */
static bool
move_to_small_host(void)
{
	struct ifreq lo = {.ifr_name = "lo"};
	char range[32];
	int fd;

	if (unshare(geteuid() == 0 ? CLONE_NEWNET
				   : CLONE_NEWNET | CLONE_NEWUSER) == -1)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	lo.ifr_flags = IFF_UP;
	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &lo), 0);
	(void)close(fd);
	(void)snprintf(
	    range, sizeof range, "%d %d", FIRST, FIRST + N_PORTS - 1);
	return write_text("/proc/sys/net/ipv4/ip_local_port_range", range);
}

/* Connections that have every port, to somewhere else. */
static void
take_all_ports(void)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
	    .sin_port = htons(FIRST - 1),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&where, sizeof where), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	for (int i = 0; i < N_PORTS; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ck_assert_int_eq(
		    connect(fd, (struct sockaddr *)&where, sizeof where), 0);
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	where.sin_port = 0; /* as nanomsg would */
	ck_assert_int_eq(
	    syscall(SYS_bind, fd, &where, (socklen_t)sizeof where), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
}

/* nanomsg would abort. */
START_TEST(connection_is_made_when_every_port_is_taken)
{
	if (!move_to_small_host())
		return;
	take_all_ports();
	ck_assert(open_at(FIRST - 2));
	ends_await(is_through);
}
END_TEST

/* The same everywhere: its socket has not taken a port for itself. */
START_TEST(connection_takes_no_port_before_it_connects)
{
	struct sockaddr_in peer;
	unsigned n_found = 0;

	open_somewhere();
	for (int fd = 3; fd < 256; fd++) {
		socklen_t len = sizeof peer;
		int on = 0;

		if (getpeername(fd, (struct sockaddr *)&peer, &len) == -1 ||
		    peer.sin_family != AF_INET ||
		    ntohs(peer.sin_port) !=
			(unsigned)atoi(strrchr(url, ':') + 1))
			continue;
		n_found++;
		len = sizeof on;
		ck_assert_int_eq(getsockopt(fd, IPPROTO_IP,
				     IP_BIND_ADDRESS_NO_PORT, &on, &len),
		    0);
		ck_assert_int_eq(on, 1);
	}
	ck_assert_uint_eq(n_found, 1);
}
END_TEST

int
main(void)
{
	const int n = (int)(sizeof ERRORS / sizeof *ERRORS);
	TCase *t = tcase_create("nnlink over tcp");

	tcase_add_checked_fixture(t, ends_set_up, ends_tear_down);
	tcase_add_loop_test(
	    t, connection_that_can_not_be_written_to_is_made_again, 0, n);
	tcase_add_loop_test(
	    t, connection_that_can_not_be_read_from_is_made_again, 0, n);
	tcase_add_test(t, what_became_of_its_tries_is_told);
	tcase_add_test(t, connection_takes_no_port_before_it_connects);
	tcase_add_test(t, connection_is_made_when_every_port_is_taken);
	return suite_run("nnlink_tcp", (TCase *[]){t, NULL});
}
