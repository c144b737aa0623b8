#include "tests/unit/dataplane/own_time.h"

#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/dataplane/ways.h"

static atomic_int tids[WORKERS]; /* 0: its thread has not begun */
static uint64_t slept_ms[WORKERS];

int __real_loop_run(struct loop *l);
int __wrap_loop_run(struct loop *l);

int
__wrap_loop_run(struct loop *l)
{
	int i = 0;

	while (workers[i].loop != l) /* later ones may not be made yet */
		i++;
	tids[i] = gettid();
	return __real_loop_run(l);
}

/* By the letter behind its name, which is in brackets; see proc(5). */
static bool
sleeps(int worker)
{
	char path[64], stat[256] = "";
	const char *name_end;
	FILE *f;

	(void)snprintf(
	    path, sizeof path, "/proc/self/task/%d/stat", (int)tids[worker]);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	(void)!fgets(stat, sizeof stat, f);
	(void)fclose(f);
	name_end = strrchr(stat, ')');
	return name_end != NULL && strncmp(name_end, ") S", 3) == 0;
}

bool
own_time_look(void)
{
	static uint64_t looked_ms;
	uint64_t now_ms = clock_now_ms();

	if (now_ms - looked_ms < OWN_TIME_LOOK_MS)
		return false;
	looked_ms = now_ms;
	for (int i = 0; i < WORKERS; i++)
		slept_ms[i] += sleeps(i) ? OWN_TIME_LOOK_MS : 0;
	return true;
}

uint64_t
own_time_ms(int worker)
{
	struct timespec ran;
	clockid_t clock;

	ck_assert_int_eq(
	    pthread_getcpuclockid(workers[worker].thread, &clock), 0);
	ck_assert_int_eq(clock_gettime(clock, &ran), 0);
	return slept_ms[worker] + (uint64_t)ran.tv_sec * 1000 +
	       (uint64_t)ran.tv_nsec / 1000000;
}

uint64_t
own_time_least_ms(void)
{
	uint64_t least = own_time_ms(0);

	for (int i = 1; i < WORKERS; i++)
		if (own_time_ms(i) < least)
			least = own_time_ms(i);
	return least;
}
