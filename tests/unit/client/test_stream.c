#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/stream.h"

/* Each test runs in a process of its own, whose 0 and 1 are its to change. */
static void
become(int in, int out)
{
	ck_assert_int_eq(dup2(in, STDIN_FILENO), STDIN_FILENO);
	ck_assert_int_eq(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
}

START_TEST(flags_of_pipes_are_given_back)
{
	int in[2], out[2];
	struct stream s;

	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	become(in[0], out[1]);
	ck_assert_int_eq(stream_from_stdio(&s), 0);
	ck_assert(fcntl(in[0], F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(out[1], F_GETFL) & O_NONBLOCK);
	stream_close(&s);
	ck_assert(!(fcntl(in[0], F_GETFL) & O_NONBLOCK));
	ck_assert(!(fcntl(out[1], F_GETFL) & O_NONBLOCK));
}
END_TEST

START_TEST(a_flag_that_was_set_stays_set)
{
	int in[2], out[2];
	struct stream s;

	ck_assert_int_eq(pipe2(in, O_NONBLOCK), 0);
	ck_assert_int_eq(pipe(out), 0);
	become(in[0], out[1]);
	ck_assert_int_eq(stream_from_stdio(&s), 0);
	stream_close(&s);
	ck_assert(fcntl(in[0], F_GETFL) & O_NONBLOCK);
}
END_TEST

START_TEST(finishing_a_pipe_is_an_end_for_its_reader)
{
	int in[2], out[2];
	struct stream s;
	size_t n = 0;
	char c;

	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	become(in[0], out[1]);
	(void)close(out[1]);
	ck_assert_int_eq(stream_from_stdio(&s), 0);
	ck_assert_int_eq(stream_write(&s, "x", 1, &n), STREAM_OK);
	ck_assert_int_eq(stream_finish(&s), STREAM_OK);
	ck_assert_int_eq(read(out[0], &c, 1), 1);
	ck_assert_int_eq(read(out[0], &c, 1), 0);
	ck_assert_int_eq(stream_read(&s, &c, 1, &n), STREAM_WANT_READ);
	(void)close(in[1]);
	stream_close(&s);
}
END_TEST

START_TEST(an_inherited_socket_keeps_its_flags_and_half_closes)
{
	struct stream s;
	size_t n = 0;
	int sv[2];
	char c;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	become(sv[0], sv[0]);
	(void)close(sv[0]);
	ck_assert_int_eq(stream_from_stdio(&s), 0);
	ck_assert(!(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK));
	ck_assert_int_eq(stream_read(&s, &c, 1, &n), STREAM_WANT_READ);
	ck_assert_int_eq(stream_finish(&s), STREAM_OK);
	ck_assert_int_eq(read(sv[1], &c, 1), 0);
	ck_assert_int_eq(write(sv[1], "y", 1), 1);
	ck_assert_int_eq(stream_read(&s, &c, 1, &n), STREAM_OK);
	stream_close(&s);
}
END_TEST

START_TEST(a_file_is_read_to_its_end)
{
	char name[] = "/tmp/carrick-test.XXXXXX";
	int file = mkstemp(name), null = open("/dev/null", O_WRONLY);
	struct stream s;
	char buf[8];
	size_t n = 0;

	ck_assert_int_ne(file, -1);
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(write(file, "abc", 3), 3);
	ck_assert_int_eq(lseek(file, 0, SEEK_SET), 0);
	become(file, null);
	ck_assert_int_eq(stream_from_stdio(&s), 0);
	ck_assert_int_eq(stream_read(&s, buf, sizeof buf, &n), STREAM_OK);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(stream_read(&s, buf, sizeof buf, &n), STREAM_END);
	ck_assert_int_eq(stream_finish(&s), STREAM_OK);
	stream_close(&s);
}
END_TEST

START_TEST(without_standard_input_nothing_is_changed)
{
	int out[2];
	struct stream s;

	ck_assert_int_eq(pipe(out), 0);
	ck_assert_int_eq(dup2(out[1], STDOUT_FILENO), STDOUT_FILENO);
	(void)close(STDIN_FILENO);
	ck_assert_int_eq(stream_from_stdio(&s), -1);
	ck_assert(!stream_is_open(&s));
	ck_assert(!(fcntl(out[1], F_GETFL) & O_NONBLOCK));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("stream");
	TCase *t = tcase_create("stream");
	SRunner *r;
	int failures;

	tcase_add_test(t, flags_of_pipes_are_given_back);
	tcase_add_test(t, a_flag_that_was_set_stays_set);
	tcase_add_test(t, finishing_a_pipe_is_an_end_for_its_reader);
	tcase_add_test(t, an_inherited_socket_keeps_its_flags_and_half_closes);
	tcase_add_test(t, a_file_is_read_to_its_end);
	tcase_add_test(t, without_standard_input_nothing_is_changed);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
