#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/allow.h"
#include "tests/unit/client/far.h"

static struct allow allow;
static struct fault fault;

static int
parse(size_t n, const char *const *texts)
{
	struct command_list list = {.n = n};

	for (size_t i = 0; i < n; i++)
		list.items[i] = texts[i];
	return allow_parse(&allow, &list, &fault);
}

START_TEST(digests_are_read_in_order)
{
	static const char *const texts[] = {
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};

	ck_assert_int_eq(parse(2, texts), 0);
	ck_assert_uint_eq(allow.n, 2);
	ck_assert_uint_eq(allow.digests[0][0], 0);
	ck_assert_uint_eq(allow.digests[1][0], 1);
}
END_TEST

START_TEST(what_is_no_digest_is_named)
{
	static const char *const texts[] = {
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "friend"};

	ck_assert_int_eq(parse(2, texts), -1);
	ck_assert_int_eq(fault.code, EXITCODE_USAGE);
	ck_assert_ptr_nonnull(strstr(fault.text, "--allow friend"));
}
END_TEST

struct caller {
	SSL_CTX *ctx;
	int fd;
	bool heard; /* a byte from the service's end */
};

static void *
call(void *arg)
{
	struct caller *caller = arg;
	SSL *ssl = far_tls(caller->ctx, caller->fd, TLS_ROLE_CLIENT);
	char c;
	int error;

	/* in TLS 1.3 a client hears of a refusal at its first read */
	ck_assert_ptr_nonnull(ssl);
	caller->heard = far_ssl_read(ssl, &c, 1, &error) == 1;
	far_hang_up(ssl);
	return NULL;
}

/* Whether a caller gets through to whoever allows these. */
static bool
gets_through(const struct identity *caller_id)
{
	struct identity *id = far_identity();
	SSL_CTX *ctx = far_context(TLS_ROLE_SERVER, id);
	struct caller caller = {.ctx = far_context(TLS_ROLE_CLIENT, caller_id)};
	pthread_t thread;
	SSL *ssl;
	int near;

	far_pair(&near, &caller.fd);
	allow_install(&allow, ctx);
	far_start(&thread, call, &caller);
	ck_assert_int_eq(fcntl(near, F_SETFL, 0), 0);
	ssl = far_tls(ctx, near, TLS_ROLE_SERVER);
	if (ssl != NULL)
		far_ssl_write(ssl, "x", 1);
	(void)shutdown(near, SHUT_WR);
	far_join(thread);
	SSL_free(ssl);
	(void)close(near);
	SSL_CTX_free(caller.ctx);
	SSL_CTX_free(ctx);
	identity_free(id);
	return caller.heard;
}

START_TEST(without_a_list_everybody_gets_through)
{
	struct identity *id = far_identity();

	ck_assert_int_eq(parse(0, NULL), 0);
	ck_assert(gets_through(id));
	identity_free(id);
}
END_TEST

START_TEST(who_is_on_the_list_gets_through_and_nobody_else)
{
	struct identity *friend = far_identity(), *stranger = far_identity();
	char text[DIGEST_TEXT_CAP];
	const char *texts[] = {
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", text};

	digest_format(friend->digest, text);
	ck_assert_int_eq(parse(2, texts), 0);
	ck_assert(gets_through(friend));
	ck_assert(!gets_through(stranger));
	identity_free(friend);
	identity_free(stranger);
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
	Suite *s = suite_create("allow");
	TCase *t = tcase_create("allow");
	SRunner *r;
	int failures;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, digests_are_read_in_order);
	tcase_add_test(t, what_is_no_digest_is_named);
	tcase_add_test(t, without_a_list_everybody_gets_through);
	tcase_add_test(t, who_is_on_the_list_gets_through_and_nobody_else);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
