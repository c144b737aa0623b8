/* The thread that looks names up, with a name server of the test's. */
#include <arpa/inet.h>
#include <check.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "dataplane/resolver.h"
#include "tests/unit/suite.h"

static struct loop *loop;
static sem_t gate; /* what each look-up waits for */
static pthread_t thread;
static atomic_uint n_lookups;
static unsigned n_answers;
static size_t n_addrs;
static struct addr newest;

int __wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **ai);
void __wrap_freeaddrinfo(struct addrinfo *ai);
int __wrap_pthread_detach(pthread_t detached);

/* 192.0.2.1, then .2, and so on; the fourth fails. */
int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **ai)
{
	static struct sockaddr_in sin;
	static struct addrinfo answer;
	unsigned n = atomic_fetch_add(&n_lookups, 1) + 1;

	(void)service;
	(void)hints;
	ck_assert_str_eq(host, "name.example");
	(void)sem_wait(&gate);
	sin = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000200u + n)};
	answer = (struct addrinfo){.ai_addr = (struct sockaddr *)&sin};
	*ai = &answer;
	return n == 4 ? EAI_AGAIN : 0;
}

void
__wrap_freeaddrinfo(struct addrinfo *ai)
{
	(void)ai;
}

/* To be waited for: it may not be at work when a case is over. */
int
__wrap_pthread_detach(pthread_t detached)
{
	thread = detached;
	return 0;
}

static void
on_answer(void *arg, const struct addr *addrs, size_t n, const char *why)
{
	ck_assert_ptr_eq(arg, &n_answers);
	ck_assert_ptr_nonnull(why);
	n_answers++;
	n_addrs = n;
	if (n > 0)
		newest = addrs[0];
	loop_stop(loop);
}

static struct resolver *
set_up(void)
{
	struct resolver *r;

	loop = loop_new();
	ck_assert_int_eq(sem_init(&gate, 0, 0), 0);
	r = resolver_new(loop, "name.example", 7447, on_answer, &n_answers);
	ck_assert_ptr_nonnull(r);
	return r;
}

static void
tear_down(struct resolver *r)
{
	resolver_free(r);
	loop_free(loop);
	(void)sem_post(&gate);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void
check_newest(const char *wanted)
{
	char text[ADDR_TEXT_CAP];

	ck_assert_uint_eq(n_addrs, 1);
	ck_assert_str_eq(addr_format(&newest, text), wanted);
}

START_TEST(each_question_has_its_answer)
{
	struct resolver *r = set_up();

	for (unsigned i = 0; i < 4; i++) {
		resolver_ask(r);
		(void)sem_post(&gate);
		ck_assert_int_eq(loop_run(loop), 0);
		ck_assert_uint_eq(n_answers, i + 1);
		if (i == 0)
			check_newest("192.0.2.1:7447");
		if (i == 1)
			check_newest("192.0.2.2:7447");
	}
	ck_assert_uint_eq(n_addrs, 0);
	tear_down(r);
}
END_TEST

START_TEST(one_look_up_is_under_way_at_most)
{
	struct resolver *r = set_up();

	for (int i = 0; i < 3; i++)
		resolver_ask(r);
	(void)sem_post(&gate);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_uint_eq(atomic_load(&n_lookups), 1);
	tear_down(r);
}
END_TEST

START_TEST(one_that_hangs_holds_up_no_end)
{
	struct resolver *r = set_up();

	resolver_ask(r);
	while (atomic_load(&n_lookups) == 0)
		ck_assert_int_eq(loop_turn(loop), 0);
	tear_down(r);
	ck_assert_uint_eq(n_answers, 0);
}
END_TEST

START_TEST(one_that_was_asked_nothing_ends_too)
{
	tear_down(set_up());
	resolver_free(NULL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("resolver");

	tcase_add_test(tc, each_question_has_its_answer);
	tcase_add_test(tc, one_look_up_is_under_way_at_most);
	tcase_add_test(tc, one_that_hangs_holds_up_no_end);
	tcase_add_test(tc, one_that_was_asked_nothing_ends_too);
	return suite_run("resolver", (TCase *[]){tc, NULL});
}
