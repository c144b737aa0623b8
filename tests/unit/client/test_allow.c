#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/allow.h"
#include "tests/unit/client/far.h"
#include "tests/unit/suite.h"

static struct allow allow;
static struct fault fault;
static struct identity *us; /* who allows */
static SSL_CTX *ctx;
static uint64_t now_ms = 1000;

uint64_t __wrap_clock_boot_ms(void);

uint64_t
__wrap_clock_boot_ms(void)
{
	return now_ms;
}

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

static void
install(void)
{
	us = far_identity();
	ctx = far_context(TLS_ROLE_SERVER, us);
	allow_install(&allow, ctx);
}

/* Whether a caller gets through to whoever allows what is installed. */
static bool
gets_past(const struct identity *caller_id)
{
	struct caller caller = {.ctx = far_context(TLS_ROLE_CLIENT, caller_id)};
	pthread_t thread;
	SSL *ssl;
	int near;

	far_pair(&near, &caller.fd);
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
	return caller.heard;
}

static void
uninstall(void)
{
	SSL_CTX_free(ctx);
	identity_free(us);
	ctx = NULL;
	us = NULL;
}

static bool
gets_through(const struct identity *caller_id)
{
	bool through;

	install();
	through = gets_past(caller_id);
	uninstall();
	return through;
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

/* How many records of refusals are in f, which is emptied. */
static unsigned
count_records(FILE *f, char last[256])
{
	char line[256];
	unsigned n = 0;

	rewind(f);
	while (fgets(line, sizeof line, f) != NULL) {
		n++;
		memcpy(last, line, sizeof line);
	}
	rewind(f);
	ck_assert_int_eq(ftruncate(fileno(f), 0), 0);
	return n;
}

START_TEST(refusals_are_logged_as_unproved_and_so_many_a_second)
{
	struct identity *stranger = far_identity();
	char text[DIGEST_TEXT_CAP], last[256];
	const char *texts[] = {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ne(dup2(fileno(f), STDERR_FILENO), -1);
	ck_assert_int_eq(parse(1, texts), 0);
	install();
	for (int i = 0; i < ALLOW_RECORDS_BURST + 2; i++)
		ck_assert(!gets_past(stranger));
	ck_assert_uint_eq(count_records(f, last), ALLOW_RECORDS_BURST);
	ck_assert_ptr_nonnull(
	    strstr(last, digest_format(stranger->digest, text)));
	ck_assert_ptr_nonnull(strstr(last, " key=unproved unlogged=0"));
	now_ms += 1000;
	ck_assert(!gets_past(stranger));
	ck_assert_uint_eq(count_records(f, last), 1);
	ck_assert_ptr_nonnull(strstr(last, " unlogged=2"));
	(void)fclose(f);
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
	TCase *t = tcase_create("allow");

	tcase_add_checked_fixture(t, setup, uninstall);
	tcase_add_test(t, digests_are_read_in_order);
	tcase_add_test(t, what_is_no_digest_is_named);
	tcase_add_test(t, without_a_list_everybody_gets_through);
	tcase_add_test(t, who_is_on_the_list_gets_through_and_nobody_else);
	tcase_add_test(t, refusals_are_logged_as_unproved_and_so_many_a_second);
	return suite_run("allow", (TCase *[]){t, NULL});
}
