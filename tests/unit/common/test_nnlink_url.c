#include <check.h>
#include <errno.h>
#include <string.h>

#include "common/nnlink.h"
#include "tests/unit/suite.h"

static void
on_any(void *arg, const void *p, size_t len)
{
	(void)arg;
	(void)p;
	(void)len;
}

static const struct {
	const char *url;
	const char *bind;    /* a part of why not; NULL = fine */
	const char *connect; /* the same */
} URLS[] = {
    {"ipc:///run/carrick/control.events.ipc", NULL, NULL},
    {"", "it must begin with ipc:// or tcp://", "ipc:// or tcp://"},
    {"ipc", "it must begin with ipc:// or tcp://", "ipc:// or tcp://"},
    {"inproc://x", "it must begin with ipc:// or tcp://", "ipc:// or tcp://"},
    {"ipc://", "an absolute path must follow", "an absolute path"},
    {"ipc://run/x", "an absolute path must follow", "an absolute path"},
    {"ipc:///", "it must end in the name of a socket", "the name of a socket"},
    {"ipc:///run/carrick/", "the name of a socket", "the name of a socket"},
    {"tcp://127.0.0.1:7447", NULL, NULL},
    {"tcp://[2001:db8::1]:7447", NULL, NULL},
    {"tcp://*:7447", NULL, "an address and a port must follow tcp://"},
    {"tcp://0.0.0.0:7447", NULL, "an address and a port must follow tcp://"},
    {"tcp://[::]:7447", NULL, "an address and a port must follow tcp://"},
    {"tcp://169.254.1.1:7447", NULL, NULL},
    {"tcp://[fe80::1]:7447", NULL, "a link-local IPv6 address"},
    {"tcp://", "or tcp://*:7447", "an address and a port must follow"},
    {"tcp://*", "an address and a port", "an address and a port"},
    {"tcp://*:0", "an address and a port", "an address and a port"},
    {"tcp://*:7447x", "an address and a port", "an address and a port"},
    {"tcp://*:65536", "an address and a port", "an address and a port"},
    {"tcp://*:1111111111111111111111111111111111111111111111111111111111",
	"an address and a port", "an address and a port"},
    {"tcp://127.0.0.1:0", "an address and a port", "an address and a port"},
    {"tcp://127.0.0.1", "an address and a port", "an address and a port"},
    {"tcp://localhost:7447", "an address and a port", "an address and a port"},
    {"tcp://eth0;127.0.0.1:7447", "an address", "an address and a port"},
};

/* why_not: what is wrong with URLS[i]; why: what was said. */
static void
check(const char *why_not, int rc, const char *why)
{
	if (why_not == NULL) {
		ck_assert_int_eq(rc, 0);
		return;
	}
	ck_assert_int_eq(rc, -1);
	ck_assert_msg(strstr(why, why_not) != NULL, "%s", why);
}

START_TEST(a_url_that_would_harm_is_refused)
{
	const char *url = URLS[_i].url, *why = NULL;
	struct loop *loop = loop_new();

	int rc = nnlink_check_bind(url, &why);

	check(URLS[_i].bind, rc, why);
	rc = nnlink_check_connect(url, &why);
	check(URLS[_i].connect, rc, why);
	if (URLS[_i].connect != NULL) {
		ck_assert_ptr_null(nnlink_out_new(loop, url, 1));
		ck_assert_int_eq(errno, EINVAL);
	}
	if (URLS[_i].bind != NULL) {
		ck_assert_ptr_null(
		    nnlink_in_new(loop, url, 0600, 1, on_any, NULL, NULL));
		ck_assert_int_eq(errno, EINVAL);
	}
	loop_free(loop);
}
END_TEST

START_TEST(an_address_and_its_url_are_the_same)
{
	static const char *const SAME[] = {
	    "tcp://10.0.0.1:7447", "tcp://[2001:db8::1]:1", "tcp://[::]:65535"};
	char url[NNLINK_URL_CAP];
	struct addr a;

	for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) {
		ck_assert_int_eq(nnlink_tcp_addr(&a, SAME[i]), 0);
		ck_assert_str_eq(nnlink_tcp_url(&a, url), SAME[i]);
	}
	ck_assert_int_eq(nnlink_tcp_addr(&a, "tcp://*:7"), 0);
	ck_assert_str_eq(nnlink_tcp_url(&a, url), "tcp://[::]:7");
	ck_assert_int_eq(nnlink_tcp_addr(&a, "ipc:///x"), -1);
	ck_assert(nnlink_is_tcp("tcp://*:7"));
	ck_assert(!nnlink_is_tcp("ipc:///x"));
}
END_TEST

START_TEST(a_path_has_at_most_107_bytes)
{
	char long_url[6 + 109] = "ipc:///";
	const char *why;

	memset(long_url + 7, 'x', 107);
	long_url[6 + 107] = '\0';
	ck_assert_int_eq(nnlink_check_bind(long_url, &why), 0);
	long_url[6 + 107] = 'x';
	long_url[6 + 108] = '\0';
	ck_assert_int_eq(nnlink_check_bind(long_url, &why), -1);
	ck_assert_ptr_nonnull(strstr(why, "longer than 107 bytes"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nnlink url");

	tcase_add_loop_test(tc, a_url_that_would_harm_is_refused, 0,
	    sizeof URLS / sizeof *URLS);
	tcase_add_test(tc, an_address_and_its_url_are_the_same);
	tcase_add_test(tc, a_path_has_at_most_107_bytes);
	return suite_run("nnlink url", (TCase *[]){tc, NULL});
}
