#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "client/resolve.h"
#include "tests/unit/suite.h"

#define SURPLUS 4 /* look-ups beyond those that have a thread */

static struct loop *loop;
static sem_t gate; /* what each look-up waits for */
static atomic_uint n_lookups;
static pthread_t threads[RESOLVE_THREADS_MAX + SURPLUS];
static unsigned n_threads;
static unsigned n_answers;
static unsigned stop_at; /* answers */

int __wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **ai);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*fn)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*fn)(void *), void *arg);
int __wrap_pthread_detach(pthread_t thread);

int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **ai)
{
	(void)service;
	(void)hints;
	(void)ai;
	ck_assert_str_eq(host, "name.example");
	atomic_fetch_add(&n_lookups, 1);
	(void)sem_wait(&gate);
	return EAI_NONAME;
}

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*fn)(void *), void *arg)
{
	n_threads++;
	ck_assert_uint_le(n_threads, sizeof threads / sizeof *threads);
	return __real_pthread_create(thread, attr, fn, arg);
}

/* To be waited for by teardown: none may be at work when a case is over. */
int
__wrap_pthread_detach(pthread_t thread)
{
	threads[n_threads - 1] = thread;
	return 0;
}

static void
on_answer(void *arg, const struct addr *addrs, size_t n, const char *why)
{
	(void)arg;
	(void)addrs;
	ck_assert_uint_eq(n, 0);
	ck_assert_str_eq(why, gai_strerror(EAI_NONAME));
	if (++n_answers == stop_at)
		loop_stop(loop);
}

static struct resolve *
begin(void)
{
	struct resolve *r =
	    resolve_start(loop, "name.example", 1, on_answer, NULL);

	ck_assert_ptr_nonnull(r);
	return r;
}

static void
let_through(unsigned n)
{
	while (n-- > 0)
		ck_assert_int_eq(sem_post(&gate), 0);
}

static void
setup(void)
{
	n_lookups = n_threads = n_answers = 0;
	loop = loop_new_boot();
	ck_assert_int_eq(sem_init(&gate, 0, 0), 0);
}

static void
teardown(void)
{
	loop_free(loop);
	for (unsigned i = 0; i < n_threads; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

START_TEST(so_many_threads_and_the_others_wait_in_line)
{
	stop_at = RESOLVE_THREADS_MAX + SURPLUS;
	for (unsigned i = 0; i < stop_at; i++)
		(void)begin();
	ck_assert_uint_eq(n_threads, RESOLVE_THREADS_MAX);
	let_through(stop_at);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_uint_eq(n_answers, stop_at);
	ck_assert_uint_eq(n_lookups, stop_at);
}
END_TEST

START_TEST(who_is_gone_from_the_line_is_not_looked_up)
{
	struct resolve *gone;

	stop_at = RESOLVE_THREADS_MAX + 1;
	for (unsigned i = 0; i < RESOLVE_THREADS_MAX; i++)
		(void)begin();
	gone = begin();
	(void)begin();
	resolve_cancel(gone);
	let_through(stop_at);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_uint_eq(n_lookups, stop_at);
}
END_TEST

START_TEST(a_literal_needs_no_thread)
{
	struct resolve *r = resolve_start(loop, "::1", 1, on_answer, NULL);

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(n_threads, 0);
	resolve_cancel(r);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("resolve");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, so_many_threads_and_the_others_wait_in_line);
	tcase_add_test(t, who_is_gone_from_the_line_is_not_looked_up);
	tcase_add_test(t, a_literal_needs_no_thread);
	return suite_run("resolve", (TCase *[]){t, NULL});
}
