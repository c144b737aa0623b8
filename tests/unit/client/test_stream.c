#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/stream.h"
#include "tests/unit/client/far.h"
#include "tests/unit/suite.h"

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

struct far_end {
	SSL_CTX *ctx;
	int fd;
};

static void *
ends_then_resets(void *arg)
{
	struct far_end *far = arg;
	SSL *ssl = far_tls(far->ctx, far->fd, TLS_ROLE_CLIENT);

	ck_assert_ptr_nonnull(ssl);
	far_finish(ssl);
	SSL_free(ssl);
	far_reset(far->fd);
	return NULL;
}

/* OpenSSL calls every error after a close_notify an end. */
START_TEST(a_write_that_fails_after_the_others_end_says_why)
{
	struct identity *id = far_identity();
	SSL_CTX *server = far_context(TLS_ROLE_SERVER, id);
	struct far_end far = {.ctx = far_context(TLS_ROLE_CLIENT, id)};
	struct stream s;
	pthread_t thread;
	size_t n = 0;
	int near;
	char c;

	far_pair(&near, &far.fd);
	ck_assert_int_eq(fcntl(near, F_SETFL, 0), 0);
	far_start(&thread, ends_then_resets, &far);
	stream_from_ssl(&s, far_tls(server, near, TLS_ROLE_SERVER), near);
	ck_assert_int_eq(stream_read(&s, &c, 1, &n), STREAM_END);
	far_join(thread);
	ck_assert_int_eq(stream_write(&s, "x", 1, &n), STREAM_FAILED);
	ck_assert_str_ne(s.why, "");
	stream_close(&s);
	SSL_CTX_free(server);
	SSL_CTX_free(far.ctx);
	identity_free(id);
}
END_TEST

static void
setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN); /* as the loop does */
}

int
main(void)
{
	TCase *t = tcase_create("stream");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, flags_of_pipes_are_given_back);
	tcase_add_test(t, a_flag_that_was_set_stays_set);
	tcase_add_test(t, finishing_a_pipe_is_an_end_for_its_reader);
	tcase_add_test(t, an_inherited_socket_keeps_its_flags_and_half_closes);
	tcase_add_test(t, a_file_is_read_to_its_end);
	tcase_add_test(t, without_standard_input_nothing_is_changed);
	tcase_add_test(t, a_write_that_fails_after_the_others_end_says_why);
	return suite_run("stream", (TCase *[]){t, NULL});
}
