/* What a service manager passes along: by its variables, and from descriptor 3
 * on, so each case runs in a process of its own. */
#include "common/activation.h"

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/listen.h"
#include "tests/unit/suite.h"

#define CAP 4

static struct outcome {
	int rc;
	size_t n;
	struct activation_socket sockets[CAP];
	char why[256];
	bool is_env_gone;
	bool are_flags_set;
} * out;

static int passed[CAP];
static size_t n_passed;

static void
set_up(void)
{
	out = mmap(NULL, sizeof *out, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(out, MAP_FAILED);
	n_passed = 0;
}

static void
tear_down(void)
{
	(void)munmap(out, sizeof *out);
}

static struct addr
pass_listener(const char *text)
{
	struct addr a, bound;

	ck_assert_int_eq(addr_parse(&a, text), 0);
	passed[n_passed] = listen_tcp(&a, &bound);
	ck_assert_int_ge(passed[n_passed++], 0);
	return bound;
}

static void
pass_socket(int family, int type, int protocol)
{
	passed[n_passed] = socket(family, type, protocol);
	ck_assert_int_ge(passed[n_passed++], 0);
}

/* As between fork and exec: from 3 on, blocking and inheritable. */
static void
place_descriptors(void)
{
	for (size_t i = 0; i < n_passed; i++) {
		int high = fcntl(passed[i], F_DUPFD, 100);

		(void)fcntl(high, F_SETFL, 0);
		passed[i] = high;
	}
	for (size_t i = 0; i < n_passed; i++)
		(void)dup2(passed[i], ACTIVATION_FD_FIRST + (int)i);
	(void)close(ACTIVATION_FD_FIRST + (int)n_passed);
}

static bool
are_flags_set(void)
{
	for (size_t i = 0; i < out->n; i++) {
		int fd = out->sockets[i].fd;

		if (fd != ACTIVATION_FD_FIRST + (int)i ||
		    (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0 ||
		    (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
			return false;
	}
	return true;
}

static void
set(const char *name, const char *value)
{
	if (value != NULL)
		(void)setenv(name, value, 1);
	else
		(void)unsetenv(name);
}

/* pid: NULL is not set, "" its own. */
static void
take(const char *pid, const char *fds, const char *names)
{
	char own[16];
	pid_t child = fork();

	ck_assert_int_ne(child, -1);
	if (child != 0) {
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
		return;
	}
	place_descriptors();
	(void)snprintf(own, sizeof own, "%d", (int)getpid());
	set("LISTEN_PID", pid != NULL && pid[0] == '\0' ? own : pid);
	set("LISTEN_FDS", fds);
	set("LISTEN_FDNAMES", names);
	out->n = 99;
	out->rc = activation_take(
	    out->sockets, CAP, &out->n, out->why, sizeof out->why);
	out->is_env_gone = getenv("LISTEN_PID") == NULL &&
			   getenv("LISTEN_FDS") == NULL &&
			   getenv("LISTEN_FDNAMES") == NULL;
	out->are_flags_set = out->rc == 0 && are_flags_set();
	_exit(0);
}

static void
assert_taken(size_t n)
{
	ck_assert_str_eq(out->why, "");
	ck_assert_int_eq(out->rc, 0);
	ck_assert_uint_eq(out->n, n);
	ck_assert(out->is_env_gone);
	ck_assert(out->are_flags_set);
}

static void
assert_refused(const char *word)
{
	ck_assert_int_eq(out->rc, -1);
	ck_assert_msg(strstr(out->why, word) != NULL, "%s", out->why);
	ck_assert(out->is_env_gone);
}

START_TEST(listeners_of_both_families_are_taken_over)
{
	struct addr v4 = pass_listener("127.0.0.1:0");
	struct addr v6 = pass_listener("[::1]:0");

	take("", "2", "a:b");
	assert_taken(2);
	ck_assert(addr_equal(&out->sockets[0].bound, &v4));
	ck_assert(addr_equal(&out->sockets[1].bound, &v6));
}
END_TEST

START_TEST(without_the_variables_nothing_was_passed)
{
	(void)pass_listener("127.0.0.1:0");
	take(NULL, NULL, NULL);
	assert_taken(0);
	take(NULL, "1", NULL);
	assert_taken(0);
	take("", NULL, NULL);
	assert_taken(0);
	take("", "0", "");
	assert_taken(0);
}
END_TEST

START_TEST(what_was_passed_to_another_process_is_not_ours)
{
	(void)pass_listener("127.0.0.1:0");
	take("1", "1", "a");
	assert_taken(0);
}
END_TEST

START_TEST(names_are_not_needed)
{
	(void)pass_listener("127.0.0.1:0");
	take("", "1", NULL);
	assert_taken(1);
}
END_TEST

static const char *const NO_NUMBERS[] = {
    "", "x", "1x", " 1", "+1", "-1", "99999999999999999999"};

START_TEST(what_is_no_number_is_an_error)
{
	take("", NO_NUMBERS[_i], "a");
	assert_refused("LISTEN_FDS=");
	if (NO_NUMBERS[_i][0] == '\0')
		return; /* here it stands for the right one */
	take(NO_NUMBERS[_i], "1", "a");
	assert_refused("LISTEN_PID=");
}
END_TEST

START_TEST(as_many_as_there_is_room_for_are_taken_and_one_more_is_an_error)
{
	for (size_t i = 0; i < CAP; i++)
		(void)pass_listener("127.0.0.1:0");
	take("", "4", NULL);
	assert_taken(CAP);
	take("", "5", NULL);
	assert_refused("LISTEN_FDS='5', where 0..4 can be");
}
END_TEST

START_TEST(a_descriptor_that_is_no_listening_tcp_socket_is_named)
{
	static const struct {
		int family, type;
	} others[] = {{AF_UNIX, SOCK_STREAM}, {AF_INET, SOCK_STREAM},
	    {AF_INET6, SOCK_DGRAM}};

	(void)pass_listener("127.0.0.1:0");
	pass_socket(others[_i].family, others[_i].type, 0);
	take("", "2", "public:odd one:more");
	assert_refused("descriptor 4 ('odd one'), which is no listening TCP "
		       "socket");
	take("", "2", "public");
	assert_refused("descriptor 4 ('unknown')");
}
END_TEST

START_TEST(a_descriptor_that_is_not_open_is_named)
{
	(void)pass_listener("127.0.0.1:0");
	take("", "2", "a:b");
	assert_refused("descriptor 4 ('b')");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("activation");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, listeners_of_both_families_are_taken_over);
	tcase_add_test(t, without_the_variables_nothing_was_passed);
	tcase_add_test(t, what_was_passed_to_another_process_is_not_ours);
	tcase_add_test(t, names_are_not_needed);
	tcase_add_loop_test(t, what_is_no_number_is_an_error, 0,
	    sizeof NO_NUMBERS / sizeof *NO_NUMBERS);
	tcase_add_test(
	    t, as_many_as_there_is_room_for_are_taken_and_one_more_is_an_error);
	tcase_add_loop_test(
	    t, a_descriptor_that_is_no_listening_tcp_socket_is_named, 0, 3);
	tcase_add_test(t, a_descriptor_that_is_not_open_is_named);
	return suite_run("activation", (TCase *[]){t, NULL});
}
