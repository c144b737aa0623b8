/*
 * No wake-up is lost: readers and writers of 64 pairs stop and start at random
 * while two workers, in their own threads, pump. Now and then nobody writes
 * any more, and all that was written has to arrive by itself: an event that
 * was missed would be made up for by the next one otherwise.
 *
 * A watchdog looks at the sockets under test meanwhile: a way whose source is
 * readable and whose sink is writable must not stand still for a second of its
 * worker's own time.
 */
#include <check.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "tests/unit/dataplane/own_time.h"
#include "tests/unit/dataplane/ways.h"
#include "tests/unit/suite.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define STEPS	 20000
#define STILL_MS 5000
#else
#define STEPS	 334000 /* for each pool: a million in all */
#define STILL_MS 1000
#endif
#define STEPS_A_DRAIN 4096
#define END_MS	      10000

/* What the watchdog saw of each way. */
static struct seen {
	uint64_t moved;	  /* bytes */
	uint64_t good_ms; /* when it was last in order; own time */
} seen[WAYS];

static bool
is_ready(int fd, short what)
{
	struct pollfd p = {.fd = fd, .events = what};

	return poll(&p, 1, 0) == 1 && (p.revents & what) != 0;
}

static void
watch_one(const struct way *w, struct seen *last)
{
	uint64_t moved = way_moved(w), now_ms = own_time_ms(w->worker);

	if (moved != last->moved || !is_ready(w->source, POLLIN) ||
	    !is_ready(w->sink, POLLOUT)) {
		last->moved = moved;
		last->good_ms = now_ms;
	}
	ck_assert_msg(now_ms - last->good_ms < STILL_MS,
	    "way %td stands still at %" PRIu64 " of %" PRIu64, w - ways, moved,
	    w->n_written);
}

static void
watch(void)
{
	if (!own_time_look())
		return;
	for (int i = 0; i < WAYS; i++)
		watch_one(&ways[i], &seen[i]);
}

static void
step(void)
{
	struct way *w = &ways[ways_below(WAYS)];

	if (ways_below(2) == 0)
		w->writes = !w->writes;
	else
		w->reads = !w->reads;
	w = &ways[ways_below(WAYS)];
	if (w->writes)
		way_write_some(w);
	if (w->reads)
		(void)way_read_some(w);
}

/* Nobody writes: what was written arrives. Returns whether all has. */
static bool
drain_pass(bool *moved)
{
	bool complete = true;

	*moved = false;
	for (int i = 0; i < WAYS; i++) {
		struct way *w = &ways[i];

		if (w->n_read < w->n_written)
			*moved |= way_read_some(w);
		complete &= w->n_read == w->n_written;
	}
	return complete;
}

static void
say_what_is_missing(void)
{
	for (int i = 0; i < WAYS; i++)
		if (ways[i].n_read < ways[i].n_written)
			(void)printf("way %d: %" PRIu64 " of %" PRIu64 "\n", i,
			    ways[i].n_read, ways[i].n_written);
	(void)fflush(stdout); /* before the abort */
}

static void
drain(void)
{
	uint64_t moved_ms = own_time_least_ms();
	bool moved;

	while (!drain_pass(&moved)) {
		uint64_t now_ms = own_time_least_ms();

		watch();
		if (moved)
			moved_ms = now_ms;
		else
			(void)poll(NULL, 0, 1); /* the workers' turn */
		if (now_ms - moved_ms < STILL_MS)
			continue;
		say_what_is_missing();
		ck_abort_msg("bytes that were written do not arrive");
	}
}

/* Half-closes pass on, and each pair reports what it moved. */
static void
end(void)
{
	uint64_t until_ms = own_time_least_ms() + END_MS;

	ways_half_close();
	while (!ways_have_ended()) {
		ck_assert_uint_lt(own_time_least_ms(), until_ms);
		(void)own_time_look();
		(void)poll(NULL, 0, 1);
	}
	ways_end();
}

/* Pipes for all, for none, and for so few that every pair has to do without
 * now and then. */
static const size_t POOLS[] = {WAYS, 0, 3};

START_TEST(no_wake_up_is_lost)
{
	uint64_t n_spliced = 0, n_copied = 0;

	ways_begin(POOLS[_i]);
	for (int i = 1; i <= STEPS; i++) {
		step();
		if (i % STEPS_A_DRAIN == 0)
			drain();
		if (i % 64 == 0)
			watch();
	}
	drain();
	for (int i = 0; i < WORKERS; i++) {
		n_spliced += workers[i].bytes_spliced;
		n_copied += workers[i].bytes_copied;
	}
	(void)printf("steps=%d pipes=%zu spliced=%" PRIu64 " copied=%" PRIu64
		     "\n",
	    STEPS, POOLS[_i], n_spliced, n_copied);
	ck_assert_int_eq(n_spliced > 0, POOLS[_i] > 0);
	ck_assert_int_eq(n_copied > 0, POOLS[_i] < WAYS);
	end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("wakeups");

	tcase_set_timeout(t, 300);    /* beside ten busy loops it takes 45 s */
	tcase_set_tags(t, "million"); /* not under valgrind */
	tcase_add_loop_test(t, no_wake_up_is_lost, 0, 3);
	return suite_run("wakeups", (TCase *[]){t, NULL});
}
