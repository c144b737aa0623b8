/* The way to a control that has a name. */
#include <check.h>
#include <string.h>

#include "dataplane/resolver.h"
#include "tests/unit/dataplane/far_node.h"
#include "tests/unit/suite.h"

static resolver_fn *answer;
static unsigned n_asked;
static char token; /* what a resolver is, to those who hold one */

struct resolver *__wrap_resolver_new(struct loop *loop, const char *host,
    uint16_t port, resolver_fn *fn, void *arg);
void __wrap_resolver_free(struct resolver *r);
void __wrap_resolver_ask(struct resolver *r);

struct resolver *
__wrap_resolver_new(struct loop *loop, const char *host, uint16_t port,
    resolver_fn *fn, void *arg)
{
	(void)loop;
	ck_assert_str_eq(host, "control.example");
	ck_assert_uint_eq(port, 7447);
	ck_assert_ptr_eq(arg, far.node);
	answer = fn;
	return (void *)&token;
}

void
__wrap_resolver_free(struct resolver *r)
{
	(void)r;
}

void
__wrap_resolver_ask(struct resolver *r)
{
	ck_assert_ptr_eq(r, (void *)&token);
	n_asked++;
}

static void
set_up(void)
{
	n_asked = 0;
	far_begin("tcp://control.example:7447");
}

static void
say(const char *first, const char *second)
{
	struct addr addrs[2] = {{.port = 0}};
	size_t n = 0;

	if (first != NULL)
		ck_assert_int_eq(addr_parse(&addrs[n++], first), 0);
	if (second != NULL)
		ck_assert_int_eq(addr_parse(&addrs[n++], second), 0);
	answer(far.node, addrs, n, "no such name");
}

START_TEST(a_name_is_asked_for_before_anything_is_connected)
{
	ck_assert_uint_eq(n_asked, 1);
	ck_assert_uint_eq(fake_links.n_opened, 0);
	far_advance(IPC_HELLO_MS * 3); /* nobody to say hello to */
	ck_assert_uint_eq(far.n_sent, 0);
	say("127.0.0.1:7447", NULL);
	ck_assert_str_eq(fake_links.url, "tcp://127.0.0.1:7447");
	far_advance(IPC_HELLO_MS);
	ck_assert_uint_ge(far.n_sent, 1);
	far_end();
}
END_TEST

START_TEST(it_is_asked_for_again_while_there_is_no_session)
{
	say(NULL, NULL);
	ck_assert_uint_eq(fake_links.n_opened, 0);
	far_advance(UPLINK_RENEW_MS + IPC_HELLO_MS);
	ck_assert_uint_eq(n_asked, 2);
	say("127.0.0.1:7447", NULL);
	far_advance(UPLINK_RENEW_MS + IPC_HELLO_MS);
	ck_assert_uint_eq(n_asked, 3);
	say("127.0.0.2:7447", NULL);
	ck_assert_str_eq(fake_links.url, "tcp://127.0.0.2:7447");
	ck_assert_uint_eq(fake_links.n_opened, 2);
	far_end();
}
END_TEST

START_TEST(an_answer_without_an_address_leaves_what_was_there)
{
	say("127.0.0.1:7447", NULL);
	say(NULL, NULL);
	ck_assert_uint_eq(fake_links.n_opened, 1);
	far_advance(IPC_HELLO_MS);
	ck_assert_uint_ge(far.n_sent, 1);
	far_end();
}
END_TEST

START_TEST(each_of_several_addresses_has_its_turn)
{
	say("[::1]:7447", "127.0.0.1:7447");
	ck_assert_str_eq(fake_links.url, "tcp://[::1]:7447");
	say("[::1]:7447", "127.0.0.1:7447");
	ck_assert_str_eq(fake_links.url, "tcp://127.0.0.1:7447");
	say("[::1]:7447", "127.0.0.1:7447");
	ck_assert_str_eq(fake_links.url, "tcp://[::1]:7447");
	far_end();
}
END_TEST

START_TEST(an_answer_moves_no_session)
{
	say("127.0.0.1:7447", NULL);
	far_advance(IPC_HELLO_MS);
	far_session(0x5e55);
	say("127.0.0.2:7447", NULL);
	ck_assert_uint_eq(fake_links.n_opened, 1);
	ck_assert_uint_eq(n_asked, 1);
	far_end();
}
END_TEST

START_TEST(what_is_no_place_is_refused)
{
	ck_assert_ptr_null(uplink_check_url("tcp://control.example:7447"));
	ck_assert_ptr_null(uplink_check_url("tcp://[2001:db8::1]:7447"));
	ck_assert_ptr_null(uplink_check_url("ipc:///run/c.ipc"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://*:7447"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://0.0.0.0:7447"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://[::]:7447"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://[fe80::1]:7447"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://control.example"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://control.example:0"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://a;b:7447"));
	ck_assert_ptr_nonnull(uplink_check_url("tcp://"));
	far_end();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("uplink");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_name_is_asked_for_before_anything_is_connected);
	tcase_add_test(tc, it_is_asked_for_again_while_there_is_no_session);
	tcase_add_test(tc, an_answer_without_an_address_leaves_what_was_there);
	tcase_add_test(tc, each_of_several_addresses_has_its_turn);
	tcase_add_test(tc, an_answer_moves_no_session);
	tcase_add_test(tc, what_is_no_place_is_refused);
	return suite_run("uplink", (TCase *[]){tc, NULL});
}
